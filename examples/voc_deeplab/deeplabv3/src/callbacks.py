"""What is printed during training: the loss and the time."""

import math
import time

from mindspore.train.callback import Callback


class LossCallBack(Callback):
    def __init__(self, per_print_times=1):
        super().__init__()
        self.per_print_times = per_print_times

    def step_end(self, run_context):
        run = run_context.original_args()
        loss = float(run.net_outputs.asnumpy())
        step = (run.cur_step_num - 1) % run.batch_num + 1
        if not math.isfinite(loss):
            raise ValueError("epoch: %d, step: %d: the loss is %s. Try a lower rate." % (run.cur_epoch_num, step, loss))
        if self.per_print_times and run.cur_step_num % self.per_print_times == 0:
            print("epoch: %d, step: %d, outputs are %s" % (run.cur_epoch_num, step, loss), flush=True)


class TimeMonitor(Callback):
    """Milliseconds of each epoch and of its steps."""

    def epoch_begin(self, run_context):
        self.began = time.time()

    def epoch_end(self, run_context):
        passed = (time.time() - self.began) * 1000
        steps = run_context.original_args().batch_num
        print("Epoch time: %.3f, per step time: %.3f" % (passed, passed / steps), flush=True)
