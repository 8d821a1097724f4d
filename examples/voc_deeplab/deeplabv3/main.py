"""Trains DeepLabV3 with ResNet50 on PASCAL VOC 2012, or fine-tunes it from a checkpoint, and evaluates it."""

import argparse
import json
import os
import shutil

import mindspore.nn as nn
import moxing as mox
from mindspore import context, set_seed
from mindspore.communication.management import get_group_size, get_rank, init
from mindspore.train.callback import CheckpointConfig, ModelCheckpoint
from mindspore.train.model import Model
from src.callbacks import LossCallBack, TimeMonitor
from src.checkpoint import freeze, last_checkpoint, load_weights
from src.config import config
from src.data_set import create_dataset
from src.deeplabv3 import deeplabv3_resnet50
from src.losses import OhemLoss
from src.miou_precision import MiouOfBatches, MiouPrecision

PREFIX = "checkpoint_deeplabv3"
FROZEN = "layer"
NOT_TRAINED = ("beta", "gamma", "depth", "bias")


def parse_arguments():
    parser = argparse.ArgumentParser(description="DeepLabV3 training")
    parser.add_argument("--distribute", default="false", choices=["true", "false"], help="train on several devices")
    parser.add_argument("--data_url", required=True, help="the data set in VOC's layout")
    parser.add_argument("--train_url", required=True, help="where the results go")
    parser.add_argument("--checkpoint_url", help="a folder with the checkpoint to fine-tune from")
    return parser.parse_args()


def main():
    args = parse_arguments()
    set_seed(config.seed)
    context.set_context(mode=context.GRAPH_MODE, device_target="Ascend")
    args.devices, args.device = 1, 0
    if args.distribute == "true":
        init()
        args.devices, args.device = get_group_size(), get_rank()
    if args.devices > 1:
        context.set_auto_parallel_context(parallel_mode="data_parallel", gradients_mean=True, device_num=args.devices)

    mox.file.copy_parallel(src_url=args.data_url, dst_url="voc2012/")
    net = make_network()
    if args.checkpoint_url:
        mox.file.copy_parallel(src_url=args.checkpoint_url, dst_url="checkpoint/")
        path = last_checkpoint("checkpoint/")
        load_weights(net, path)
        freeze(net, FROZEN)
        print("fine-tuning from %s; parameters named %s stay as they are" % (path, FROZEN), flush=True)

    evaluation = Evaluation(args, net)
    before = evaluation.miou("before training")
    train(args, net)
    after = evaluation.miou("after training")
    if args.device == 0:
        leave_results(args.train_url, before, after)


def make_network():
    return deeplabv3_resnet50(
        config.num_classes, [config.batch_size, 3, config.crop_size, config.crop_size],
        config.image_pyramid, config.infer_scale_sizes, config.atrous_rates, config.decoder_output_stride,
        config.output_stride, config.fine_tune_batch_norm,
    )  # fmt: skip


def train(args, net):
    data = create_dataset(args, "voc2012", batch_size=config.batch_size, usage="train")
    steps = data.get_dataset_size()
    if steps == 0:
        raise ValueError("There are fewer pictures than a batch of %d. Set a smaller batch_size." % config.batch_size)
    parameters = [p for p in net.trainable_params() if not any(word in p.name for word in NOT_TRAINED)]
    rates = nn.polynomial_decay_lr(
        config.learning_rate, config.learning_rate / 100, steps * config.epoch_num, steps, config.epoch_num, power=0.9
    )
    optimizer = nn.Momentum(parameters, rates, config.momentum, config.weight_decay)
    loss = OhemLoss(config.num_classes, config.ignore_label, config.hardest, config.background_weight)
    callbacks = [TimeMonitor(), LossCallBack(config.per_print_times)]
    if args.device == 0:
        saving = CheckpointConfig(
            config.save_checkpoint_steps, keep_checkpoint_max=config.keep_checkpoint_max, saved_network=net
        )
        callbacks.append(ModelCheckpoint(prefix=PREFIX, directory="ckpt", config=saving))
    Model(net, loss, optimizer).train(config.epoch_num, data, callbacks, dataset_sink_mode=False)


class Evaluation:
    """The network judged by the pictures of val.txt, one at a time."""

    def __init__(self, args, net):
        self.data = create_dataset(args, "voc2012", usage="val", shuffle=False)
        metrics = {"miou": MiouPrecision(config.num_classes), "miou_of_batches": MiouOfBatches(config.num_classes)}
        self.model = Model(net, eval_network=WithLabel(net), metrics=metrics)

    def miou(self, when):
        figures = self.model.eval(self.data, dataset_sink_mode=False)
        text = "%s: mIoU %.4f, mean IoU of batches %.4f"
        print(text % (when, figures["miou"], figures["miou_of_batches"]), flush=True)
        return figures


class WithLabel(nn.Cell):
    """A prediction together with the truth, as metrics take them."""

    def __init__(self, net):
        super().__init__(auto_prefix=False)
        self.net = net

    def construct(self, image, label):
        return self.net(image), label


def leave_results(train_url, before, after):
    """Checkpoints in ckpt/, figures in metric.json, and in model/ what a model package needs of this training."""
    here = os.path.dirname(os.path.abspath(__file__))
    shutil.copytree(os.path.join(here, "src"), "model/src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(last_checkpoint("ckpt"), "model/deeplabv3.ckpt")
    with open("model/src/settings.json", "w") as file:
        json.dump(vars(config), file, indent=2)
    values = {
        "mIoU": after["miou"],
        "mIoU before training": before["miou"],
        "mean IoU of batches": after["miou_of_batches"],
    }
    metric = {"total_metric": {"total_metric_values": values}}
    mox.file.write(os.path.join(train_url, "metric.json"), json.dumps(metric))
    for folder in ("ckpt", "model"):
        mox.file.copy_parallel(src_url=folder, dst_url=os.path.join(train_url, folder))


if __name__ == "__main__":
    main()
