import { expect, test } from "vitest";

import { nextStep, stepsOf } from "./loop";

test.each([
  [{ buckets: 0, jobs: 0, models: 0, services: 0, batches: 0 }, "data"],
  [{ buckets: 2, jobs: 0, models: 0, services: 0, batches: 0 }, "train"],
  [{ buckets: 2, jobs: 0, models: 3, services: 0, batches: 0 }, "train"],
  [{ buckets: 2, jobs: 5, models: 1, services: null, batches: 0 }, "deploy"],
  [{ buckets: 2, jobs: 5, models: 1, services: 4, batches: 0 }, undefined],
  [{ buckets: 2, jobs: 5, models: 1, services: 0, batches: 1 }, undefined],
  [{ buckets: 2, jobs: 5, models: 1, services: 0, batches: null }, "deploy"],
])("with %o the next step is %s", (counts, word) => {
  const steps = stepsOf(counts);
  expect(steps[nextStep(steps)]?.word).toBe(word);
});

test("a model that is online and one that works through files are counted each", () => {
  expect(stepsOf({ buckets: 1, jobs: 1, models: 1, services: 2, batches: 3 }).at(-1)).toMatchObject({ room: "services", count: 2, also: { room: "batches", count: 3 } });
});
