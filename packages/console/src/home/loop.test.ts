import { expect, test } from "vitest";

import { nextStep, stepsOf } from "./loop";

test.each([
  [{ buckets: 0, jobs: 0, models: 0, services: 0 }, "data"],
  [{ buckets: 2, jobs: 0, models: 0, services: 0 }, "train"],
  [{ buckets: 2, jobs: 0, models: 3, services: 0 }, "train"],
  [{ buckets: 2, jobs: 5, models: 1, services: null }, "deploy"],
  [{ buckets: 2, jobs: 5, models: 1, services: 4 }, undefined],
])("with %o the next step is %s", (counts, word) => {
  const steps = stepsOf(counts);
  expect(steps[nextStep(steps)]?.word).toBe(word);
});
