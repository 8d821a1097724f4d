import { expect, test } from "vitest";

import { boxesOf, inPixels, inShort, picturesOf, readable, readStages, scoresOf } from "./answers";

test("scores come sorted, as pairs or by label, and as numbers or texts", () => {
  const wanted = [{ label: "cat", score: 0.9 }, { label: "dog", score: 0.1 }];
  expect(scoresOf({ scores: [["dog", "0.1"], ["cat", "0.9"]] })).toEqual(wanted);
  expect(scoresOf({ probabilities: { dog: 0.1, cat: 0.9 } })).toEqual(wanted);
});

test.each([null, 3, "x", [], {}, { scores: [] }, { scores: [["a"]] }, { scores: [["a", "b"]] }, { scores: [1, 2] }, { scores: [["a", null]] }])("%j has no scores", (answer) => {
  expect(scoresOf(answer)).toBeNull();
});

test("boxes are ymin, xmin, ymax, xmax; what is none is left out", () => {
  const answer = { detection_boxes: [[1, 2, 3, 4], ["5", 6, 7, 8], [1, 2], "no"], detection_classes: ["cat"], detection_scores: ["0.5"] };
  expect(boxesOf(answer)).toEqual([
    { label: "cat", score: 0.5, top: 1, left: 2, bottom: 3, right: 4 }, { label: "", score: 1, top: 5, left: 6, bottom: 7, right: 8 },
  ]);
  expect(boxesOf({ detection_boxes: "none" })).toBeNull();
});

test("boxes as shares of the sides are drawn in pixels, others stay", () => {
  const box = { label: "", score: 1, top: 0.5, left: 0.25, bottom: 1, right: 0.75 };
  expect(inPixels([box], 400, 200)).toEqual([{ ...box, top: 100, left: 100, bottom: 200, right: 300 }]);
  expect(inPixels([{ ...box, bottom: 90 }], 400, 200)).toEqual([{ ...box, bottom: 90 }]);
});

test("pictures in base64 are found wherever they are; other addresses are not", () => {
  const png = `iVBORw0KGgo${"A".repeat(80)}`;
  expect(picturesOf({ a: [{ mask: png }], b: "data:image/png;base64,AAAA", c: "iVBORw0KGgo", d: "data:image/svg+xml;base64,AAAA", e: "https://x.example/a.png" })).toEqual([
    ["a.0.mask", `data:image/png;base64,${png}`], ["b", "data:image/png;base64,AAAA"],
  ]);
});

test("stages are read from Server-Timing", () => {
  expect(readStages("queued;dur=0.10, inference;dur=12.5")).toEqual([{ name: "queued", milliseconds: 0.1 }, { name: "inference", milliseconds: 12.5 }]);
  expect(readStages(null)).toEqual([]);
});

test("JSON is readable: short lists on a line, long texts cut", () => {
  expect(readable({ a: [1, 2], b: {}, c: [] })).toBe('{\n  "a": [1, 2],\n  "b": {},\n  "c": []\n}');
  expect(readable("x".repeat(400))).toContain("… (400)");
  expect(inShort({ predicted_label: "rose" })).toBe("rose");
  expect(inShort({ error_msg: "no" })).toBe("no");
});
