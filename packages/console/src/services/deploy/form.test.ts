import { expect, test } from "vitest";

import type { Service } from "../calls";
import { BLANK, changeBody, chosen, cliOf, evenly, hoursOf, problemOfVariable, rebalance, scheduleOf, serviceBody, sdkOf, wantedOf, weighed, type Wanted } from "./form";

const sum = (weights: number[]) => weights.reduce((all, one) => all + one, 0);

test.each([
  [[75, 25], 0, 40, [40, 60]],
  [[100, 0], 1, 30, [70, 30]],
  [[50, 25, 25], 0, 0, [0, 50, 50]],
  [[0, 0, 100], 2, 100, [0, 0, 100]],
  [[100, 0, 0], 0, 50, [50, 25, 25]],
  [[100], 0, 20, [100]],
  [[50, 50], 0, 180, [100, 0]],
  [[50, 50], 0, -3, [0, 100]],
])("of %j the weight %d becomes %d, and all are %j", (weights, at, value, wanted) => {
  expect(rebalance(weights, at, value)).toEqual(wanted);
});

test("weights are a hundred together, however one moves them", () => {
  for (let count = 2; count <= 9; count += 1) {
    let weights = evenly(count);
    expect(sum(weights)).toBe(100);
    for (let turn = 0; turn < 60; turn += 1) {
      weights = rebalance(weights, turn % count, (turn * 37) % 101);
      expect(sum(weights)).toBe(100);
      expect(weights[turn % count]).toBe((turn * 37) % 101);
      expect(Math.min(...weights)).toBeGreaterThanOrEqual(0);
    }
  }
});

test("a version that comes or goes shares anew; the same ones keep their weights", () => {
  const two = [{ id: "a", version: "1", weight: 90, instances: 2 }, { id: "b", version: "2", weight: 10, instances: 1 }];
  expect(chosen(two, two)).toEqual(two);
  expect(chosen(two, [{ id: "a", version: "1" }])).toEqual([{ id: "a", version: "1", weight: 100, instances: 2 }]);
  expect(chosen(two, [...two, { id: "c", version: "3" }]).map((one) => one.weight)).toEqual([34, 33, 33]);
});

const WANTED: Wanted = {
  ...BLANK, name: "cats", model: "cats", flavour: "modelarts.vm.cpu.2u", hours: 1.5, variables: [{ name: "SIZE", value: "2 4" }],
  versions: [{ id: "a", version: "0.0.1", weight: 90, instances: 1 }, { id: "b", version: "0.0.2", weight: 10, instances: 1 }],
};

test("what is filled in is what is sent", () => {
  expect(serviceBody(WANTED)).toEqual({
    service_name: "cats", infer_type: "real-time", schedule: [{ type: "stop", time_unit: "MINUTES", duration: 90 }],
    config: ["a", "b"].map((id, at) => ({ model_id: id, weight: at ? 10 : 90, instance_count: 1, specification: "modelarts.vm.cpu.2u", envs: { SIZE: "2 4" } })),
  });
});

test("the command line says the same, and is not offered where it cannot", () => {
  expect(cliOf(WANTED)?.replaceAll(/\s*\\\n\s*/g, " ")).toBe(
    "maquette services deploy cats:0.0.1 cats:0.0.2 --weight 90 --weight 10 --name cats --flavour modelarts.vm.cpu.2u --env 'SIZE=2 4' --stop-after 90m",
  );
  expect(cliOf({ ...WANTED, versions: WANTED.versions.map((one, at) => ({ ...one, instances: at + 1 })) })).toBeNull();
  expect(cliOf({ ...WANTED, flavour: "custom" })).toBeNull();
});

test("Python says the same, also of a change", () => {
  expect(sdkOf(WANTED)).toContain('deploy(\n    {"cats:0.0.1": 90, "cats:0.0.2": 10},\n    name="cats",\n    specification="modelarts.vm.cpu.2u",\n    variables={"SIZE": "2 4"},\n    stop_hours=1.5,\n)');
  const service = { service_id: "s1", service_name: "cats", schedule: [{ time_unit: "DAYS", duration: 1 }] } as unknown as Service;
  expect(sdkOf({ ...WANTED, versions: WANTED.versions.slice(0, 1), hours: null, flavour: "", variables: [] }, service)).toContain('get("s1").update(\n    "cats:0.0.1",\n    instances=1,\n    stop_hours=0,\n)');
  expect(sdkOf({ ...WANTED, flavour: "custom" })).toBeNull();
});

test("a service is changed in what was changed: its time runs on unless another is wanted, its own size stays", () => {
  const service = {
    service_id: "s", service_name: "cats", description: "", schedule: [{ time_unit: "DAYS", duration: 1 }],
    config: [{ model_id: "a", model_name: "cats", model_version: "0.0.1", weight: 100, instance_count: 1, specification: "custom", custom_spec: { cpu: 1, memory: 512 }, envs: {} }],
  } as unknown as Service;
  const wanted = wantedOf(service);
  expect(wanted.hours).toBe(24);
  expect(changeBody(wanted, service)).toEqual({
    description: "", config: [{ model_id: "a", weight: 100, instance_count: 1, specification: "custom", custom_spec: { cpu: 1, memory: 512 }, envs: {} }],
  });
  expect(changeBody({ ...wanted, hours: null }, service).schedule).toEqual([]);
});

test("other weights leave each version what it has of its own", () => {
  const one = { model_name: "cats", instance_count: 2, custom_spec: {}, envs: { A: "1" } };
  const service = { config: [
    { ...one, model_id: "a", weight: 75, specification: "modelarts.vm.cpu.2u" }, { ...one, model_id: "b", weight: 25, specification: "custom", custom_spec: { cpu: 1, memory: 512 }, envs: {} },
  ] } as unknown as Service;
  expect(weighed(service, [{ id: "a", version: "1", weight: 40, instances: 9 }, { id: "b", version: "2", weight: 60, instances: 9 }])).toEqual([
    { model_id: "a", weight: 40, instance_count: 2, specification: "modelarts.vm.cpu.2u", envs: { A: "1" } },
    { model_id: "b", weight: 60, instance_count: 2, specification: "custom", envs: {}, custom_spec: { cpu: 1, memory: 512 } },
  ]);
});

test.each([[null, null], [2, 2], [0.5, 0.5], [48, 48]])("%d hours come back as %d", (hours, back) => {
  expect(hoursOf(scheduleOf(hours) as { time_unit: string; duration: number }[])).toBe(back);
});

test.each([
  ["SIZE", null], ["_a1", null], ["", "needed"], ["1a", "signs"], ["A B", "signs"], ["größe", "signs"], ["MAQUETTE_PLAN", "kept"], ["TWICE", "twice"],
])("a variable %j: %s", (name, problem) => {
  expect(problemOfVariable(name, ["TWICE", "", "other"])).toBe(problem);
});
