import { expect, test } from "vitest";

import type { Happened } from "../services/calls";
import { splitOf } from "./split";

/** The newest first, as the server tells them; moments in seconds. */
const events = (...told: [number, string][]): Happened[] =>
  told.map(([at, code]) => ({ occur_time: at * 1000, code, event_info: "", event_type: "normal" as const, told: null })).reverse();

test.each([
  ["while instances get ready", events([10, "deploying"]), 11, 14, [4, 0]],
  ["while it works", events([10, "deploying"], [13, "instance_ready"], [13, "running"]), 11, 20, [3, 7]],
  ["after its end", events([10, "deploying"], [13, "instance_ready"], [18, "finished"]), 11, 90, [3, 5]],
  ["after a stop it goes on", events([10, "deploying"], [13, "running"], [18, "stopped"], [30, "starting"], [32, "running"]), 11, 40, [5, 13]],
  ["a new round begins anew", events([10, "deploying"], [13, "running"], [18, "finished"], [30, "starting"], [32, "running"]), 30.5, 40, [2, 8]],
  ["one that never got ready", events([10, "deploying"], [12, "instance_failed"], [18, "failed"]), 11, 90, [8, 0]],
  ["before it was taken", events([10, "deploying"]), null, 12, [2, 0]],
])("%s", (_, told, began, now, [ready, work]) => {
  const split = splitOf(told, began, now * 1000);
  expect([split?.ready, split?.work]).toEqual([ready, work]);
});

test("nothing is told of what never began", () => {
  expect(splitOf([], null, 0)).toBeNull();
});
