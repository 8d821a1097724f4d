import { expect, test } from "vitest";

import { note, seriesOf, type Sample } from "./live";

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

test("samples are kept for a quarter of an hour, each once", () => {
  note("s", sample(0));
  note("s", sample(500));
  expect(note("s", sample(500)).map((one) => one.at)).toEqual([0, 500]);
  expect(note("s", sample(1200)).map((one) => one.at)).toEqual([500, 1200]);
  expect(note("t", sample(1)).length).toBe(1);
});
