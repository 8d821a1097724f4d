import { expect, test } from "vitest";

import { bytes, count } from "./size";
import { relative } from "./time";

test.each([
  [0, "0B"], [999, "999B"], [1000, "1 kB"], [1500, "1.5 kB"], [123_456, "123 kB"], [7_940_000_000, "7.9 GB"], [5e15, "5,000 TB"],
])("%d bytes are %s", (size, told) => {
  expect(bytes(size, "en").replace("\u00a0", " ").replace("0 B", "0B")).toBe(told);
});

test("counts are grouped", () => {
  expect(count(100_000, "en")).toBe("100,000");
});

test.each([
  [-59, null, null], [-60, "1 minute ago", "1分钟前"], [-7200, "2 hours ago", "2小时前"], [-86400, "yesterday", "昨天"], [90 * 60, "in 1 hour", "1小时后"],
])("%d seconds from now", (seconds, english, chinese) => {
  expect(relative(1000_000 + seconds, 1000_000, "en")).toBe(english);
  expect(relative(1000_000 + seconds, 1000_000, "zh-CN")).toBe(chinese);
});
