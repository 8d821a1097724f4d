import { expect, test } from "vitest";

import { heat, readSection } from "./report";

test("tables, curves, bars and figures of a report are found", () => {
  const { operations, findings } = readSection({
    cm: { title: "Confusion matrix", table: { m: { top_left_cell: "P\\L", row_labels: ["a", "b"], col_labels: ["a", "b"], cell_value: [[3, 1], [1, null]] } } },
    ROC: { title: "ROC", value: { AUC: 0.9 }, line_chart: { roc: { name: "ROC", x_axis_name: "fpr", y_axis_name: "tpr", curve: { a: [[0, 0], [0.5, null], [1, 1]] } } } },
    count: { bar_chart: { n: { label: ["a"], value: [7] } } },
    diagnosis: [{ diagnosis: "later", level: 3 }, { diagnosis: "first", suggestion: "do", level: 1 }],
  });
  expect(operations.map((one) => one.key)).toEqual(["cm", "ROC", "count"]);
  expect(operations[0]?.grids[0]?.cells).toEqual([[3, 1], [1, null]]);
  expect(operations[1]?.charts[0]?.curves[0]).toEqual({ name: "a", xs: [0, 0.5, 1], ys: [0, null, 1] });
  expect(operations[2]?.bars[0]?.bars).toEqual([{ name: "a", value: 7 }]);
  expect(findings.map((one) => one.text)).toEqual(["first", "later"]);
});

test.each([null, [], "text", { cm: null }, { cm: { table: [1] } }, { cm: { table: { m: {} }, line_chart: { x: { curve: 3 } } } }])("%o breaks nothing", (content) => {
  expect(() => readSection(content)).not.toThrow();
});

test("a cell is as warm as its share of its column", () => {
  const [operation] = readSection({ cm: { table: { m: { row_labels: ["a", "b"], col_labels: ["a", "b"], cell_value: [[3, 0], [1, "x"]] } } } }).operations;
  expect(heat(operation?.grids[0] as never)).toEqual([[0.75, null], [0.25, null]]);
});
