/** How a service is called while one looks: the differences between what was counted a moment ago and now. */

import type { BinBody } from "../../api/calls";

export interface Counted {
  id: string;
  calls: number;
  bins: BinBody[];
}

export interface Sample {
  /** Seconds. */
  at: number;
  versions: Counted[];
}

export interface Series {
  /** Seconds since the first sample. */
  xs: number[];
  rate: (number | null)[];
  p50: (number | null)[];
  p95: (number | null)[];
  p99: (number | null)[];
}

/** An hour, of which the last minutes are kept as they were looked at. */
const KEPT_SECONDS = 3600;
const FINE_SECONDS = 300;
const STEP_SECONDS = 15;
const MOST_SERVICES = 2;
const STORED = "maquette-live";
const KEPT = new Map<string, Sample[]>(recalled());

/** Keeps a sample of a service for as long as this tab is open, also when its page is loaded anew. */
export function note(service: string, sample: Sample): Sample[] {
  const before = KEPT.get(service) ?? [];
  const last = before.at(-1);
  if (last && sample.at <= last.at) return before;
  const now = [...thinned(before, sample.at, FINE_SECONDS), sample];
  KEPT.delete(service);
  KEPT.set(service, now);
  return now;
}

/** Counts only grow, so what is left out between two samples is still in the second. */
export function thinned(samples: readonly Sample[], now: number, fine: number): Sample[] {
  const kept: Sample[] = [];
  for (const one of samples) {
    if (now - one.at > KEPT_SECONDS) continue;
    if (now - one.at <= fine || one.at - (kept.at(-1)?.at ?? -Infinity) >= STEP_SECONDS) kept.push(one);
  }
  return kept;
}

function recalled(): [string, Sample[]][] {
  if (typeof window === "undefined") return [];
  window.addEventListener("pagehide", () => {
    const now = Date.now() / 1000;
    const last = [...KEPT].slice(-MOST_SERVICES).map(([service, samples]) => [service, thinned(samples, now, 0)]);
    sessionStorage.setItem(STORED, JSON.stringify(last));
  });
  return JSON.parse(sessionStorage.getItem(STORED) ?? "[]") as [string, Sample[]][];
}

/** Of one version, or of all together. */
export function seriesOf(samples: readonly Sample[], version: string | null): Series {
  const series: Series = { xs: [], rate: [], p50: [], p95: [], p99: [] };
  const of = (sample: Sample) => sample.versions.filter((one) => version === null || one.id === version);
  samples.slice(1).forEach((sample, at) => {
    const before = samples[at] as Sample;
    const [calls, bins] = [callsOf(of(sample)) - callsOf(of(before)), minus(of(sample), of(before))];
    const seconds = sample.at - before.at;
    series.xs.push(Math.round((sample.at - (samples[0]?.at ?? 0)) * 10) / 10);
    series.rate.push(calls >= 0 && seconds > 0 ? calls / seconds : null);
    series.p50.push(percentile(bins, 0.5));
    series.p95.push(percentile(bins, 0.95));
    series.p99.push(percentile(bins, 0.99));
  });
  return series;
}

const callsOf = (some: Counted[]) => some.reduce((sum, one) => sum + one.calls, 0);

function minus(now: Counted[], before: Counted[]): [number, number][] {
  const left = new Map<number, number>();
  for (const [some, sign] of [[now, 1], [before, -1]] as const) {
    for (const one of some) for (const bin of one.bins) left.set(bin.le_ms, (left.get(bin.le_ms) ?? 0) + sign * bin.count);
  }
  return [...left].filter(([, count]) => count > 0).sort(([one], [other]) => one - other);
}

/** The bound of the bin in which it lies; null where nobody called. */
function percentile(bins: [number, number][], part: number): number | null {
  let left = part * bins.reduce((sum, [, count]) => sum + count, 0);
  for (const [bound, count] of bins) {
    left -= count;
    if (left <= 0) return bound;
  }
  return null;
}
