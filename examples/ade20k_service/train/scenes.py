"""Draws street scenes with their classes, for trying the example out without ADE20K."""

import numpy as np
from PIL import Image, ImageDraw

BUILDING, SKY, TREE, ROAD, WINDOW, GRASS, CAR = 2, 3, 5, 7, 9, 10, 21  # as in infer/core/ade20k_classes.csv
COLOURS = {
    BUILDING: (168, 92, 74), SKY: (138, 186, 232), TREE: (34, 84, 38), ROAD: (96, 96, 102),
    WINDOW: (74, 62, 128), GRASS: (112, 170, 64), CAR: (206, 30, 44),
}  # fmt: skip


def draw_scene(random, width=640, height=480):
    """A picture and the class of its every pixel; no two are alike."""
    classes = Image.new("L", (width, height), SKY)
    draw = ImageDraw.Draw(classes)
    horizon = int(height * random.uniform(0.45, 0.6))
    kerb = int(height * random.uniform(0.7, 0.8))
    draw.rectangle((0, horizon, width, height), GRASS)
    draw.rectangle((0, kerb, width, height), ROAD)
    left = random.randint(10, 60)
    while left < width - 120:
        right = left + random.randint(80, 170)
        draw_building(draw, left, horizon - random.randint(80, 200), min(right, width - 10), horizon + 20)
        left = right + random.randint(20, 90)
    for _ in range(3):
        draw_tree(draw, random.randint(0, width), kerb - random.randint(0, 30), random.randint(25, 50))
    for _ in range(2):
        draw_car(draw, random.randint(20, width - 150), random.randint(kerb + 10, height - 20))
    return paint(np.asarray(classes), random), np.asarray(classes)


def draw_building(draw, left, top, right, bottom):
    draw.rectangle((left, top, right, bottom), BUILDING)
    for x in range(left + 12, right - 30, 38):
        for y in range(top + 14, bottom - 34, 44):
            draw.rectangle((x, y, x + 20, y + 26), WINDOW)


def draw_tree(draw, x, foot, radius):
    draw.rectangle((x - 5, foot - 2 * radius, x + 5, foot), TREE)
    draw.ellipse((x - radius, foot - 4 * radius, x + radius, foot - radius), TREE)


def draw_car(draw, x, foot):
    draw.rectangle((x, foot - 34, x + 120, foot - 8), CAR)
    draw.rectangle((x + 25, foot - 56, x + 90, foot - 34), CAR)
    draw.ellipse((x + 12, foot - 20, x + 36, foot), CAR)
    draw.ellipse((x + 84, foot - 20, x + 108, foot), CAR)


def paint(classes, random):
    """Every class in its colour, under a light that differs from scene to scene, with some grain."""
    palette = np.zeros((256, 3))
    for number, colour in COLOURS.items():
        palette[number] = colour
    light = random.uniform(0.85, 1.1)
    picture = palette[classes] * light + random.normal(0, 8, (*classes.shape, 3))
    return np.clip(picture, 0, 255).astype(np.uint8)
