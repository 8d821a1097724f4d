/** Boxes around what was found, in the shapes in which detectors tell them. */

import { first, isObject, LABELS, SCORES, type Told } from "./scores";

/** What four numbers of a box mean: ModelArts' own order first. */
export const ORDERS = ["yxyx", "xyxy", "xywh", "cxcywh"] as const;
export type Order = (typeof ORDERS)[number];
export const SPELLED: Record<Order, string> = {
  yxyx: "ymin, xmin, ymax, xmax", xyxy: "xmin, ymin, xmax, ymax", xywh: "xmin, ymin, width, height", cxcywh: "x, y, width, height",
};

export interface Detection {
  label: string;
  score: number;
  /** As told. */
  sides: [number, number, number, number];
  /** The name of the file in which it was found, where several were sent. */
  file: string;
}

export interface Detections {
  found: Detection[];
  order: Order;
  /** The answer or config.json says so; else it is what such a name usually means. */
  told: boolean;
}

export interface Box {
  top: number;
  left: number;
  bottom: number;
  right: number;
}

const INSIDE = ["detections", "predictions", "objects", "results", "instances", "outputs"];
const LISTED = ["detection_boxes", "bounding_boxes", "bboxes", "boxes"];
const CLASSES = ["detection_classes", "classes", "labels", "class_names", "class_ids"];
const CONFIDENCES = ["detection_scores", "scores", "confidences", "confidence"];
const ONE = ["box", "bbox", "bounding_box", "bndbox"];
const CORNERS = [["ymin", "xmin", "ymax", "xmax"], ["y_min", "x_min", "y_max", "x_max"], ["y1", "x1", "y2", "x2"], ["top", "left", "bottom", "right"]];
const SIZED = [["x", "y", "width", "height"], ["x", "y", "w", "h"], ["left", "top", "width", "height"], ["xmin", "ymin", "width", "height"]];

/** null where an answer has no boxes; `declared` is what config.json says of the answer. */
export function detectionsOf(answer: unknown, declared: unknown = null): Detections | null {
  const format = isObject(answer) ? orderIn(String(answer.box_format ?? answer.bbox_format ?? "")) : null;
  const named = format ?? orderIn(JSON.stringify(declared) ?? "");
  const beside = isObject(answer) ? listed(answer) : null;
  if (beside) return settled(beside.found, named, beside.name === "detection_boxes" ? "yxyx" : "xyxy");
  const list = Array.isArray(answer) ? answer : isObject(answer) ? INSIDE.map((name) => answer[name]).find(Array.isArray) : undefined;
  if (!list || list.length === 0 || !list.every(isObject)) return null;
  const each = list.map(single);
  const found = each.flatMap((one) => (one ? [one.found] : []));
  if (found.length < list.length) return null;
  const own = each[0]?.order ?? null;
  return own === "yxyx" ? { found, order: own, told: true } : settled(found, named, own ?? (list.some((one) => one.bbox !== undefined) ? "xywh" : "xyxy"));
}

const settled = (found: Detection[], named: Order | null, usual: Order): Detections => ({ found, order: named ?? usual, told: named !== null });

function listed(answer: Told): { found: Detection[]; name: string } | null {
  const name = LISTED.find((one) => Array.isArray(answer[one]));
  if (!name) return null;
  const [labels, scores, files] = [first(answer, CLASSES), first(answer, CONFIDENCES), answer.detection_images].map((one) => (Array.isArray(one) ? one : []));
  const found = (answer[name] as unknown[]).flatMap((one, at) => {
    const sides = four(one);
    return sides ? [{ label: textOf(labels?.[at]), score: Number(scores?.[at] ?? 1), sides, file: textOf(files?.[at]) }] : [];
  });
  return { found, name };
}

/** One found thing with all that is known of it; `order` where the names of its sides tell it. */
function single(told: Told): { found: Detection; order: Order | null } | null {
  const box = first(told, ONE);
  const sides = four(box);
  const about = { label: textOf(first(told, LABELS)), score: Number(first(told, SCORES) ?? 1), file: "" };
  if (sides) return { found: { ...about, sides }, order: null };
  const inside = isObject(box) ? box : told;
  for (const [names, order] of [...CORNERS.map((one) => [one, "yxyx"] as const), ...SIZED.map((one) => [one, "xywh"] as const)]) {
    const values = four(names.map((name) => inside[name]));
    if (values) return { found: { ...about, sides: values }, order };
  }
  return null;
}

function four(told: unknown): [number, number, number, number] | null {
  if (!Array.isArray(told) || told.length !== 4 || told.some((one) => one === null || one === undefined || one === "")) return null;
  const [one = NaN, two = NaN, three = NaN, last = NaN] = told.map(Number);
  return [one, two, three, last].every(Number.isFinite) ? [one, two, three, last] : null;
}

const textOf = (value: unknown) => (typeof value === "string" || typeof value === "number" ? String(value) : "");

/** The order that a text names: `xyxy`, or the sides one after another. */
export function orderIn(text: string): Order | null {
  const plain = text.toLowerCase().replaceAll("_", "");
  const spelled = /\b(cxcywh|yxyx|xyxy|xywh)\b/.exec(plain)?.[1];
  if (spelled) return spelled as Order;
  const [y, x] = [plain.search(/\b(ymin|y1|top)\b/), plain.search(/\b(xmin|x1|left)\b/)];
  if (y >= 0 && x >= 0 && /\b(xmax|x2|right)\b/.test(plain)) return y < x ? "yxyx" : "xyxy";
  if (x >= 0 && y > x && /\bwidth\b/.test(plain)) return "xywh";
  return null;
}

export function boxOf([one, two, three, last]: Detection["sides"], order: Order): Box {
  if (order === "yxyx") return { top: one, left: two, bottom: three, right: last };
  if (order === "xyxy") return { left: one, top: two, right: three, bottom: last };
  if (order === "xywh") return { left: one, top: two, right: one + three, bottom: two + last };
  return { left: one - three / 2, top: two - last / 2, right: one + three / 2, bottom: two + last / 2 };
}

/** Boxes as shares of the picture's sides, whether the model gives pixels or shares. */
export function boxesOn(found: Detection[], order: Order, width: number, height: number): Box[] {
  const shares = found.every(({ sides }) => sides.every((side) => side >= -0.01 && side <= 1.01));
  const [x, y] = shares ? [1, 1] : [1 / Math.max(1, width), 1 / Math.max(1, height)];
  return found.map(({ sides }) => {
    const box = boxOf(sides, order);
    return { top: box.top * y, left: box.left * x, bottom: box.bottom * y, right: box.right * x };
  });
}
