import { expect, test } from "vitest";

import { secondsLeft } from "./calls";

test.each([
  [{ create_at: 1000, duration: 60_000, enable: true }, 31_000, 30], [{ create_at: 1000, duration: 60_000, enable: true }, 99_000, 0], [{ create_at: 0, duration: 0, enable: false }, 5, null],
])("a lease of %o has at %d so many seconds left", (lease, now, left) => {
  expect(secondsLeft({ lease }, now)).toBe(left);
});
