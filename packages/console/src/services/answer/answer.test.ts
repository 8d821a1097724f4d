import { describe, expect, test } from "vitest";

import { boxesOn, boxOf, detectionsOf, orderIn } from "./detections";
import { inShort, partsOf, readStages, refusalIn, rowsOf } from "./parts";
import { addressOf, fileOf, maskOf, nameOfShare, paint, picturesOf } from "./pictures";
import { labelOf, scoresOf } from "./scores";
import { lineOf } from "./tree";

const SORTED = [{ label: "cat", score: 0.9 }, { label: "dog", score: 0.1 }];

describe("classes", () => {
  test.each([
    { scores: [["dog", "0.1"], ["cat", "0.9"]] },
    { probabilities: { dog: 0.1, cat: 0.9 } },
    { labels: ["dog", "cat"], scores: [0.1, 0.9] },
    { predictions: [{ label: "dog", score: 0.1 }, { label: "cat", score: 0.9 }] },
    [{ class_name: "dog", confidence: 0.1 }, { class_name: "cat", confidence: "0.9" }],
    [["dog", 0.1], ["cat", 0.9]],
    { dog: 0.1, cat: 0.9 },
  ])("%j are sorted scores", (answer) => expect(scoresOf(answer)).toEqual(SORTED));

  test("bare shares are those of classes by number", () => {
    expect(scoresOf({ scores: [0.25, 0.75] })).toEqual([{ label: "1", score: 0.75 }, { label: "0", score: 0.25 }]);
  });

  test.each([
    null, 3, "x", [], {}, { scores: [] }, { scores: [["a"]] }, { scores: [["a", "b"]] }, { scores: [1, 2] }, { scores: [["a", null]] }, { width: 3, height: 4 },
    { a: 0.5 }, [{ label: "cat", score: 0.9, box: [1, 2, 3, 4] }],
  ])("%j has no scores", (answer) => expect(scoresOf(answer)).toBeNull());

  test("a label may be a number; other things are none", () => {
    expect([{ predicted_label: "rose" }, { predicted_label: 3 }, { predicted_label: ["a"] }, "rose"].map(labelOf)).toEqual(["rose", "3", null, null]);
  });
});

describe("boxes", () => {
  test("ModelArts' three lists are ymin, xmin, ymax, xmax; what is no box is left out", () => {
    const answer = { detection_boxes: [[1, 2, 3, 4], ["5", 6, 7, 8], [1, 2], "no", [1, 2, null, 4]], detection_classes: ["cat"], detection_scores: ["0.5"] };
    expect(detectionsOf(answer)).toEqual({
      order: "yxyx", told: false,
      found: [{ label: "cat", score: 0.5, sides: [1, 2, 3, 4], file: "" }, { label: "", score: 1, sides: [5, 6, 7, 8], file: "" }],
    });
  });

  test.each([
    [{ boxes: [[1, 2, 3, 4]], labels: ["cat"], scores: [0.9] }, null, "xyxy", false],
    [{ detection_boxes: [[1, 2, 3, 4]] }, { properties: { detection_boxes: { description: "xmin, ymin, xmax, ymax in pixels" } } }, "xyxy", true],
    [{ bboxes: [[1, 2, 3, 4]], box_format: "xywh" }, null, "xywh", true],
    [[{ label: "cat", score: 0.9, box: { xmin: 2, ymin: 1, xmax: 4, ymax: 3 } }], null, "yxyx", true],
    [{ predictions: [{ class: "cat", confidence: 0.9, x: 2, y: 1, width: 4, height: 3 }] }, null, "xywh", false],
    [[{ category: "cat", score: 0.9, bbox: [1, 2, 3, 4] }], null, "xywh", false],
  ])("%j has boxes", (answer, declared, order, told) => {
    const read = detectionsOf(answer, declared);
    expect([read?.order, read?.told, read?.found.length]).toEqual([order, told, 1]);
    expect(["cat", ""]).toContain(read?.found[0]?.label);
  });

  test.each([null, "x", [], {}, { detection_boxes: "none" }, [{ label: "cat", score: 0.9 }], [{ box: [1, 2, 3, 4] }, 3], { predictions: [{ box: [1, 2, 3] }] }])("%j has none", (answer) => {
    expect(detectionsOf(answer)).toBeNull();
  });

  test("nothing found is an answer too", () => {
    expect(detectionsOf({ detection_boxes: [], detection_classes: [], detection_scores: [] })?.found).toEqual([]);
  });

  test.each([["xyxy", "xyxy"], ["the box as (x1, y1, x2, y2)", "xyxy"], ["[y_min, x_min, y_max, x_max]", "yxyx"], ["left, top, width, height", "xywh"], ["a list of four", null]])("%s is %s", (text, order) => {
    expect(orderIn(text)).toBe(order);
  });

  test("the same box in every order", () => {
    const box = { top: 10, left: 20, bottom: 30, right: 60 };
    expect([boxOf([10, 20, 30, 60], "yxyx"), boxOf([20, 10, 60, 30], "xyxy"), boxOf([20, 10, 40, 20], "xywh"), boxOf([40, 20, 40, 20], "cxcywh")]).toEqual([box, box, box, box]);
  });

  test("pixels and shares are drawn alike", () => {
    const of = (sides: [number, number, number, number]) => boxesOn([{ label: "", score: 1, file: "", sides }], "yxyx", 400, 200);
    expect(of([100, 100, 200, 300])).toEqual([{ top: 0.5, left: 0.25, bottom: 1, right: 0.75 }]);
    expect(of([0.5, 0.25, 1, 0.75])).toEqual(of([100, 100, 200, 300]));
  });
});

