/** A body in JSON: read, put in order, and held against what the model declares. */

import type { Schema } from "./inputs";

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export interface Mistake {
  line: number;
  column: number;
}

/** null for a text that is JSON. */
export function mistakeIn(text: string): Mistake | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    const reason = String(error);
    const [, line, column] = /line (\d+) column (\d+)/.exec(reason) ?? [];
    if (line && column) return { line: Number(line), column: Number(column) };
    const at = /position (\d+)/.exec(reason)?.[1];
    const before = text.slice(0, at === undefined ? text.length : Number(at)).split("\n");
    return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  }
}

export interface Misfit {
  /** The way to it: `data.req_data.0.rooms`; empty for the body itself. */
  way: string;
  /** The type that is declared; empty where the field is missing. */
  wanted: string;
}

const MOST = 5;
const NUMBERS = ["number", "float", "double", "integer", "int", "long"];

/** Where a body is not what config.json declares: a type, or a field that has to be there. */
export function misfits(schema: Schema, value: unknown, way = ""): Misfit[] {
  const wanted = (schema.type ?? "").toLowerCase();
  if (!fits(wanted, value)) return [{ way, wanted }];
  const below = (name: string | number) => (way ? `${way}.${name}` : String(name));
  if (Array.isArray(value)) {
    const item = Array.isArray(schema.items) ? schema.items[0] : (schema.items ?? schema.item);
    return item ? value.flatMap((one, at) => misfits(item, one, below(at))).slice(0, MOST) : [];
  }
  if (value === null || typeof value !== "object") return [];
  const missing = (Array.isArray(schema.required) ? schema.required : []).filter((name) => !(name in value)).map((name) => ({ way: below(name), wanted: "" }));
  const inside = Object.entries(schema.properties ?? {}).flatMap(([name, one]) => (name in value && one ? misfits(one, (value as Record<string, unknown>)[name], below(name)) : []));
  return [...missing, ...inside].slice(0, MOST);
}

function fits(wanted: string, value: unknown): boolean {
  if (wanted === "object") return value !== null && typeof value === "object" && !Array.isArray(value);
  if (wanted === "array") return Array.isArray(value);
  if (wanted === "string") return typeof value === "string";
  if (wanted === "boolean" || wanted === "bool") return typeof value === "boolean";
  return !NUMBERS.includes(wanted) || typeof value === "number";
}
