/** Copies objects from folder to folder, or moves them: each is copied whole, and only then gone from where it was. */

import { Refusal } from "../../api/call";
import type { Where } from "../../kit/bucket-picker";
import type { Line } from "../lines";
import { copyObject, everyObject, isThere, removeUnchanged, type StoredObject } from "../store";

const AT_ONCE = 4;
const CHANGED = 412;

export interface Piece extends StoredObject {
  /** What it is called there. */
  target: string;
  /** It lies there; where it was it may still be. */
  copied?: boolean;
}

export interface Plan {
  pieces: Piece[];
  bytes: number;
  /** Which of the names there are taken. */
  taken: Set<string>;
}

/** Both are folders: their keys end in a slash, or are empty for a bucket itself. */
export interface Way {
  from: Where;
  to: Where;
}

export type Outcome = "done" | "left" | { piece: Piece; error: unknown };

/** Why these lines cannot go there: they are there, or a folder would come into itself. */
export function hindrance(lines: readonly Line[], { from, to }: Way): "same" | "inside" | null {
  if (from.bucket !== to.bucket) return null;
  if (from.key === to.key) return "same";
  return lines.some((line) => !line.object && to.key.startsWith(line.key)) ? "inside" : null;
}

/** All that would go, folders with everything below them, and what is there of the same names. */
export async function look(lines: readonly Line[], { from, to }: Way, signal: AbortSignal): Promise<Plan> {
  const there = (key: string) => to.key + key.slice(from.key.length);
  const [pieces, taken]: [Piece[], Set<string>] = [[], new Set()];
  for (const line of lines) {
    if (line.object) pieces.push({ ...line.object, target: there(line.key) });
    else for await (const page of everyObject(from.bucket, line.key, signal, true)) pieces.push(...page.map((one) => ({ ...one, target: there(one.key) })));
  }
  for (const line of lines.filter((one) => !one.object)) {
    for await (const page of everyObject(to.bucket, there(line.key), signal, true)) for (const one of page) taken.add(one.key);
  }
  await each(lines.filter((one) => one.object).map((one) => there(one.key)), signal, async (key) => {
    if (await isThere(to.bucket, key, signal)) taken.add(key);
  });
  const wanted = new Set(pieces.map((one) => one.target));
  return { pieces, bytes: pieces.reduce((sum, one) => sum + one.size, 0), taken: new Set([...taken].filter((one) => wanted.has(one))) };
}

interface How {
  move: boolean;
  /** What is there of the same name goes; else what would take its place is left out. */
  replace: boolean;
  signal: AbortSignal;
  tell: (piece: Piece, outcome: Outcome) => void;
}

/** What was told is done; what was not is where it was. */
export function carry(pieces: readonly Piece[], way: Way, how: How): Promise<void> {
  return each(pieces, how.signal, async (piece) => {
    try {
      how.tell(piece, await one(piece, way, how));
    } catch (error) {
      how.tell(piece, { piece, error });
    }
  });
}

async function one(piece: Piece, { from, to }: Way, { move, replace }: How): Promise<"done" | "left"> {
  if (!piece.copied) {
    try {
      // Not stopped half-way: what has been asked for is awaited.
      await copyObject({ bucket: from.bucket, ...piece }, { bucket: to.bucket, key: piece.target }, !replace);
    } catch (error) {
      if (!replace && error instanceof Refusal && error.status === CHANGED && (await isThere(to.bucket, piece.target))) return "left";
      throw error;
    }
    piece.copied = true;
  }
  if (move) await removeUnchanged(from.bucket, piece.key, piece.etag);
  return "done";
}

/** Some at the same time, until all have had their turn or it was stopped. */
async function each<T>(all: readonly T[], signal: AbortSignal, work: (one: T) => Promise<void>): Promise<void> {
  const left = all[Symbol.iterator]();
  const hand = async () => {
    for (const next of left) {
      if (signal.aborted) return;
      await work(next);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, hand));
}
