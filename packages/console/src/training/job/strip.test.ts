import { expect, test } from "vitest";

import type { VersionRun } from "../jobs";
import { stripOf } from "./strip";

const NONE = { queue: 0, environment: 0, copy_in: 0, run: 0, copy_out: 0 };
const run = (moments: Record<string, number>, split: Record<string, number>, settled = true) => ({ moments, split: { ...NONE, ...split }, settled }) as unknown as VersionRun;
const of = (runs: VersionRun[], search: Record<string, unknown> | null = null, state = "succeeded") => ({ runs, state, specification: { search } });

test("of several nodes the one that took the longest is told", () => {
  const runs = [run({ queued: 0, started: 5 }, { run: 10 }), run({ queued: 0, started: 5 }, { run: 30 })];
  expect(stripOf(of(runs))?.seconds.run).toBe(30);
});

test("a search takes from the start of its first trial to the end of its last, with what lay between them", () => {
  const runs = [
    run({ queued: 50, started: 60, process_ended: 70, ended: 71 }, { queue: 10, run: 10, copy_out: 1 }),
    run({ queued: 0, started: 5, process_ended: 45, ended: 47 }, { queue: 5, run: 40, copy_out: 2 }),
  ];
  expect(stripOf(of(runs, { trials: 2 }))).toEqual({ seconds: { queue: 5, environment: 0, copy_in: 0, run: 65, copy_out: 1 } });
});

test("a search goes on between two trials, and before the first it waits", () => {
  const ended = run({ queued: 0, started: 5, process_ended: 45, ended: 47 }, { queue: 5, run: 40 });
  expect(stripOf(of([ended], {}, "running"))?.going).toBe("run");
  expect(stripOf(of([run({ queued: 0 }, { queue: 3 }, false)], {}, "queued"))).toMatchObject({ seconds: { queue: 3, run: 0 }, going: "queue" });
});

test.each([[{ queued: 0 }, "queue"], [{ queued: 0, preparing: 1, environment: 2 }, "copy_in"], [{ queued: 0, started: 3 }, "run"], [{ queued: 0, ended: 3 }, undefined]])(
  "of moments %o the stage that goes on is %s", (moments, stage) => {
    expect(stripOf(of([run(moments, {}, false)], null, "running"))?.going).toBe(stage);
  },
);

test("a version without runs has no strip", () => {
  expect(stripOf(of([]))).toBeUndefined();
});
