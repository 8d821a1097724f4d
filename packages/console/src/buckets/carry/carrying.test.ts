import { expect, test } from "vitest";

import { linesOf } from "../lines";
import { hindrance } from "./carrying";

const lines = linesOf([{ folders: ["in/cats/"], objects: [{ key: "in/dog.png", size: 1, modified: 0, etag: "" }], next: null }]);

test.each([
  ["pets", "in/", "same"],
  ["pets", "in/cats/", "inside"],
  ["pets", "in/cats/more/", "inside"],
  ["pets", "in/cats-too/", null],
  ["pets", "", null],
  ["other", "in/", null],
  ["other", "in/cats/", null],
])("to obs://%s/%s: %s", (bucket, key, why) => {
  expect(hindrance(lines, { from: { bucket: "pets", key: "in/" }, to: { bucket, key } })).toBe(why);
});

test("an object alone may go anywhere else, also below a name that begins alike", () => {
  const [, dog] = lines;
  expect(dog && hindrance([dog], { from: { bucket: "pets", key: "in/" }, to: { bucket: "pets", key: "in/dog.png/" } })).toBe(null);
});
