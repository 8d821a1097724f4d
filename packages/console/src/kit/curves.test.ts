import { expect, test } from "vitest";

import { duration } from "./duration";
import { aligned, smoothed } from "./curves";

test("curves of different places come onto one axis", () => {
  expect(aligned([{ xs: [1, 2], ys: [10, 20] }, { xs: [2, 3], ys: [5, null] }])).toEqual([[1, 2, 3], [10, 20, undefined], [undefined, 5, null]]);
});

test("smoothing starts with the first value, and 0 changes nothing", () => {
  expect(smoothed([4, 2, null, 8], 0)).toEqual([4, 2, null, 8]);
  const calm = smoothed([10, 0, 10, 0], 0.9);
  expect(calm[0]).toBeCloseTo(10);
  expect(calm[1]).toBeGreaterThan(4);
  expect(calm[3]).toBeLessThan(7);
});

test.each([
  [0.04, "0 sec", "0秒"], [3.27, "3.2 sec", "3.2秒"], [59.9, "59 sec", "59秒钟"], [61, "1 min 1 sec", null], [3600, "1 hr", null], [90_061, "1 day 1 hr", null],
])("%d seconds", (seconds, english, chinese) => {
  expect(duration(seconds, "en")).toBe(english);
  if (chinese) expect(duration(seconds, "zh-CN").replace("秒钟", "秒")).toBe(chinese.replace("秒钟", "秒"));
});