describe("pictures", () => {
  const png = `iVBORw0KGgo${"A".repeat(81)}`;

  test("base64 is found wherever it is, also in lines and in the other alphabet; other addresses are not", () => {
    expect(picturesOf({ a: [{ mask: png }], b: "data:image/png;base64,AAAA", c: "iVBORw0KGgo", d: "data:image/svg+xml;base64,AAAA", e: "https://x.example/a.png" })).toEqual([
      { name: "a.0.mask", address: `data:image/png;base64,${png}` }, { name: "b", address: "data:image/png;base64,AAAA" },
    ]);
    expect(addressOf(png.replace(/(.{40})/g, "$1\n"))).toBe(`data:image/png;base64,${png}`);
    expect(addressOf(`/9j/${"-_".repeat(40)}`)).toBe(`data:image/jpeg;base64,/9j/${"+/".repeat(40)}`);
    expect(addressOf(`iVBORw0KGgo ${"not base64! ".repeat(9)}`)).toBeNull();
    expect(fileOf({ name: "a", address: "data:image/png;base64,AAAA" }).size).toBe(3);
  });

  test("a mask of numbers is painted, its background clear, its colours counted", () => {
    const read = maskOf(Uint8ClampedArray.from([0, 0, 0, 255, 12, 12, 12, 255, 12, 12, 12, 255, 12, 12, 12, 255]));
    const { red, green, blue } = read?.colours[0] ?? { red: 0, green: 0, blue: 0 };
    expect([(red << 16) | (green << 8) | blue, read?.colours.map(({ share }) => share)]).toEqual([paint(12), [0.75, 0.25]]);
    expect([...(read?.pixels.slice(0, 8) ?? [])]).toEqual([0, 0, 0, 0, 64, 0, 128, 255]);
    expect([paint(1), paint(15)]).toEqual([0x800000, 0xc08080]);
  });

  test("colours of a painted mask stay; a photograph is no mask", () => {
    expect(maskOf(Uint8ClampedArray.from([0, 0, 0, 255, 128, 0, 0, 255]))?.colours.map(({ red }) => red).sort()).toEqual([0, 128]);
    const photo = new Uint8ClampedArray(4 * 300).map((_, at) => (at % 4 === 0 ? (at / 4) % 256 : at % 4 === 1 ? Math.floor(at / 1024) * 9 : 0));
    expect(maskOf(photo)).toBeNull();
    expect(maskOf(new Uint8ClampedArray(16))).toBeNull();
  });

  test("a colour is named by the row that covers as much, where there is one such", () => {
    const rows = [{ name: "cat", share: 0.25 }, { name: "sofa", share: 0.1 }, { name: "rug", share: 0.1 }];
    expect([nameOfShare(0.25004, rows), nameOfShare(0.1, rows), nameOfShare(0.5, rows)]).toEqual(["cat", "", ""]);
  });
});

