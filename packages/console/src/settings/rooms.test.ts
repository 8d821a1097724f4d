import { expect, test } from "vitest";

import { partsOf } from "./rooms";

test("buckets count as one part, and the largest part comes first", () => {
  const room = (kind: string, bytes: number, name = "") => ({ kind, name, bytes, files: 1 });
  const parts = partsOf([room("engines", 50), room("bucket", 40, "pets"), room("bucket", 30, "cars"), room("rows", 1)]);
  expect(parts.map(({ kind, bytes, files }) => [kind, bytes, files])).toEqual([["bucket", 70, 2], ["engines", 50, 1], ["rows", 1, 1]]);
  expect(parts[0]?.buckets.map((one) => one.name)).toEqual(["pets", "cars"]);
});
