/** A search for parameters: what stands in the form, ModelArts' `auto_search` of it and back, and what is wrong with it. */

import type { Declared } from "./parameters";

export const SEARCHES = ["bayes_opt_search", "tpe_search", "anneal_search"] as const;
export type SearchName = (typeof SEARCHES)[number];

export interface Goal {
  name: string;
  mode: "max" | "min";
  regex: string;
}

export interface Sought {
  name: string;
  kind: "continuous" | "discrete";
  low: string;
  high: string;
  /** One of so many at even distances; null for any number between both. */
  points: number | null;
  values: string[];
}

export interface Search {
  /** The first is made better, the others are noted. */
  goals: Goal[];
  sought: Sought[];
  algorithm: SearchName;
  trials: number;
  early: boolean;
  /** By the server's names; what is empty is as usual. */
  settings: Record<string, string | number | null | undefined>;
  skip: string;
}

export const GOAL: Goal = { name: "", mode: "max", regex: "" };
export const SOUGHT: Sought = { name: "", kind: "continuous", low: "", high: "", points: null, values: [] };
export const BLANK_SEARCH: Search = { goals: [GOAL], sought: [SOUGHT], algorithm: "bayes_opt_search", trials: 20, early: false, settings: {}, skip: "" };
export const MOST_TRIALS = 1000;
export const MOST_VALUES = 1000;

// ── settings ────────────────────────────────────────────────────────────────────────────────────────

export interface Setting {
  key: "kind" | "kappa" | "xi" | "gamma" | "n_initial_points" | "avg_best_idx" | "shrink_coef" | "max_concurrent" | "seed" | "grace_period" | "min_samples_required";
  type: "Integer" | "Float" | "String";
  usual: string;
  least?: number;
  most?: number;
  words?: readonly string[];
}

const OF_ALGORITHM: Record<SearchName, readonly Setting[]> = {
  bayes_opt_search: [
    { key: "kind", type: "String", usual: "ucb", words: ["ucb", "ei", "poi"] }, { key: "kappa", type: "Float", usual: "2.5", least: 0, most: 1000 }, { key: "xi", type: "Float", usual: "0.0", least: 0 },
  ],
  tpe_search: [{ key: "gamma", type: "Float", usual: "0.25", least: 0.01, most: 0.99 }, { key: "n_initial_points", type: "Integer", usual: "20", least: 1, most: MOST_TRIALS }],
  anneal_search: [{ key: "avg_best_idx", type: "Float", usual: "2.0", least: 1, most: 1000 }, { key: "shrink_coef", type: "Float", usual: "0.1", least: 0, most: 1000 }],
};
const OF_ALL: readonly Setting[] = [{ key: "max_concurrent", type: "Integer", usual: "4", least: 1, most: 64 }, { key: "seed", type: "Integer", usual: "1", least: 0, most: 2 ** 31 - 1 }];
const OF_EARLY: readonly Setting[] = [{ key: "grace_period", type: "Integer", usual: "3", least: 1, most: 10_000 }, { key: "min_samples_required", type: "Integer", usual: "3", least: 1, most: MOST_TRIALS }];
const SCHEDULER = "scheduler";
const MEDIAN = "MedianStoppingRule";

/** What may be set, in the order of the form. */
export const settingsOf = (algorithm: SearchName, early: boolean): Setting[] => [...OF_ALL, ...(early ? OF_EARLY : []), ...OF_ALGORITHM[algorithm]];

// ── as ModelArts writes it ──────────────────────────────────────────────────────────────────────────

export function searchBody(search: Search): Record<string, unknown> {
  const params = [
    { key: "num_samples", value: String(search.trials), type: "Integer" },
    ...settingsOf(search.algorithm, search.early).flatMap(({ key, type }) => {
      const value = String(search.settings[key] ?? "");
      return value === "" ? [] : [{ key, value, type }];
    }),
    ...(search.early ? [{ key: SCHEDULER, value: MEDIAN, type: "String" }] : []),
  ];
  return {
    reward_attrs: search.goals.map(({ name, mode, regex }) => ({ name, mode, regex })),
    search_params: search.sought.map(soughtBody),
    algo_configs: [{ name: search.algorithm, params }],
    ...(search.skip.trim() && { skip_search_params: search.skip.trim() }),
  };
}

function soughtBody({ name, kind, low, high, points, values }: Sought): Record<string, unknown> {
  if (kind === "discrete") return { name, param_type: kind, discrete_values: values };
  return { name, param_type: kind, lower_bound: low, upper_bound: high, ...(points && { discrete_points_num: String(points) }) };
}

type Told = Record<string, unknown>;
const told = (value: unknown): Told => (typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Told) : {});
const list = (value: unknown): Told[] => (Array.isArray(value) ? value.map(told) : []);
const text = (value: unknown): string => (typeof value === "string" || typeof value === "number" ? String(value) : "");

/** The form of an `auto_search`, of a version or of what an algorithm offers; of several search algorithms the first. */
export function searchOf(document: unknown): Search {
  const found = told(document);
  const [config = {}] = list(found.algo_configs);
  const settings = Object.fromEntries(list(config.params).map((one) => [text(one.key), text(one.value)]));
  const { num_samples: trials, [SCHEDULER]: scheduler, ...others } = settings;
  const skipped = found.skip_search_params;
  return {
    goals: list(found.reward_attrs).map((one) => ({ name: text(one.name), mode: one.mode === "min" ? "min" : "max", regex: text(one.regex) })),
    sought: list(found.search_params).map((one) => ({
      ...SOUGHT, name: text(one.name), kind: one.param_type === "discrete" ? "discrete" : "continuous", low: text(one.lower_bound), high: text(one.upper_bound),
      points: Number(one.discrete_points_num) || null, values: Array.isArray(one.discrete_values) ? one.discrete_values.map(text) : [],
    })),
    algorithm: SEARCHES.find((name) => name === config.name) ?? "bayes_opt_search",
    trials: Number(trials) || BLANK_SEARCH.trials,
    early: scheduler === MEDIAN,
    settings: others,
    skip: typeof skipped === "string" ? skipped : skipped ? JSON.stringify(skipped) : "",
  };
}

