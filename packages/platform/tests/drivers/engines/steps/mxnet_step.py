"""Gluon and the Module API."""

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd

net = gluon.nn.HybridSequential()
with net.name_scope():
    net.add(gluon.nn.Conv2D(4, 3, activation="relu"))
    net.add(gluon.nn.Flatten())
    net.add(gluon.nn.Dense(3))
net.initialize()
trainer = gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 0.01})
criterion = gluon.loss.SoftmaxCrossEntropyLoss()
x, y = nd.random.uniform(shape=(8, 1, 8, 8)), nd.array([0, 1, 2, 0, 1, 2, 0, 1])
losses = []
for _ in range(10):
    with autograd.record():
        loss = criterion(net(x), y)
    loss.backward()
    trainer.step(8)
    losses.append(float(loss.mean().asscalar()))
assert losses[-1] < losses[0], losses

symbol = mx.sym.SoftmaxOutput(mx.sym.FullyConnected(mx.sym.Variable("data"), num_hidden=2), name="softmax")
random = np.random.RandomState(0)
rows, labels = random.rand(16, 4).astype("float32"), random.randint(0, 2, 16).astype("float32")
module = mx.mod.Module(symbol)
module.fit(mx.io.NDArrayIter(rows, labels, 8, label_name="softmax_label"), num_epoch=1)
module.save_checkpoint("net", 0)
print("version", mx.__version__)
