import { expect, test } from "vitest";

import { known } from "./reading";

test.each([[null, null], [{ order: "xywh" }, "xywh"], [{ order: "sideways" }, null], [{}, null]])("what was kept as %j is read as %s", (told, order) => {
  expect(known(told)).toBe(order);
});
