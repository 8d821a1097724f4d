"""Keras through TensorFlow 2: fit, HDF5, SavedModel and TensorBoard."""

import numpy as np
import tensorflow as tf

layers = tf.keras.layers
model = tf.keras.Sequential(
    [layers.Conv2D(4, 3, activation="relu", input_shape=(8, 8, 1)), layers.Flatten(), layers.Dense(3, "softmax")]
)
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
random = np.random.RandomState(0)
board = tf.keras.callbacks.TensorBoard("events")
fitted = model.fit(random.rand(32, 8, 8, 1), random.randint(0, 3, 32), epochs=2, verbose=0, callbacks=[board])
assert fitted.history["loss"][-1] < 10
model.save("model.h5")
assert tf.keras.models.load_model("model.h5").predict(random.rand(2, 8, 8, 1)).shape == (2, 3)
tf.saved_model.save(model, "model")
if tuple(map(int, tf.__version__.split(".")[:2])) >= (2, 16):
    import tf_keras

    print("tf_keras", tf_keras.__version__)
print("version", tf.__version__)
