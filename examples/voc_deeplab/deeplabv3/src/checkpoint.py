"""Checkpoints: which one a folder's last is, loading it, and freezing what it brought."""

import os
import re

from mindspore.train.serialization import load_checkpoint, load_param_into_net


def last_checkpoint(folder):
    """The path of the checkpoint with the highest numbers in its name."""
    names = [name for name in os.listdir(folder) if name.endswith(".ckpt")]
    if not names:
        raise FileNotFoundError("There is no checkpoint in '%s': no file that ends in .ckpt." % folder)
    return os.path.join(folder, max(names, key=lambda name: [int(number) for number in re.findall(r"\d+", name)]))


def load_weights(net, path):
    """All parameters of the network from a checkpoint; a ValueError names those that do not fit."""
    found = load_checkpoint(path)
    wanted = net.parameters_dict()
    missing = [name for name in wanted if name not in found]
    unlike = [
        "%s is %s instead of %s" % (name, tuple(found[name].shape), tuple(parameter.shape))
        for name, parameter in wanted.items()
        if name in found and found[name].shape != parameter.shape
    ]
    if missing or unlike:
        unknown = [name for name in found if name not in wanted]
        raise ValueError(
            "Checkpoint '%s' is of another network.%s%s%s"
            % (path, some(" Missing: ", missing), some(" Of another shape: ", unlike), some(" Not known: ", unknown))
        )
    load_param_into_net(net, {name: found[name] for name in wanted})


def some(title, names):
    if not names:
        return ""
    more = " and %d more" % (len(names) - 5) if len(names) > 5 else ""
    return title + ", ".join(names[:5]) + more + "."


def freeze(net, word):
    """Parameters with this word in their name stay as they are."""
    for parameter in net.get_parameters():
        if word in parameter.name:
            parameter.requires_grad = False
