/** An answer, taken apart: what was refused, one part for each picture that was sent, rows, and a word for the history. */

import { detectionsOf } from "./detections";
import { picturesOf } from "./pictures";
import { isObject, labelOf, scoresOf, type Told } from "./scores";

export interface Part {
  /** The file that it is about; empty where the answer is about all of them. */
  file: string;
  value: unknown;
}

export interface Rows {
  name: string;
  columns: string[];
  rows: Told[];
}

export interface Stage {
  name: string;
  milliseconds: number;
}

const MOST_COLUMNS = 12;
const LONG = 80;
const GOOD = 200;

/** ModelArts' two ways to say no: `erno` of the package's code, `error_code` of the gateway. */
export function refusalIn(answer: unknown): { code: string; message: string; trace: string } | null {
  if (!isObject(answer)) return null;
  const code = answer.erno ?? answer.error_code;
  if (typeof code !== "string" || code === "MR.0100") return null;
  const trace = typeof answer.error_info === "string" ? answer.error_info : "";
  return { code, message: String(answer.msg ?? answer.error_msg ?? ""), trace };
}

export const isGood = ({ status, answer }: { status: number; answer: unknown }) => status === GOOD && refusalIn(answer) === null;

/** A list with one entry for each file, or an object with one for each file's name, is as many parts. */
export function partsOf(answer: unknown, files: string[]): Part[] {
  if (Array.isArray(answer) && answer.length > 0 && (answer.length === files.length || answer.length === 1) && answer.every(isWhole)) {
    return answer.map((value, at) => ({ file: files[at] ?? "", value }));
  }
  if (isObject(answer) && files.length > 1 && files.every((name) => name in answer)) return files.map((file) => ({ file, value: answer[file] }));
  return byFile(answer, files) ?? [{ file: "", value: answer }];
}

/** Says something on its own, and not one of several found things. */
function isWhole(value: unknown): boolean {
  if (!isObject(value)) return false;
  return refusalIn(value) !== null || labelOf(value) !== null || scoresOf(value) !== null || (detectionsOf([value]) === null && detectionsOf(value) !== null);
}

/** Lists beside each other of which one says in which file a thing was found. */
function byFile(answer: unknown, files: string[]): Part[] | null {
  if (!isObject(answer) || !Array.isArray(answer.detection_images) || files.length < 2) return null;
  const within = answer.detection_images as unknown[];
  return files.map((file) => ({
    file,
    value: Object.fromEntries(Object.entries(answer).map(([name, list]) => [
      name, Array.isArray(list) && list.length === within.length ? list.filter((_, at) => within[at] === file) : list,
    ])),
  }));
}

/** Lists of objects that are alike: tables. */
export function rowsOf(value: unknown, name = ""): Rows[] {
  if (Array.isArray(value)) {
    const rows = value.filter(isObject);
    const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
    const flat = rows.every((row) => Object.values(row).every((one) => one === null || typeof one !== "object"));
    const alike = rows.length === value.length && rows.length > 0 && columns.length > 0 && columns.length <= MOST_COLUMNS;
    return alike && flat && picturesOf(value).length === 0 ? [{ name, columns, rows }] : [];
  }
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => rowsOf(inner, name ? `${name}.${key}` : key));
}

/** What stands for an answer in a line of the history. */
export function inShort(answer: unknown): string {
  if (Array.isArray(answer) && answer.length > 1 && answer.every(isWhole)) return answer.map(inShort).join(" · ");
  const refused = refusalIn(answer);
  if (refused) return refused.message || refused.code;
  const one = Array.isArray(answer) && answer.length === 1 ? answer[0] : answer;
  const boxes = detectionsOf(answer);
  if (boxes) return [...new Set(boxes.found.map(({ label }) => label))].join(", ") || String(boxes.found.length);
  const best = scoresOf(one)?.[0];
  const label = labelOf(one) ?? best?.label;
  if (label !== undefined) return best?.label === label ? `${label} ${Number(best.score.toFixed(4))}` : label;
  const pictures = picturesOf(answer);
  if (pictures.length > 0) return pictures.map(({ name }) => name).filter(Boolean).join(", ") || "…";
  const text = typeof answer === "string" ? answer : JSON.stringify(answer);
  return text.length > LONG ? `${text.slice(0, LONG)}…` : text;
}

/** `Server-Timing` of an answer. */
export function readStages(header: string | null): Stage[] {
  return [...(header ?? "").matchAll(/([\w-]+);dur=([\d.]+)/g)].map(([, name = "", spent]) => ({ name, milliseconds: Number(spent) }));
}
