/** All files that are on their way into buckets: they go on while one looks at other pages. */

import { useSyncExternalStore } from "react";

import { Refusal } from "../../api/call";
import { forget, transfer, type Job, type Told } from "./transfer";

export type State = "waiting" | "sending" | "done" | "failed" | "stopped";

export interface Item extends Job {
  id: number;
  state: State;
  sent: number;
  error?: unknown;
}

export interface Summary {
  items: readonly Item[];
  counts: Record<State, number>;
  bytes: number;
  sent: number;
}

type Send = (job: Job, tell: Told, signal: AbortSignal) => Promise<void>;
const AT_ONCE = 4;
const TRIES = 4;

/** A queue with its own way of sending, so that tests need no network. */
export class Queue {
  #items: Item[] = [];
  #stops = new Map<number, AbortController>();
  #listeners = new Set<() => void>();
  #summary: Summary = summary([]);
  #next = 1;
  #told = false;

  constructor(
    private readonly send: Send,
    private readonly pause: (milliseconds: number) => Promise<void>,
    private readonly arrived: (job: Job) => void = () => undefined,
  ) {}

  readonly listen = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly read = () => this.#summary;

  add(jobs: Job[]): void {
    this.#items.push(...jobs.map((job) => ({ ...job, id: this.#next++, state: "waiting" as const, sent: 0 })));
    this.#tell();
    this.#work();
  }

  again(ids?: number[]): void {
    for (const item of this.#items) {
      const wanted = ids ? ids.includes(item.id) : item.state === "failed";
      if (wanted && (item.state === "failed" || item.state === "stopped")) this.#set(item, { state: "waiting", sent: 0, error: undefined });
    }
    this.#work();
  }

  /** What has arrived of a file stays there, so that it can go on. */
  stop(ids?: number[]): void {
    for (const item of this.#items) {
      if (ids && !ids.includes(item.id)) continue;
      if (item.state === "waiting" || item.state === "sending") this.#set(item, { state: "stopped" });
      this.#stops.get(item.id)?.abort();
    }
  }

  /** Takes what has ended off the list. */
  clear(): void {
    const gone = this.#items.filter((item) => item.state === "failed" || item.state === "stopped");
    for (const item of gone) forget(item).catch(() => undefined); // the server forgets it by itself after a week
    this.#items = this.#items.filter((item) => item.state === "waiting" || item.state === "sending");
    this.#tell();
  }

  #work(): void {
    const free = AT_ONCE - this.#stops.size;
    for (const item of this.#items.filter((one) => one.state === "waiting").slice(0, Math.max(0, free))) void this.#run(item);
  }

  async #run(item: Item): Promise<void> {
    const stop = new AbortController();
    this.#stops.set(item.id, stop);
    this.#set(item, { state: "sending" });
    try {
      await this.#tryOften(item, stop.signal);
      this.#set(item, { state: "done", sent: item.file.size });
      this.arrived(item);
    } catch (error) {
      if (!stop.signal.aborted) this.#set(item, { state: "failed", error });
    } finally {
      this.#stops.delete(item.id);
      this.#work();
    }
  }

  /** What the server refuses stays refused; what did not reach it is tried again. */
  async #tryOften(item: Item, signal: AbortSignal): Promise<void> {
    for (let count = 1; ; count++) {
      try {
        return await this.send(item, (sent) => this.#set(item, { sent }), signal);
      } catch (error) {
        const passing = error instanceof Refusal && (error.status === 0 || error.status >= 500) && error.status !== 507;
        if (signal.aborted || !passing || count === TRIES) throw error;
        await this.pause(500 * 2 ** count);
      }
    }
  }

  #set(item: Item, change: Partial<Item>): void {
    Object.assign(item, change);
    this.#tell();
  }

  /** Progress comes by the thousand; pages are told ten times a second. */
  #tell(): void {
    if (this.#told) return;
    this.#told = true;
    setTimeout(() => {
      this.#told = false;
      this.#summary = summary(this.#items);
      for (const listener of this.#listeners) listener();
    }, 100);
  }
}

export function summary(items: readonly Item[]): Summary {
  const counts: Record<State, number> = { waiting: 0, sending: 0, done: 0, failed: 0, stopped: 0 };
  let [bytes, sent] = [0, 0];
  for (const item of items) {
    counts[item.state]++;
    bytes += item.file.size;
    sent += item.state === "done" ? item.file.size : Math.min(item.sent, item.file.size);
  }
  return { items: [...items], counts, bytes, sent };
}

const wait = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
const arrivals = new Set<(job: Job) => void>();
export const uploads = new Queue(transfer, wait, (job) => {
  for (const one of arrivals) one(job);
});

/** Calls back for each file that has arrived. */
export function onArrival(listener: (job: Job) => void): () => void {
  arrivals.add(listener);
  return () => arrivals.delete(listener);
}

export function useUploads(): Summary {
  return useSyncExternalStore(uploads.listen, uploads.read);
}

/** Whether there is anything to show of uploads. */
export function useWorking(): boolean {
  return useUploads().items.length > 0;
}

if (typeof window !== "undefined") {
  window.addEventListener("beforeunload", (event) => {
    const { waiting, sending } = uploads.read().counts;
    if (waiting + sending > 0) event.preventDefault();
  });
}
