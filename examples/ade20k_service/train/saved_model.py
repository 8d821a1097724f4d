"""Makes the SavedModel that the model package starts from. It trains nothing.

With the network's weights in data_url the SavedModel is the network, with a signature that can be called. Without them
it is an empty model without a signature, which is enough for a package whose service loads its own weights.
"""

import argparse

import tensorflow as tf

WEIGHTS = "deeplabv3_xception65_ade20k.h5"

PARSER = argparse.ArgumentParser()
PARSER.add_argument("--data_url", type=str, default="cache/data", help="the folder of the weights")
PARSER.add_argument("--train_url", type=str, default="cache/output", help="the folder that gets model/")
PARSER.add_argument("--num_gpus", type=int, default=1, help="given by ModelArts; not used")
ARGS = PARSER.parse_args()


def save_empty_model(folder):
    tf.saved_model.save(tf.keras.Model(), folder)
    print(f"No {WEIGHTS} in '{ARGS.data_url}': the SavedModel is empty and has no signature.")


def save_network(weights, folder):
    from core.network import INPUT_SIZE, build_network  # the link train/core
    from core.weights import load_weights

    network = build_network()
    load_weights(network, weights)

    @tf.function(input_signature=[tf.TensorSpec((None, INPUT_SIZE, INPUT_SIZE, 3), tf.float32, name="images")])
    def segment(images):
        return {"classes": tf.argmax(network(images, training=False), axis=-1, output_type=tf.int32)}

    model = tf.Module()  # only what the signature needs: Keras would add each layer by itself, which takes a minute
    model.variables_of_network = network.variables
    tf.saved_model.save(model, folder, signatures={"serving_default": segment})
    print("The SavedModel is the network with the weights given.")


def fetch(url):
    """A local file of the same content; ModelArts' older jobs give addresses, s3://…"""
    if "://" not in url:
        return url
    tf.io.gfile.copy(url, WEIGHTS, overwrite=True)
    return WEIGHTS


if __name__ == "__main__":
    weights = f"{ARGS.data_url.rstrip('/')}/{WEIGHTS}"
    folder = f"{ARGS.train_url.rstrip('/')}/model"
    if tf.io.gfile.exists(weights):
        save_network(fetch(weights), folder)
    else:
        save_empty_model(folder)