/** What an algorithm says of a parameter, as the space that is searched for it. */
export function spaceOf({ name, constraint }: Declared): Sought {
  const [low = "", high = ""] = constraint.valid_range;
  if (constraint.valid_type === "Range") return { ...SOUGHT, name, low, high };
  if (constraint.valid_type === "Choice") return { ...SOUGHT, name, kind: "discrete", values: constraint.valid_range };
  if (constraint.type === "Boolean") return { ...SOUGHT, name, kind: "discrete", values: ["true", "false"] };
  return { ...SOUGHT, name, kind: constraint.type === "String" ? "discrete" : "continuous" };
}

// ── what is wrong ───────────────────────────────────────────────────────────────────────────────────

/** Between values in one field, also as Chinese writes them. */
export const SEPARATORS = [",", " ", "，", "、", ";", "；"];

export const SOUGHT_NAME = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/;
const isNumber = (value: string) => value.trim() !== "" && Number.isFinite(Number(value));

export function endsProblem({ low, high }: Pick<Sought, "low" | "high">, whole: boolean): "number" | "order" | "whole" | null {
  if (!isNumber(low) || !isNumber(high)) return "number";
  if (Number(low) >= Number(high)) return "order";
  return whole && Math.ceil(Number(low)) > Math.floor(Number(high)) ? "whole" : null;
}

export function valuesProblem(values: string[]): "none" | "twice" | "many" | null {
  if (values.length === 0) return "none";
  if (values.length > MOST_VALUES) return "many";
  const spelled = values.map((value) => (isNumber(value) ? String(Number(value)) : value));
  return new Set(spelled).size < spelled.length ? "twice" : null;
}

export function skipProblem(skip: string, names: string[]): "form" | "name" | null {
  if (!skip.trim()) return null;
  try {
    const document: unknown = JSON.parse(skip);
    const all = Array.isArray(document) ? document : [document];
    if (!all.every((one) => typeof one === "object" && one !== null && !Array.isArray(one) && Object.keys(one).length > 0)) return "form";
    return all.flatMap((one) => Object.keys(one as object)).every((name) => names.includes(name)) ? null : "name";
  } catch {
    return "form";
  }
}

const HUNDREDFOLD = 99.999;
/** Bounds that are a hundredfold apart, as those of learning rates are, mean magnitudes; the search takes them so, too. */
export const byMagnitude = (one: Sought | undefined): boolean => one?.kind === "continuous" && !one.points && Number(one.low) > 0 && Number(one.high) / Number(one.low) >= HUNDREDFOLD;

/** How many combinations there are; null where they cannot be counted. */
export function sizeOf(sought: Sought[]): number | null {
  const counts = sought.map((one) => (one.kind === "discrete" ? one.values.length : one.points));
  return counts.every((count): count is number => Boolean(count)) ? counts.reduce((all, count) => all * count, 1) : null;
}

// ── expressions ─────────────────────────────────────────────────────────────────────────────────────

/** What Python writes otherwise than a browser, and what only Python can. */
const PYTHON_ONLY = /\(\?[(#>]|\(\?[aiLmsux-]+[:)]|[*+?}]\+|\\[AZbB]|\[\[|\(\?P[=>]/;
const asBrowser = (regex: string) => regex.replaceAll("(?P<", "(?<");

/** null where only the server can tell. */
function compiled(regex: string): RegExp | "broken" | null {
  try {
    return new RegExp(asBrowser(regex));
  } catch {
    return PYTHON_ONLY.test(regex) ? null : "broken";
  }
}

export function regexProblem(regex: string): "broken" | "group" | null {
  const found = compiled(regex);
  if (found === "broken") return "broken";
  const groups = found === null ? null : new RegExp(`${found.source}|`).exec("")?.length;
  return groups === 1 ? "group" : null;
}

/** Where the expression lies in the form that the server speaks of. */
export function goalOf(field: string): (string | number)[] | null {
  const at = /\breward_attrs\[(\d+)\]\.regex$/.exec(field)?.[1];
  return at === undefined ? null : ["search", "goals", Number(at), "regex"];
}

/** The last figure that an expression finds in a line, as the server looks for it; null for none. */
export function figureIn(line: string, regex: string): string | null {
  const found = compiled(regex);
  if (!(found instanceof RegExp)) return null;
  const captured = [...line.matchAll(new RegExp(found.source, "g"))].map((match) => match.slice(1).find((group) => group !== undefined) ?? "");
  const figures = captured.flatMap((part) => FIGURE.exec(part)?.[0] ?? []);
  return figures.at(-1) ?? null;
}

const FIGURE = /[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|(?<![a-z])[-+]?(?:nan|inf(?:inity)?)\b/i;

/** An expression for a figure of this name, as scripts usually print it: `acc: 0.93`, `acc=0.93`. */
export const usualRegex = (name: string) => `${/^\w/.test(name) ? "\\b" : ""}${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}\\s*[:=]\\s*([-+0-9.e]+)`;
