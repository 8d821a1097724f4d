import { expect, test } from "vitest";

import { FREE, descriptionsOf, type Declared } from "./parameters";
import { BLANK_SEARCH, byMagnitude, endsProblem, figureIn, goalOf, regexProblem, searchBody, searchOf, sizeOf, skipProblem, SOUGHT, spaceOf, usualRegex, valuesProblem, type Search } from "./search";

const SEARCH: Search = {
  goals: [{ name: "acc", mode: "max", regex: "acc: ([0-9.]+)" }, { name: "loss", mode: "min", regex: "loss: ([0-9.]+)" }],
  sought: [{ ...SOUGHT, name: "lr", low: "0.001", high: "0.1" }, { ...SOUGHT, name: "batch", kind: "discrete", values: ["16", "32"] }, { ...SOUGHT, name: "drop", low: "0", high: "1", points: 5 }],
  algorithm: "tpe_search", trials: 12, early: true, settings: { gamma: 0.3, max_concurrent: 2, kappa: 9 }, skip: '[{"batch": 16}]',
};

test("a search is what ModelArts calls auto_search, without what its algorithm does not know", () => {
  expect(searchBody(SEARCH)).toEqual({
    reward_attrs: SEARCH.goals,
    search_params: [
      { name: "lr", param_type: "continuous", lower_bound: "0.001", upper_bound: "0.1" }, { name: "batch", param_type: "discrete", discrete_values: ["16", "32"] },
      { name: "drop", param_type: "continuous", lower_bound: "0", upper_bound: "1", discrete_points_num: "5" },
    ],
    algo_configs: [{
      name: "tpe_search",
      params: [
        { key: "num_samples", value: "12", type: "Integer" }, { key: "max_concurrent", value: "2", type: "Integer" }, { key: "gamma", value: "0.3", type: "Float" },
        { key: "scheduler", value: "MedianStoppingRule", type: "String" },
      ],
    }],
    skip_search_params: '[{"batch": 16}]',
  });
});

test.each([[SEARCH], [BLANK_SEARCH], [{ ...SEARCH, early: false, skip: "", algorithm: "anneal_search" as const }]])("what is sent is read again", (search) => {
  expect(searchBody(searchOf(searchBody(search)))).toEqual(searchBody(search));
});

test.each([null, {}, { algo_configs: "x" }, { search_params: [null], reward_attrs: [3], algo_configs: [{ name: "hill" }] }])("%o breaks no form", (document) => {
  expect(searchOf(document).algorithm).toBe("bayes_opt_search");
});

test.each([
  ["acc: ([0-9.]+)", null], ["acc: [0-9.]+", "group"], ["acc: ([0-9.+", "broken"], ["(?P<value>[0-9.]+)", null], ["(?i)acc: (\\d+)", null], ["(?:acc|ACC): \\d", "group"],
] as const)("the expression %s: %s", (regex, problem) => {
  expect(regexProblem(regex)).toBe(problem);
});

test.each([
  ["epoch 3 loss: 0.41 acc: 0.87", "acc: ([0-9.]+)", "0.87"], ["acc: 0.1 acc: 0.2", "acc: ([0-9.]+)", "0.2"], ["acc: none", "acc: ([0-9.]+)", null],
  ["loss tensor(0.07, device='cpu')", "loss (.*)", "0.07"], ["val=7", "(?:a=(\\d))|(?:val=(\\d))", "7"], ["acc: -1e-3", usualRegex("acc"), "-1e-3"], ["val_acc: 0.5", usualRegex("acc"), null],
] as const)("in %s, %s finds %s", (line, regex, found) => {
  expect(figureIn(line, regex)).toBe(found);
});

test.each([[["0.1", "1"], false, null], [["1", "1"], false, "order"], [["", "1"], false, "number"], [["0.1", "0.9"], true, "whole"], [["1e-5", "1e-2"], false, null]] as const)(
  "a range from %o, whole %s: %s", ([low, high], whole, problem) => {
    expect(endsProblem({ low, high }, whole)).toBe(problem);
  },
);

test.each([[[], "none"], [["1", "1.0"], "twice"], [["a", "b"], null], [Array.from({ length: 1001 }, (_, at) => String(at)), "many"]] as const)("choices are judged", (values, problem) => {
  expect(valuesProblem([...values])).toBe(problem);
});

test.each([["", null], ['[{"lr": 1}]', null], ['{"lr": 1}', null], ["[{}]", "form"], ["lr=1", "form"], ['[{"size": 1}]', "name"]] as const)("to leave out %s: %s", (skip, problem) => {
  expect(skipProblem(skip, ["lr"])).toBe(problem);
});

test("combinations are counted where they can be, and magnitudes are seen", () => {
  expect(sizeOf(SEARCH.sought)).toBeNull();
  expect(sizeOf(SEARCH.sought.slice(1))).toBe(10);
  expect(byMagnitude(SEARCH.sought[0])).toBe(true);
  expect(byMagnitude({ ...SOUGHT, low: "0.01", high: "0.1" })).toBe(false);
});

const declared = (change: Partial<Declared["constraint"]>): Declared => ({ name: "p", value: "", description: "", constraint: { ...FREE, ...change } });
test.each([
  [declared({ type: "Float", valid_type: "Range", valid_range: ["0", "1"] }), { kind: "continuous", low: "0", high: "1" }],
  [declared({ valid_type: "Choice", valid_range: ["a", "b"] }), { kind: "discrete", values: ["a", "b"] }],
  [declared({ type: "Boolean" }), { kind: "discrete", values: ["true", "false"] }], [declared({ type: "Integer" }), { kind: "continuous", low: "" }],
] as const)("what an algorithm says of a parameter is the space to search", (one, space) => {
  expect(spaceOf(one)).toMatchObject(space);
});

test.each([
  ["学习率", null, { "zh-cn": "学习率", "en-us": "" }], ["learning rate", null, { "zh-cn": "", "en-us": "learning rate" }],
  ["x", { language: "en-us", description: "rate", "en-us": "rate", "zh-cn": "率" }, { "zh-cn": "率", "en-us": "rate" }],
])("a description %s stands in its language", (description, told, found) => {
  expect(descriptionsOf({ ...declared({}), description, i18n_description: told as Record<string, string> | null })).toEqual(found);
});

test.each([
  ["algorithm.autosearch.reward_attrs[1].regex", ["search", "goals", 1, "regex"]],
  ["reward_attrs[0].name", null],
  ["", null],
])("what the server says of %j stands at %j", (field, place) => {
  expect(goalOf(field)).toEqual(place);
});
