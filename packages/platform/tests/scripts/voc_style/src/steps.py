import os


def train(data, checkpoint, output):
    os.makedirs(output)
    start = open(os.path.join(checkpoint, "start.ckpt")).read()
    names = os.listdir(os.path.join(data, "JPEGImages"))
    for step in (1, 2):
        print("epoch: 1, step: %d, outputs are %f" % (step, 1.0 / step))
        with open(os.path.join(output, "checkpoint_deeplabv3-1_%d.ckpt" % step), "w") as file:
            file.write("%s after %d of %d" % (start, step, len(names)))
