import { expect, test } from "vitest";

import type { Facts } from "./calls";
import { hasBegun, hereOf, stepsOf } from "./standing";

const tour = { name: "digits-tour", bucket: "digits-tour-1", filled: true, unseen: [], engine: "pytorch-2.13.0", engine_ready: true, cores: 2 };
const job = (state: string, settled = true) => ({ id: "j", version: { state, runs: [{ settled }] } });
const facts = (more: object): Facts => ({ tour, job: null, model: null, service: null, ...more }) as unknown as Facts;
const ready = { job: job("succeeded"), model: { model_id: "m", model_status: "published" } };

test.each([
  ["nothing is there", { tour: { ...tour, filled: false } }, ["next", "later", "later", "later", "later"]],
  ["the bucket is filled", {}, ["done", "next", "later", "later", "later"]],
  ["the job runs", { job: job("running", false) }, ["done", "going", "later", "later", "later"]],
  ["what the job has left is put away", { job: job("succeeded", false) }, ["done", "going", "later", "later", "later"]],
  ["the job has failed", { job: job("failed") }, ["done", "failed", "later", "later", "later"]],
  ["the job is done", { job: job("succeeded") }, ["done", "done", "next", "later", "later"]],
  ["the model is imported", { ...ready, model: { model_id: "m", model_status: "publishing" } }, ["done", "done", "going", "later", "later"]],
  ["the model is there", ready, ["done", "done", "done", "next", "later"]],
  ["the service gets ready", { ...ready, service: { service_id: "s", status: "deploying", invocation_times: 0 } }, ["done", "done", "done", "going", "later"]],
  ["the service was stopped", { ...ready, service: { service_id: "s", status: "stopped", invocation_times: 4 } }, ["done", "done", "done", "failed", "later"]],
  ["nobody has asked it", { ...ready, service: { service_id: "s", status: "running", invocation_times: 0 } }, ["done", "done", "done", "done", "next"]],
  ["it has answered", { ...ready, service: { service_id: "s", status: "running", invocation_times: 1 } }, ["done", "done", "done", "done", "done"]],
])("when %s", (_, more, at) => {
  expect(stepsOf(facts(more)).map((step) => step.at)).toEqual(at);
});

test("one is at the first step that is not done, and in the end at the last", () => {
  expect(hereOf(stepsOf(facts({})))).toBe(1);
  expect(hereOf(stepsOf(facts({ ...ready, service: { service_id: "s", status: "running", invocation_times: 1 } })))).toBe(4);
});

test("each step leads to the very thing", () => {
  const steps = stepsOf(facts({ ...ready, service: { service_id: "s", status: "running", invocation_times: 0 } }));
  expect(steps.map((step) => step.page)).toEqual([
    "/console/buckets/digits-tour-1", "/console/training/j", "/console/models/m", "/console/services/s", "/console/services/s?tab=predict",
  ]);
  expect(hasBegun(steps)).toBe(true);
  expect(hasBegun(stepsOf(facts({ tour: { ...tour, filled: false } })))).toBe(false);
});
