"""A small YOLO network whose weights nobody trained: they are worked out, so that it finds red, green and blue squares.

It sees 192 x 192 pixels in 48 x 48 cells of 4 pixels, like this:

    layer 0  how red, green and blue each pixel is, 0 or 1
    layer 1  how much of each cell that is
    layer 2  from each cell to the left, right, up and down: do 1, 2, 3 … 12 cells have its colour without a gap?
    layer 3  beside these answers the cell's own colour
    layer 4  widths and heights above given ones, and how far the cell is from the middle
    layer 5  the numbers that YOLO wants: a cell in the middle of a square tells its size, the others are silent
"""

import numpy as np

NAMES = ["red", "green", "blue"]
REACH = 12  # cells that layer 2 looks in each direction
SIZE = 2 * REACH + 1
ANCHOR = 10  # cells
KNOTS = np.geomspace(2, 25, 12)  # between these sizes, in cells, the logarithm is taken as a straight line
DIRECTIONS = [(0, -1), (0, 1), (-1, 0), (1, 0)]  # left, right, up, down

CFG = f"""
[net]
width=192
height=192
channels=3

[convolutional]
filters=3
size=1
batch_normalize=1
activation=logistic

[convolutional]
filters=3
size=4
stride=4
groups=3
activation=linear

[convolutional]
filters={3 * len(DIRECTIONS) * REACH}
size={SIZE}
pad=1
groups=3
activation=relu

[route]
layers=-1,-2

[convolutional]
filters={2 * len(KNOTS) + 12}
size=1
activation=relu

[convolutional]
filters=8
size=1
activation=linear

[yolo]
mask=0
anchors={4 * ANCHOR},{4 * ANCHOR}
classes=3
num=1
scale_x_y=2
"""


def arrays():
    """The weights: `arrays()[layer][name]`."""
    return {0: colours(), 1: cells(), 2: runs(), 4: measures(), 5: answers()}


def colours():
    """Red is what has more red than green and blue together. So much of it is red as the logistic function says."""
    return {
        "bias": np.zeros(3),
        "scale": np.full(3, 40.0),
        "mean": np.full(3, 0.15),
        "variance": np.ones(3),
        "kernel": 2 * np.eye(3) - 1,
    }


def cells():
    return {"bias": np.zeros(3), "kernel": np.full((3, 1, 4, 4), 1 / 16)}


def runs():
    """For each colour, direction and reach k: the cells from 0 to k, less k. Above 0 only if all of them count."""
    kernel = np.zeros((len(DIRECTIONS), REACH, SIZE, SIZE))
    for direction, (down, right) in enumerate(DIRECTIONS):
        for reach in range(1, REACH + 1):
            for step in range(reach + 1):
                kernel[direction, reach - 1, REACH + down * step, REACH + right * step] = 1
    bias = -np.tile(np.arange(1, REACH + 1), len(DIRECTIONS))
    return {"bias": np.tile(bias, 3), "kernel": np.tile(kernel.reshape(-1, SIZE, SIZE), (3, 1, 1))}


def measures():
    """Out of the answers of layer 2 and the colours of the cell, each a row of weights and a bias."""
    answers = 3 * len(DIRECTIONS) * REACH
    left, right, up, down, longest = np.zeros((5, answers + 3))
    for channel in range(answers):
        direction, reach = divmod(channel % (len(DIRECTIONS) * REACH), REACH)
        (left, right, up, down)[direction][channel] = 1
        longest[channel] = reach == REACH - 1
    colour = np.eye(3, answers + 3, answers)
    width, height = left + right + colour.sum(axis=0), up + down + colour.sum(axis=0)
    rows = [(width, -knot) for knot in KNOTS] + [(height, -knot) for knot in KNOTS]
    for difference in (right - left, left - right, down - up, up - down):
        rows += [(difference, 0), (difference, -1.1)]
    rows += [(longest, 0)] + [(one, 0) for one in colour]
    return {"bias": np.array([bias for _, bias in rows]), "kernel": np.stack([row for row, _ in rows])}


def answers():
    """x, y, width, height, "there is something", red, green, blue; all as YOLO takes them apart again."""
    sizes = len(KNOTS)
    kernel, bias = np.zeros((8, 2 * sizes + 12)), np.zeros(8)
    kernel[0, 2 * sizes : 2 * sizes + 4] = [1.05, 0, -1.05, 0]
    kernel[1, 2 * sizes + 4 : 2 * sizes + 8] = [1.05, 0, -1.05, 0]
    slopes = np.diff(np.log(KNOTS)) / np.diff(KNOTS)
    for axis in (0, 1):
        kernel[2 + axis, axis * sizes : (axis + 1) * sizes - 1] = np.diff(np.append(0, slopes))
        bias[2 + axis] = np.log(KNOTS[0] / ANCHOR)
    # Sure where there is a colour, unless the cell lies beside the middle or the square reaches beyond what is seen.
    kernel[4, 2 * sizes :] = [0, -30, 0, -30, 0, -30, 0, -30, -20, 40, 40, 40]
    bias[4] = -34
    kernel[5:, -3:] = 12 * np.eye(3)
    bias[5:] = -6
    return {"bias": bias, "kernel": kernel}
