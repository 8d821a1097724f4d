/** What is in an answer, so that it can be drawn: scores of classes, boxes, pictures; else it is JSON to read. */

export interface Score {
  label: string;
  score: number;
}

export interface Box {
  label: string;
  score: number;
  /** Pixels of the picture, or shares of its sides. */
  top: number;
  left: number;
  bottom: number;
  right: number;
}

export interface Stage {
  name: string;
  milliseconds: number;
}

const PICTURES: Record<string, string> = { "/9j/": "jpeg", iVBORw0KGgo: "png", R0lGOD: "gif", UklGR: "webp" };
const LEAST_PICTURE = 60;
const MOST_PICTURES = 12;
const LONG_TEXT = 300;

type Told = Record<string, unknown>;
const isObject = (value: unknown): value is Told => value !== null && typeof value === "object" && !Array.isArray(value);

/** `[[label, number], …]`, or labels with numbers; the likeliest first. null where an answer has none. */
export function scoresOf(answer: unknown): Score[] | null {
  if (!isObject(answer)) return null;
  const told = answer.scores ?? answer.probabilities;
  const pairs: unknown[] = Array.isArray(told) ? told : isObject(told) ? Object.entries(told) : [];
  const read = pairs.map((pair) => {
    if (!Array.isArray(pair) || pair.length !== 2 || pair[1] === "" || pair[1] === null) return null;
    const score = Number(pair[1]);
    return Number.isFinite(score) ? { label: String(pair[0]), score } : null;
  });
  if (read.length === 0 || read.includes(null)) return null;
  return (read as Score[]).sort((one, other) => other.score - one.score);
}

/** ModelArts' three lists side by side; a box is ymin, xmin, ymax, xmax. */
export function boxesOf(answer: unknown): Box[] | null {
  if (!isObject(answer) || !Array.isArray(answer.detection_boxes)) return null;
  const labels = Array.isArray(answer.detection_classes) ? answer.detection_classes : [];
  const scores = Array.isArray(answer.detection_scores) ? answer.detection_scores : [];
  return answer.detection_boxes.flatMap((sides: unknown, at) => {
    const [top, left, bottom, right] = Array.isArray(sides) ? sides.map(Number) : [];
    if (top === undefined || left === undefined || bottom === undefined || right === undefined) return [];
    if (![top, left, bottom, right].every(Number.isFinite)) return [];
    return [{ label: String(labels[at] ?? ""), score: Number(scores[at] ?? 1), top, left, bottom, right }];
  });
}

/** Boxes in pixels of a picture, also where the model gives shares of its sides. */
export function inPixels(boxes: Box[], width: number, height: number): Box[] {
  const shares = boxes.length > 0 && boxes.every(({ top, left, bottom, right }) => [top, left, bottom, right].every((side) => side >= 0 && side <= 1.001));
  if (!shares) return boxes;
  return boxes.map((box) => ({ ...box, top: box.top * height, bottom: box.bottom * height, left: box.left * width, right: box.right * width }));
}

/** Texts that are pictures in base64, by the way to them. */
export function picturesOf(value: unknown, name = "", found: [string, string][] = []): [string, string][] {
  if (found.length >= MOST_PICTURES) return found;
  if (typeof value === "string") {
    const address = pictureAddress(value);
    if (address) found.push([name, address]);
  } else if (value !== null && typeof value === "object") {
    for (const [key, inner] of Object.entries(value)) picturesOf(inner, name ? `${name}.${key}` : key, found);
  }
  return found;
}

function pictureAddress(text: string): string | null {
  if (/^data:image\/(?:png|jpeg|gif|webp);base64,/.test(text)) return text;
  if (text.length < LEAST_PICTURE) return null;
  const start = Object.keys(PICTURES).find((one) => text.startsWith(one));
  return start && /^[A-Za-z0-9+/\s]+=*\s*$/.test(text) ? `data:image/${PICTURES[start]};base64,${text}` : null;
}

/** `Server-Timing` of an answer. */
export function readStages(header: string | null): Stage[] {
  return [...(header ?? "").matchAll(/([\w-]+);dur=([\d.]+)/g)].map(([, name = "", spent]) => ({ name, milliseconds: Number(spent) }));
}

/** JSON to read: indented, short lists on one line, long texts cut. */
export function readable(value: unknown, indent = ""): string {
  if (typeof value === "string") return JSON.stringify(value.length > LONG_TEXT ? `${value.slice(0, LONG_TEXT)} … (${value.length})` : value);
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const list = Array.isArray(value);
  const entries = Object.entries(value);
  if (entries.length === 0) return list ? "[]" : "{}";
  const inner = `${indent}  `;
  if (list && value.every((one) => one === null || typeof one !== "object")) {
    const flat = `[${value.map((one) => readable(one)).join(", ")}]`;
    if (flat.length < 100 || value.every((one) => typeof one === "number")) return flat;
  }
  const lines = entries.map(([key, one]) => `${inner}${list ? "" : `${JSON.stringify(key)}: `}${readable(one, inner)}`);
  return list ? `[\n${lines.join(",\n")}\n${indent}]` : `{\n${lines.join(",\n")}\n${indent}}`;
}

/** What stands for an answer in a line of the history. */
export function inShort(answer: unknown): string {
  if (isObject(answer)) {
    if (typeof answer.predicted_label === "string") return answer.predicted_label;
    const best = scoresOf(answer)?.[0];
    if (best) return `${best.label} ${best.score}`;
    if (typeof answer.error_msg === "string") return answer.error_msg;
  }
  const text = typeof answer === "string" ? answer : JSON.stringify(answer);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
