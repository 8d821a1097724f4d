/** The trials of a search, read from ModelArts' table of them. */

import { call } from "../../api/call";

const MOST = 1000;

export interface Trial {
  id: string;
  /** Counted from 1. */
  number: number;
  state: string;
  reward: number | null;
  /** The best figure that it has printed; the last one counts. */
  most: number | null;
  seconds: number;
  /** What else is noted, by name. */
  noted: Record<string, number | null>;
  given: Record<string, string>;
}

export interface Share {
  name: string;
  share: number;
  deviation: number;
}

type Cell = string | Record<string, unknown>;
export interface Table {
  header: string[];
  data: Cell[][];
}

export async function readTrials(id: string, version: string, noted: string[], signal: AbortSignal): Promise<Trial[]> {
  const told = await call("GET /v2/{project_id}/training-jobs/{job_id}/autosearch-trials", { path: { job_id: id }, query: { limit: MOST, version }, signal });
  return trialsOf((told as unknown as { items: Table }).items, noted);
}

/** How much each parameter decides; nothing before the search has ended. */
export async function readShares(id: string, version: string, signal: AbortSignal): Promise<Share[]> {
  const told = await call("GET /v2/{project_id}/training-jobs/{job_id}/autosearch-parameter-analysis", { path: { job_id: id }, query: { version }, signal });
  return sharesOf(told as unknown as Table);
}

export const endTrial = (id: string, trial: string) =>
  call("POST /v2/{project_id}/training-jobs/{job_id}/autosearch-trial-earlystop/{trial_id}", { path: { job_id: id, trial_id: trial } });

/** Ray's words, which ModelArts' answers use, in those of our chips. */
const STATES: Record<string, string> = { TERMINATED: "succeeded", RUNNING: "running", PENDING: "queued", ERROR: "failed" };

export function trialsOf({ header, data }: Table, noted: string[] = []): Trial[] {
  return data.map((row) => {
    const at = (name: string): Cell => row[header.indexOf(name)] ?? "";
    const figure = (name: string) => {
      const value = Number.parseFloat(String(at(name)));
      return Number.isFinite(value) ? value : null;
    };
    const state = String(at("status"));
    return {
      id: String(at("trial_id")), number: Number(row[0]) + 1, state: STATES[state] ?? state, reward: state === "ERROR" ? null : figure("reward_attr"), most: figure("best_reward"),
      seconds: figure("time_total_s") ?? 0, noted: Object.fromEntries(noted.map((name) => [name, figure(name)])), given: givenTo(at("config")),
    };
  });
}

/** The hyperparameters; the rest of a configuration is told twice, or by its number. */
function givenTo(config: Cell): Record<string, string> {
  const pairs = typeof config === "string" ? [] : Object.entries(config);
  return Object.fromEntries(pairs.filter(([name]) => name !== "trial_index" && !name.startsWith("param/")).map(([name, value]) => [name, String(typeof value === "number" ? Number(value.toPrecision(5)) : value)]));
}

export function sharesOf({ data }: Table): Share[] {
  return data.map(([name = "", told = ""]) => {
    const [share = 0, deviation = 0] = String(told).split("/").map(Number);
    return { name: String(name), share, deviation };
  }).sort((one, other) => other.share - one.share);
}

const isOver = (trial: Trial) => trial.state === "succeeded" || trial.state === "stopped";

/** The ended trial with the best reward; the earlier of two equals, as the search itself judges. */
export function bestOf(trials: Trial[], least: boolean): Trial | undefined {
  const judged = trials.filter((trial) => isOver(trial) && trial.reward !== null);
  return judged.reduce<Trial | undefined>((one, other) => (!one || isBetter(other.reward, one.reward, least) ? other : one), undefined);
}

const isBetter = (one: number | null, other: number | null, least: boolean) => one !== null && other !== null && (least ? one < other : one > other);

/** Of each trial in turn, the best that had been reached by then. */
export function bestSoFar(rewards: number[], least: boolean): number[] {
  let best = rewards[0] ?? 0;
  return rewards.map((reward) => (best = least ? Math.min(best, reward) : Math.max(best, reward)));
}

/** Where the values of a parameter stand on an axis: numbers where they are, words one after the other. */
export function axisOf(values: string[]): { places: Map<string, number>; words: string[] | null } {
  const different = [...new Set(values)];
  if (different.every((value) => value !== "" && Number.isFinite(Number(value)))) return { places: new Map(different.map((value) => [value, Number(value)])), words: null };
  const words = different.sort();
  return { places: new Map(words.map((word, at) => [word, at])), words };
}
