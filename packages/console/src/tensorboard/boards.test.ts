import { expect, test } from "vitest";

import { freeName, NAME, placeOf } from "./boards";

test.each([["obs://pets/out", "/pets/out/"], ["/pets/out/", "/pets/out/"], ["s3://pets/", "/pets/"]])("%s is the place %s", (address, place) => {
  expect(placeOf(address)).toBe(place);
});

test.each([["flowers", [], "flowers"], ["flowers", ["flowers"], "flowers-2"], ["花", [], "-"], ["a-name-that-is-much-too-long", ["a-name-that-is-much-t"], "a-name-that-is-much-"], ["", [], "board"]])(
  "%s is called something that is allowed", (wanted, taken, name) => {
    expect(freeName(wanted, taken)).toBe(name);
    expect(NAME.test(freeName(wanted, taken))).toBe(true);
  },
);
