import { expect, test } from "vitest";

import { changed } from "./address";

test("what is empty leaves the address, and what is not spoken of stays", () => {
  expect(changed("?folder=a&q=x", { q: "", object: "o" })).toBe("folder=a&object=o");
});

test("a change may be made of what is told", () => {
  expect(changed("page=2", (told) => new URLSearchParams({ page: String(Number(told.get("page")) + 1) }))).toBe("page=3");
});
