import { expect, test } from "vitest";

import { scrolledTo, sight } from "./window";

test("of a hundred thousand rows only those in sight are drawn", () => {
  const { first, end } = sight(1_000_000, 600, 44, 100_000);
  expect(end - first).toBeLessThan(40);
  expect(first).toBeLessThanOrEqual(1_000_000 / 44);
  expect(end).toBeGreaterThanOrEqual(1_000_600 / 44);
});

test.each([[0, 600, 3, { first: 0, end: 3 }], [9e9, 600, 10, { first: 10, end: 10 }], [0, 600, 0, { first: 0, end: 0 }]])(
  "scrolled to %d in a window of %d over %d rows", (top, height, total, found) => {
    expect(sight(top, height, 44, total)).toEqual(found);
  },
);

test("one scrolls no further than it takes to see the row", () => {
  expect(scrolledTo(0, 500, 400, 40)).toBe(0);
  expect(scrolledTo(15, 500, 400, 40)).toBe(500);
  expect(scrolledTo(30, 500, 400, 40)).toBe(31 * 40 - 400);
});
