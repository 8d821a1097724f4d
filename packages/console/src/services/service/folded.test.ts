import { expect, test } from "vitest";

import type { Happened } from "../calls";
import { folded } from "./folded";

const RUNS = ["2575ae98-df2b-4b31-8209-502bf2fc4401", "1883ca13-8625-424c-8209-502bf2fc4402"];
const event = (occur_time: number, code: string, event_info: string, event_type: Happened["event_type"]): Happened => ({ occur_time, code, event_info, event_type, told: null });

test("the same trouble of several instances is told once, with how often and since when", () => {
  const events = [
    event(5, "instance_failed", `in ${RUNS[0]}`, "abnormal"), event(4, "starting", "again", "normal"),
    event(3, "instance_failed", `in ${RUNS[1]}`, "abnormal"), event(2, "instance_failed", "otherwise", "abnormal"), event(1, "starting", "again", "normal"),
  ];
  expect(folded(events).map(({ event: { code, occur_time }, times, first }) => [code, occur_time, times, first])).toEqual([
    ["instance_failed", 5, 2, 3], ["starting", 4, 1, 4], ["instance_failed", 2, 1, 2], ["starting", 1, 1, 1],
  ]);
});