describe("parts", () => {
  const refused = { erno: "MR.0101", msg: "no picture", words_result: {} };

  test("refusals of the code and of the gateway are known; a success with a code is none", () => {
    expect(refusalIn(refused)).toEqual({ code: "MR.0101", message: "no picture", trace: "" });
    expect(refusalIn({ error_code: "ModelArts.4302", error_msg: "none" })?.code).toBe("ModelArts.4302");
    expect([{ erno: "MR.0100", msg: "" }, { erno: 3 }, "MR.0101", null].map(refusalIn)).toEqual([null, null, null, null]);
  });

  test("a list with an entry for each file is as many parts", () => {
    expect(partsOf([{ a: 0.9, b: 0.1 }, refused], ["1.jpg", "2.jpg"])).toEqual([{ file: "1.jpg", value: { a: 0.9, b: 0.1 } }, { file: "2.jpg", value: refused }]);
    expect(partsOf({ "1.jpg": 3, "2.jpg": 4 }, ["1.jpg", "2.jpg"]).map(({ file, value }) => [file, value])).toEqual([["1.jpg", 3], ["2.jpg", 4]]);
  });

  test("boxes that say in which file they lie are dealt out to the files", () => {
    const parts = partsOf({ detection_boxes: [[1, 2, 3, 4], [5, 6, 7, 8]], detection_classes: ["cat", "dog"], detection_images: ["2.jpg", "1.jpg"] }, ["1.jpg", "2.jpg"]);
    expect(parts.map(({ value }) => detectionsOf(value)?.found.map(({ label }) => label))).toEqual([["dog"], ["cat"]]);
  });

  test.each([[[{ label: "cat", score: 0.9, box: [1, 2, 3, 4] }]], [[1, 2]], [[]], ["x"], [null], [{ a: 1 }]])("%j is one part", (answer) => {
    expect(partsOf(answer, ["1.jpg"])).toEqual([{ file: "", value: answer }]);
  });

  test("objects that are alike are rows; nested ones are not", () => {
    expect(rowsOf({ data: { resp_data: [{ predict_result: 3 }, { predict_result: 4, why: null }] } })).toEqual([
      { name: "data.resp_data", columns: ["predict_result", "why"], rows: [{ predict_result: 3 }, { predict_result: 4, why: null }] },
    ]);
    expect([rowsOf([{ a: [1] }]), rowsOf([1, 2]), rowsOf([]), rowsOf("x"), rowsOf([{ a: 1 }, 3])]).toEqual([[], [], [], [], []]);
  });

  test.each([
    [{ predicted_label: "rose" }, "rose"], [refused, "no picture"], [{ scores: { cat: 0.91234 } }, "cat 0.9123"], [[{ cat: 0.9, dog: 0.1 }], "cat 0.9"], [[{ cat: 0.9, dog: 0.1 }, refused], "cat 0.9 · no picture"],
    [{ detection_boxes: [[1, 2, 3, 4], [1, 2, 3, 4]], detection_classes: ["cat", "cat"] }, "cat"], [{ detection_boxes: [] }, "0"], ["plain", "plain"], [[1, 2], "[1,2]"],
  ])("%j is %s in short", (answer, told) => expect(inShort(answer)).toBe(told));

  test("stages are read from Server-Timing", () => {
    expect(readStages("queued;dur=0.10, inference;dur=12.5")).toEqual([{ name: "queued", milliseconds: 0.1 }, { name: "inference", milliseconds: 12.5 }]);
    expect(readStages(null)).toEqual([]);
  });
});

test("JSON stands on a line where it is short; long texts are cut", () => {
  expect([lineOf([1, "a", null]), lineOf({ a: 1 }), lineOf({}), lineOf([])]).toEqual(['[1, "a", null]', '{"a": 1}', "{}", "[]"]);
  expect([lineOf([[1]]), lineOf(Array.from({ length: 99 }, () => 1))]).toEqual([null, null]);
  expect(lineOf("x".repeat(400))).toContain("… (400)");
});
