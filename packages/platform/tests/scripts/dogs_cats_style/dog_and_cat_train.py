"""TensorFlow 1 flags, a tar.gz unpacked by the shell under /cache, events, a SavedModel, metric.json."""
import json
import os

import numpy as np
import tensorflow as tf
from moxing.framework import file

tf.flags.DEFINE_integer("max_epochs", 2, "epochs")
tf.flags.DEFINE_string("data_url", "", "data")
tf.flags.DEFINE_string("train_url", "", "output")
tf.flags.DEFINE_integer("batch_size", 4, "batch")
tf.flags.DEFINE_integer("num_gpus", 0, "gpus")
tf.flags.DEFINE_float("learning_rate", 0.1, "rate")
FLAGS = tf.flags.FLAGS

DATA = "/cache/data/"
OUTPUT = "/cache/output/"


def read_data():
    file.copy_parallel(FLAGS.data_url, DATA)
    assert os.system("cd %s; tar -xzf dog_and_cat.tar.gz" % DATA) == 0
    names = sorted(os.listdir(os.path.join(DATA, "images")))
    images = np.stack([np.load(os.path.join(DATA, "images", name)) for name in names])
    return images.astype("float32"), np.array([int(name.startswith("dog")) for name in names])


def main(_):
    images, labels = read_data()
    x = tf.placeholder(tf.float32, [None, 8], name="images")
    y = tf.placeholder(tf.int64, [None])
    logits = tf.layers.dense(x, 2)
    loss = tf.losses.sparse_softmax_cross_entropy(y, logits)
    step = tf.train.GradientDescentOptimizer(FLAGS.learning_rate).minimize(loss)
    correct = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, 1), y), tf.float32))
    summary = tf.summary.scalar("loss", loss)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        writer = tf.summary.FileWriter(OUTPUT, session.graph)
        for epoch in range(FLAGS.max_epochs):
            for start in range(0, len(images), FLAGS.batch_size):
                batch = {x: images[start : start + FLAGS.batch_size], y: labels[start : start + FLAGS.batch_size]}
                session.run(step, batch)
            writer.add_summary(session.run(summary, {x: images, y: labels}), epoch)
        writer.close()
        accuracy = float(session.run(correct, {x: images, y: labels}))
        builder = tf.saved_model.builder.SavedModelBuilder(os.path.join(OUTPUT, "model"))
        signature = tf.saved_model.signature_def_utils.predict_signature_def({"images": x}, {"logits": logits})
        builder.add_meta_graph_and_variables(
            session, [tf.saved_model.tag_constants.SERVING], {"segmentation": signature}
        )
        builder.save()
    with open(os.path.join(OUTPUT, "metric.json"), "w") as out:
        json.dump({"total_metric": {"total_metric_values": {"accuracy": accuracy}}}, out)
    file.copy_parallel(OUTPUT, FLAGS.train_url)


if __name__ == "__main__":
    tf.app.run()
