import { expect, test } from "vitest";

import type { Happened } from "../calls";
import { endedRuns } from "./ended";

const event = (occur_time: number, run?: string): Happened => ({ event_type: "normal", event_info: "", code: "instance_ready", occur_time, told: null, ...(run && { parameters: { run } }) });

test("runs that have ended are named once, the newest first, five at most", () => {
  expect(endedRuns([event(1, "a"), event(3, "b"), event(2), event(4, "a"), event(5, "live")], ["live"])).toEqual(["a", "b"]);
  expect(endedRuns(Array.from({ length: 9 }, (_, at) => event(at, `r${at}`)), []).length).toBe(5);
  expect(endedRuns([], [])).toEqual([]);
});
