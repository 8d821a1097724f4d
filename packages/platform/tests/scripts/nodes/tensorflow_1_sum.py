"""Adds up the ranks of all nodes in a variable of the parameter servers."""

import time

import tensorflow as tf

for name in ("job_name", "ps_hosts", "worker_hosts", "data_url", "train_url"):
    tf.flags.DEFINE_string(name, "", "")
tf.flags.DEFINE_integer("task_index", 0, "")
flags = tf.flags.FLAGS


def main(_):
    cluster = tf.train.ClusterSpec({"ps": flags.ps_hosts.split(","), "worker": flags.worker_hosts.split(",")})
    server = tf.train.Server(cluster, job_name=flags.job_name, task_index=flags.task_index)
    if flags.job_name == "ps":
        server.join()
    worker = f"/job:worker/task:{flags.task_index}"
    with tf.device(tf.train.replica_device_setter(worker_device=worker, cluster=cluster)):
        total, seen, told = tf.Variable(0.0), tf.Variable(0), tf.Variable(0)
        add = total.assign_add(float(flags.task_index + 1), use_locking=True)
        count, tell = seen.assign_add(1, use_locking=True), told.assign_add(1, use_locking=True)
    chief = flags.task_index == 0
    with tf.train.MonitoredTrainingSession(master=server.target, is_chief=chief) as session:
        session.run(add)
        session.run(count)
        while session.run(seen) < 2:
            time.sleep(0.05)
        print("sum", session.run(total), flush=True)
        session.run(tell)
        while chief and session.run(told) < 2:  # its parameter server goes with it
            time.sleep(0.05)


tf.app.run()
