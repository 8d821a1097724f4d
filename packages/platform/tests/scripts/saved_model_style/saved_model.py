"""Gives the address straight to TensorFlow: no moxing, three strict arguments, an empty model."""
import argparse
import os

import tensorflow as tf

PARSER = argparse.ArgumentParser()
PARSER.add_argument("--data_url", type=str, default="cache/data")
PARSER.add_argument("--train_url", type=str, default="cache/output")
PARSER.add_argument("--num_gpus", type=int, default=1)
ARGS = PARSER.parse_args()

model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(4,))])
tf.saved_model.save(model, os.path.join(ARGS.train_url, "model"))
print("tensorflow", tf.__version__, "wrote to", ARGS.train_url)
