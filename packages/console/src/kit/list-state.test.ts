import { expect, test } from "vitest";

import { partOf, readListState, writeListState } from "./list-state";

const USUAL = { page: 1, size: 20, sort: "", descending: false, text: "" };

test.each([
  ["", USUAL],
  ["page=3&size=50&sort=name&order=desc&q=cat", { page: 3, size: 50, sort: "name", descending: true, text: "cat" }],
  ["page=-1&size=7&order=sideways", USUAL],
  ["page=1.5&size=NaN", USUAL],
])("?%s is read", (address, state) => {
  expect(readListState(new URLSearchParams(address))).toEqual(state);
});

test("what is usual is not written, and what is not ours stays", () => {
  const told = new URLSearchParams("folder=a/&page=2&q=cat");
  expect(writeListState(told, { ...USUAL, text: "dog" }).toString()).toBe("folder=a%2F&q=dog");
});

test("a state that is written is read again", () => {
  const first = { sort: "created", descending: true };
  for (const state of [{ ...USUAL, sort: "name" }, { ...USUAL, ...first }, { ...USUAL, sort: "created", descending: false }]) {
    expect(readListState(writeListState(new URLSearchParams(), state, first), first)).toEqual(state);
  }
});

test("a page of a whole list: searched, ordered, cut", () => {
  const rows = ["b10", "a", "b9", "c"].map((name) => ({ name }));
  const state = { ...USUAL, text: "B", sort: "name", size: 1, page: 2 };
  const found = partOf(rows, state, (row) => row.name, { name: (row) => row.name });
  expect(found).toEqual({ rows: [{ name: "b10" }], total: 2 });
});

test("a list stays in the server's order where no order is asked for", () => {
  expect(partOf([3, 1, 2], USUAL, String, {}).rows).toEqual([3, 1, 2]);
});
