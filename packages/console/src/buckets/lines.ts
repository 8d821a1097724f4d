/** What a folder of a bucket holds, as lines of a list: made, chosen, addressed. */

import type { Crumb } from "../kit/page";
import type { Listing, StoredObject } from "./store";

/** A folder or an object in a list; a folder's key ends in a slash. */
export type Line = { key: string; object: StoredObject | null };

/** A page's lines are made once: a folder has a hundred pages, and they come one by one. */
const LINES = new WeakMap<Listing, Line[]>();

export function linesOf(pages: readonly Listing[]): Line[] {
  return ([] as Line[]).concat(...pages.map((page) => {
    const known = LINES.get(page);
    if (known) return known;
    const made: Line[] = page.folders.map((key) => ({ key, object: null }));
    for (const object of page.objects) made.push({ key: object.key, object });
    LINES.set(page, made);
    return made;
  }));
}

/** In letters: two lines of a telephone hold about as many. */
const LONG = 40;
const END = 18;
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}]/u;

export const shortName = (key: string) => key.replace(/\/$/, "").split("/").pop() || key;

/** Of a name that may be too long for its place the end is always shown: it tells one from another. */
export function beginningAndEnd(name: string): [string, string] {
  const signs = [...name];
  const wide = signs.map((one) => (WIDE.test(one) ? 2 : 1));
  if (wide.reduce((sum, one) => sum + one, 0) <= LONG) return [name, ""];
  let [from, room] = [signs.length, END];
  while (room >= (wide[from - 1] ?? END)) room -= wide[(from -= 1)] ?? END;
  return [signs.slice(0, from).join(""), signs.slice(from).join("")];
}

export function crumbsOf(bucket: string, folder: string, all: string): Crumb[] {
  const parts = folder.split("/").filter(Boolean);
  const to = (depth: number) => {
    const inside = parts.slice(0, depth).map((part) => `${part}/`).join("");
    return `/console/buckets/${bucket}${inside ? `?${new URLSearchParams({ folder: inside }).toString()}` : ""}`;
  };
  const above = [bucket, ...parts].slice(0, -1).map((label, depth) => ({ label, to: to(depth) }));
  return [{ label: all, to: "/console/buckets" }, ...above];
}

/** With `range` all between the last one that was chosen and this one. */
export function toggled(chosen: ReadonlySet<string>, lines: readonly Line[], key: string, range: boolean): ReadonlySet<string> {
  const next = new Set(chosen);
  const last = [...chosen].pop();
  if (range && last !== undefined) {
    const places = [last, key].map((one) => lines.findIndex((line) => line.key === one)).sort((one, other) => one - other);
    for (const line of lines.slice(places[0], (places[1] ?? 0) + 1)) next.add(line.key);
  } else if (!next.delete(key)) {
    next.add(key);
  }
  return next;
}
