import { describe, expect, it } from "vitest";

import { layersOf, placeTall, placeWide, TALL, WIDE, wideLine } from "./layers";

const edges = (...pairs: [string, string][]) => pairs.map(([source, target]) => ({ source, target }));

describe("columns", () => {
  it.each([
    ["a chain", ["a", "b", "c"], edges(["a", "b"], ["b", "c"]), [["a"], ["b"], ["c"]]],
    ["nothing but one", ["a"], [], [["a"]]],
    ["what comes in late stands right before what takes it", ["model", "place", "code", "job"], edges(["place", "model"], ["code", "model"], ["job", "place"]), [["job"], ["place", "code"], ["model"]]],
    ["a line to a thing that is not there is left out", ["a"], edges(["a", "b"], ["c", "a"]), [["a"]]],
    ["a circle ends", ["a", "b"], edges(["a", "b"], ["b", "a"]), [["a"], ["b"]]],
    ["what came of the same stands together", ["one", "two", "b", "a"], edges(["one", "a"], ["two", "b"]), [["one", "two"], ["a", "b"]]],
  ])("%s", (_, ids, lines, columns) => {
    expect(layersOf(ids, lines).map((layer) => [...layer])).toEqual(columns);
  });
});

it("boxes of a column never touch, and all are inside", () => {
  const { boxes, width, height } = placeWide([["a", "b", "c"], ["d"]], 1000)!;
  expect([...boxes.values()].map((box) => box.y)).toEqual([0, 112, 224, 112]);
  expect([width, height]).toEqual([WIDE.most, 3 * WIDE.height + 2 * WIDE.down]);
  expect(wideLine({ x: 0, y: 0 }, { x: 276, y: 0 }, width)).toMatch(/^M240 49C.* 276 49$/);
});

it.each([[1000, 5, 171], [924, 5, 156], [923, 5, null], [156, 1, 156]])("a room of %i with %i columns", (room, columns, width) => {
  expect(placeWide(Array.from({ length: columns }, (_, at) => [`${at}`]), room)?.width ?? null).toBe(width);
});

it("a narrow page has one column", () => {
  const { boxes, height, width } = placeTall([["a", "b"], ["c"]], 300);
  expect(new Set([...boxes.values()].map((box) => box.x)).size).toBe(1);
  expect([width, height]).toEqual([300 - TALL.gutter, 3 * TALL.height + 2 * TALL.down]);
});
