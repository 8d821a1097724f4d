import { expect, test } from "vitest";

import { axisOf, bestOf, bestSoFar, sharesOf, trialsOf } from "./tried";

const HEADER = ["", "done", "config", "trial_id", "time_total_s", "reward_attr", "status", "acc", "loss", "best_reward"];
const row = (number: number, reward: string, status = "TERMINATED") => [String(number), "True", { lr: 0.0123456789, trial_index: number, "param/lr": 0.01 }, `t${number}`, "2.5", reward, status, reward, "0.5", "0.9"];

test("trials are counted from one, and keep what they were given and what is noted", () => {
  const [one] = trialsOf({ header: HEADER, data: [row(0, "0.8")] }, ["loss"]);
  expect(one).toEqual({ id: "t0", number: 1, state: "succeeded", reward: 0.8, most: 0.9, seconds: 2.5, noted: { loss: 0.5 }, given: { lr: "0.012346" } });
});

test("the best is of those that have ended with a figure; the earlier of two equals", () => {
  const trials = trialsOf({ header: HEADER, data: [row(0, "0.5"), row(1, "0.9", "RUNNING"), row(2, "0.7"), row(3, "0.7"), row(4, "0.99", "ERROR"), row(5, "nan"), row(6, "")] });
  expect(bestOf(trials, false)?.id).toBe("t2");
  expect(bestOf(trials, true)?.id).toBe("t0");
  expect(bestOf([], true)).toBeUndefined();
});

test("the best so far never gets worse", () => {
  expect(bestSoFar([3, 1, 4, 1], false)).toEqual([3, 3, 4, 4]);
  expect(bestSoFar([3, 1, 4, 1], true)).toEqual([3, 1, 1, 1]);
  expect(bestSoFar([], true)).toEqual([]);
});

test("shares are ordered by what they decide", () => {
  expect(sharesOf({ header: [], data: [["lr", "0.2/0.1"], ["batch", "0.7/0.05"]] })).toEqual([{ name: "batch", share: 0.7, deviation: 0.05 }, { name: "lr", share: 0.2, deviation: 0.1 }]);
});

test("words stand on an axis one after the other, numbers where they are", () => {
  expect(axisOf(["sgd", "adam", "sgd"])).toEqual({ places: new Map([["adam", 0], ["sgd", 1]]), words: ["adam", "sgd"] });
  expect(axisOf(["0.1", "2"]).places.get("2")).toBe(2);
});
