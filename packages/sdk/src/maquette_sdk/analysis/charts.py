"""The shapes of ModelArts' evaluation reports: operations, tables and charts."""

from __future__ import annotations

from typing import Any, Dict, Sequence

from .texts import Text

SHARE = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
"""An axis that runs from 0 to 1."""


MACRO = Text("Macro average", "宏平均")
LABELS = Text("Metrics\\Labels", "指标\\标签")
OTHERS = Text("Others", "其他")


def operation(title: Text, description: Text, **parts: Any) -> Dict[str, Any]:
    """One entry of a section: `value`, `table`, `line_chart` and their like under a title."""
    return {"title": title, "description": description, **parts}


def table(corner: Text, rows: Sequence[Any], columns: Sequence[Any], cells: Sequence[Sequence[Any]]) -> Dict[str, Any]:
    return {
        "top_left_cell": corner,
        "row_labels": list(rows),
        "col_labels": list(columns),
        "cell_value": [list(row) for row in cells],
    }


def line_chart(
    name: Text, x: Text, y: Text, curves: Dict[Any, Any], x_range: Sequence[float] = SHARE, y_range: Any = SHARE
) -> Dict[str, Any]:
    return {
        "name": name,
        "x_axis_name": x,
        "y_axis_name": y,
        "x_axis_range": list(x_range),
        "y_axis_range": list(y_range),
        "curve": curves,
    }


def shares(labels: Sequence[Any], values: Sequence[Any]) -> Dict[str, Any]:
    """What bar charts and pie charts hold."""
    return {"label": list(labels), "value": list(values)}


def points(xs: Any, ys: Any, digits: int = 5) -> Any:
    """A curve; where there is nothing to say (NaN) it has a gap."""
    return [[rounded(x, digits), rounded(y, digits)] for x, y in zip(xs, ys)]


def rounded(value: Any, digits: int = 5) -> Any:
    """A figure as JSON has it: None for NaN, which JSON does not know."""
    number = float(value)
    return None if number != number else round(number, digits)


def up_to(most: float) -> Any:
    """An axis from 0 in ten steps that holds `most`."""
    top = float(most) or 1.0
    return [round(top * step / 10, 5) for step in range(11)]


def confusion_table(names: Any, matrix: Any, description: Text) -> Dict[str, Any]:
    """A matrix with one row and column more than there are names has the others in the last ones."""
    names = list(names) + [OTHERS] * (len(matrix) - len(names))
    cells = table(Text("Predictions\\Labels", "预测\\标签"), names, names, matrix.tolist())
    return operation(
        Text("Confusion matrix", "混淆矩阵"), description, table={Text("Confusion Matrix", "混淆矩阵"): cells}
    )
