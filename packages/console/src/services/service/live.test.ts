import { expect, test } from "vitest";

import { note, seriesOf, thinned, type Sample } from "./live";

const sample = (at: number, ...versions: [string, number, Record<number, number>][]): Sample => ({
  at, versions: versions.map(([id, calls, bins]) => ({ id, calls, bins: Object.entries(bins).map(([le_ms, count]) => ({ le_ms: Number(le_ms), count })) })),
});

test("only what came between two looks counts", () => {
  const samples = [
    sample(100, ["a", 10, { 1: 10 }], ["b", 0, {}]),
    sample(102, ["a", 30, { 1: 29, 50: 1 }], ["b", 2, { 8: 2 }]),
    sample(104, ["a", 30, { 1: 29, 50: 1 }], ["b", 2, { 8: 2 }]),
  ];
  expect(seriesOf(samples, "a")).toEqual({ xs: [2, 4], rate: [10, 0], p50: [1, null], p95: [1, null], p99: [50, null] });
  expect(seriesOf(samples, null).rate).toEqual([11, 0]);
  expect(seriesOf(samples, "b").p50).toEqual([8, null]);
});

test("a version that is new begins with nothing", () => {
  expect(seriesOf([sample(0), sample(2, ["a", 4, { 2: 4 }])], "a").rate).toEqual([2]);
});

test("counts that begin anew are no calls", () => {
  expect(seriesOf([sample(0, ["a", 9, { 2: 9 }]), sample(2, ["a", 1, { 2: 1 }])], "a")).toMatchObject({ rate: [null], p50: [null] });
});

test("samples are kept for an hour, each once", () => {
  note("s", sample(0));
  note("s", sample(500));
  expect(note("s", sample(500)).map((one) => one.at)).toEqual([0, 500]);
  expect(note("s", sample(3900)).map((one) => one.at)).toEqual([500, 3900]);
  expect(note("t", sample(1)).length).toBe(1);
});

test("of what is some minutes old one in a quarter of a minute is kept", () => {
  const samples = Array.from({ length: 300 }, (_, at) => sample(2 * at));
  const kept = thinned(samples, 600, 300).map((one) => one.at);
  expect(kept.filter((at) => at < 300)).toEqual(Array.from({ length: 19 }, (_, at) => 16 * at));
  expect(kept.filter((at) => at >= 300)).toHaveLength(150);
  expect(seriesOf(thinned([sample(0, ["a", 0, {}]), sample(2, ["a", 3, { 1: 3 }]), sample(16, ["a", 8, { 1: 8 }])], 900, 300), "a").rate).toEqual([0.5]);
});
