"""Adds up the ranks of all nodes by the strategy that reads TF_CONFIG."""

import os

import tensorflow as tf

strategy = tf.distribute.MultiWorkerMirroredStrategy()
rank = float(os.environ["VC_TASK_INDEX"])


@tf.function
def total():
    def reduce():
        return tf.distribute.get_replica_context().all_reduce("sum", tf.constant(rank + 1))

    return strategy.run(reduce)


print("sum", float(total().numpy()), flush=True)
