"""Trains a network that tells cats from dogs: a training job for the engine TF-1.13.1-python3.6."""

import json
import sys
from pathlib import Path

import networks
import numpy as np
import pictures
import tensorflow as tf
from moxing.framework import file

keras = tf.keras
tf.logging.set_verbosity(tf.logging.ERROR)

tf.flags.DEFINE_integer("max_epochs", 20, "Most epochs to train.", lower_bound=1)
tf.flags.DEFINE_string("data_url", "", "Folder with one .tar.gz of pictures; for mobilenet also its weights.")
tf.flags.DEFINE_string("train_url", "", "Folder for events, model and metric.json.")
tf.flags.DEFINE_integer("batch_size", 32, "Pictures in a step.", lower_bound=1)
tf.flags.DEFINE_integer("num_gpus", 0, "Given by the platform; one GPU is used.")
tf.flags.DEFINE_float("learning_rate", 1e-4, "Of RMSprop.", lower_bound=0)
tf.flags.DEFINE_integer("patience", 5, "Epochs without a better validation loss before it stops.", lower_bound=1)
tf.flags.DEFINE_enum("network", "vgg16", list(networks.NETWORKS), "What is trained.")
tf.flags.DEFINE_integer("size", None, "Width and height of pictures; else 128, for mobilenet 224.", lower_bound=32)
tf.flags.DEFINE_integer("seed", 0, "Of the first weights and of the order of the pictures.")
FLAGS = tf.flags.FLAGS

DATA = "/cache/data/"
OUTPUT = "/cache/output/"
BEST = "/cache/best.h5"


def main(arguments):
    if arguments[1:]:
        print(f"passed over, not known: {' '.join(arguments[1:])}")
    np.random.seed(FLAGS.seed)
    tf.set_random_seed(FLAGS.seed)
    file.copy_parallel(FLAGS.data_url, DATA)
    classes = pictures.unpack(DATA)
    build, usual_size = networks.NETWORKS[FLAGS.network]
    size = FLAGS.size or usual_size
    print(f"{FLAGS.network} for pictures of {size} x {size}: {', '.join(classes)}")
    train, val, test = (pictures.read(DATA, part, classes, size) for part in ("train", "val", "test"))
    model = build(size, len(classes), DATA)
    fit(model, pictures.mirrored_too(train), val)
    accuracy = judge(model, test, classes)
    save(model, {"network": FLAGS.network, "size": size, "classes": classes})
    metric = {"total_metric": {"total_metric_values": {"accuracy": accuracy}}}
    Path(OUTPUT, "metric.json").write_text(json.dumps(metric))
    file.copy_parallel(OUTPUT, FLAGS.train_url)


def fit(model, train, val):
    """Trains until the validation loss gets no better, and goes back to the best epoch."""
    model.compile(
        optimizer=keras.optimizers.RMSprop(FLAGS.learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    model.fit(
        *train,
        batch_size=FLAGS.batch_size,
        epochs=FLAGS.max_epochs,
        validation_data=val,
        callbacks=[
            keras.callbacks.TensorBoard(OUTPUT),
            keras.callbacks.ModelCheckpoint(BEST, save_best_only=True, save_weights_only=True),
            keras.callbacks.EarlyStopping(patience=FLAGS.patience, verbose=1),
        ],
        verbose=2,
    )
    model.load_weights(BEST)


def judge(model, test, classes):
    """The accuracy on pictures that had no part in the training."""
    images, labels = test
    right = model.predict(images, FLAGS.batch_size).argmax(1) == labels
    for number, name in enumerate(classes):
        print(f"test: {right[labels == number].sum()} of {(labels == number).sum()} {name} right")
    print(f"test accuracy: {right.mean():.4f}")
    return float(right.mean())


def save(model, about):
    """A SavedModel with one signature, whose name is free, and beside it what the service has to know."""
    folder = Path(OUTPUT, "model")
    signature = tf.saved_model.signature_def_utils.predict_signature_def(
        {"images": model.input}, {"logits": model.get_layer("logits").output}
    )
    builder = tf.saved_model.builder.SavedModelBuilder(str(folder))
    builder.add_meta_graph_and_variables(
        keras.backend.get_session(),
        [tf.saved_model.tag_constants.SERVING],
        {"segmentation": signature},
        saver=tf.train.Saver(model.weights),  # without the optimizer's own variables
    )
    builder.save()
    (folder / "network.json").write_text(json.dumps(about))


if __name__ == "__main__":
    try:
        tf.app.run()
    except (tf.flags.Error, pictures.NoPictures, networks.WrongWeights) as problem:
        sys.exit(str(problem))
