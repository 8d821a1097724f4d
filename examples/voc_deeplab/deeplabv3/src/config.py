"""What may be set, with values for a small data set. A variable DEEPLAB_<NAME>, in JSON, sets another for one run."""

import json
import os
from types import SimpleNamespace

# The settings that a network was trained with lie beside its code in a model package.
TRAINED_WITH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "settings.json")

DEFAULTS = {
    "seed": 1,
    "num_classes": 21,
    "ignore_label": 255,
    # pictures
    "crop_size": 97,
    "min_scale": 0.75,
    "max_scale": 1.5,
    "image_mean": [123.7, 116.3, 103.5],
    "image_std": [58.4, 57.1, 57.4],
    # network
    "image_pyramid": [1.0],
    "infer_scale_sizes": [0.75, 1.0, 1.25],
    "atrous_rates": [1, 2, 3],
    "decoder_output_stride": 4,
    "output_stride": 16,
    "fine_tune_batch_norm": True,
    # training
    "epoch_num": 6,
    "batch_size": 8,
    "learning_rate": 0.01,
    "momentum": 0.9,
    "weight_decay": 0.0001,
    "hardest": 0.7,
    "background_weight": 0.3,
    "per_print_times": 1,
    "save_checkpoint_steps": 100,
    "keep_checkpoint_max": 2,
}


def read_settings():
    values = dict(DEFAULTS)
    if os.path.exists(TRAINED_WITH):
        with open(TRAINED_WITH) as file:
            values.update(json.load(file))
    for name in values:
        variable = "DEEPLAB_" + name.upper()
        if variable in os.environ:
            values[name] = read_json(variable, os.environ[variable])
    return SimpleNamespace(**values)


def read_json(variable, text):
    try:
        return json.loads(text)
    except ValueError as error:
        raise ValueError(
            "%s is '%s'. Write its value in JSON: 97, [0.5, 1.0], true, null." % (variable, text)
        ) from error


config = read_settings()
