"""A picture of the reward over the values of one hyperparameter, as SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from maquette.training.search.domain import Continuous, Parameter

WIDTH, HEIGHT = 640, 400
LEFT, RIGHT, TOP, BOTTOM = 80, 20, 44, 48
STEPS = 5


def chart(parameter: Parameter, reward: str, points: Sequence[tuple[str, float]], share: Sequence[float] | None) -> str:
    """One dot for each trial; the share of the hyperparameter stands in the title when it is known."""
    heights = [height for _, height in points]
    low, high = min(heights), max(heights)
    places = {value: place(parameter, value) for value, _ in points}
    title = f"{reward} by {parameter.name}" + (f", share {share[0]:.2f} ± {share[1]:.2f}" if share else "")
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif"'
            ' font-size="12" fill="#333">',
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
            text(LEFT, TOP - 20, title, "start", 14),
            f'<path d="M{LEFT},{TOP}V{HEIGHT - BOTTOM}H{WIDTH - RIGHT}" fill="none" stroke="#999"/>',
            *(
                text(LEFT - 8, y(step / STEPS) + 4, f"{low + (high - low) * step / STEPS:.4g}", "end")
                for step in range(STEPS + 1)
            ),
            *(text(x(share), HEIGHT - BOTTOM + 18, label, "middle") for share, label in labels(parameter)),
            text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, parameter.name, "middle"),
            *(
                f'<circle cx="{x(places[value]):.1f}" cy="{y(share_of(height, low, high)):.1f}" r="4" fill="#1668dc"'
                ' fill-opacity="0.6"/>'
                for value, height in points
            ),
            "</svg>",
        ]
    )


def place(parameter: Parameter, value: str) -> float:
    """Between 0 and 1."""
    if isinstance(parameter, Continuous):
        low, at, high = (axis(parameter, number) for number in (parameter.lower, float(value), parameter.upper))
        return (at - low) / (high - low)
    texts = parameter.texts()
    return (texts.index(value) + 0.5) / len(texts)


def axis(parameter: Continuous, value: float) -> float:
    return math.log(value) if parameter.by_magnitude else value


def share_of(height: float, low: float, high: float) -> float:
    return (height - low) / (high - low) if high > low else 0.5


def labels(parameter: Parameter) -> list[tuple[float, str]]:
    if isinstance(parameter, Continuous):
        low, high = axis(parameter, parameter.lower), axis(parameter, parameter.upper)
        places = [low + (high - low) * step / STEPS for step in range(STEPS + 1)]
        values = [math.exp(each) if parameter.by_magnitude else each for each in places]
        return [(step / STEPS, f"{value:.3g}") for step, value in enumerate(values)]
    texts = parameter.texts()
    some = texts[:: max(1, -(-len(texts) // 12))]
    return [(place(parameter, value), value[:12]) for value in some]


def x(share: float) -> float:
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def y(share: float) -> float:
    return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)


def text(at_x: float, at_y: float, words: str, anchor: str, size: int = 12) -> str:
    return f'<text x="{at_x:.1f}" y="{at_y:.1f}" text-anchor="{anchor}" font-size="{size}">{escape(words)}</text>'
