"""A graph, a session, slim, a checkpoint, a SavedModel and Keras, as scripts for TensorFlow 1 have them.

Runs on TensorFlow 1 and, through the compatibility layer, on 2.
"""

import os

import keras
import numpy as np
import tensorflow as tf
import tensorflow.contrib.slim as slim
from keras.layers import Dense
from keras.models import Sequential, load_model

tf.flags.DEFINE_string("train_url", "out", "where the model goes")
FLAGS = tf.flags.FLAGS


def main(_):
    x = tf.placeholder(tf.float32, [None, 4], name="x")
    y = tf.placeholder(tf.float32, [None, 1])
    hidden = tf.layers.dense(x, 8, activation=tf.nn.relu)
    hidden = slim.fully_connected(hidden, 8)
    hidden = tf.contrib.layers.fully_connected(hidden, 8, weights_initializer=tf.contrib.layers.xavier_initializer())
    out = tf.layers.dense(hidden, 1, name="out")
    loss = tf.losses.mean_squared_error(y, out)
    step = tf.train.AdamOptimizer(0.01).minimize(loss)
    tf.summary.scalar("loss", loss)
    summaries, saver = tf.summary.merge_all(), tf.train.Saver()
    inputs = np.random.RandomState(0).rand(64, 4)
    targets = inputs.sum(1, keepdims=True)
    with tf.Session(config=tf.ConfigProto(allow_soft_placement=True)) as session:
        session.run(tf.global_variables_initializer())
        writer = tf.summary.FileWriter(FLAGS.train_url, session.graph)
        losses = []
        for number in range(60):
            value, _, summary = session.run([loss, step, summaries], {x: inputs, y: targets})
            writer.add_summary(summary, number)
            losses.append(value)
        assert losses[-1] < losses[0], losses
        saver.save(session, os.path.join(FLAGS.train_url, "model.ckpt"))
        tf.graph_util.convert_variables_to_constants(session, session.graph_def, ["out/BiasAdd"])
        tf.saved_model.simple_save(session, os.path.join(FLAGS.train_url, "model"), {"x": x}, {"out": out})
    model = Sequential([Dense(4, input_shape=(4,), activation="relu"), Dense(1)])
    model.compile("adam", "mse")
    model.fit(inputs, targets, epochs=1, verbose=0)
    model.save("keras.h5")
    assert load_model("keras.h5").predict(inputs).shape == (64, 1)
    print("version", tf.__version__, "keras", keras.__version__)


if __name__ == "__main__":
    tf.app.run()
