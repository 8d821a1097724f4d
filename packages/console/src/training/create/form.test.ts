import { expect, test } from "vitest";

import { BLANK, changesOf, jobBody, shell, wantedOf, type Wanted } from "./form";
import { FREE, problemOf, rangeProblem, type Constraint } from "./parameters";
import { BLANK_SEARCH, SOUGHT } from "./search";
import { snippetsOfJob, snippetsOfVersion } from "./snippets";
import { bucketPage, pagesOf, type Specification } from "../jobs";

const SPEC: Specification = {
  code: "obs://pets/code/", code_name: "", boot_file: "train.py", command: "", working_dir: "", engine: "pytorch", algorithm: "",
  inputs: [{ name: "data_url", address: "obs://pets/in/" }], outputs: [{ name: "train_url", address: "obs://pets/out/" }],
  parameters: [{ name: "lr", value: "0.1" }, { name: "seed", value: "1" }], environment: { A: "b" }, flavour: "modelarts.vm.cpu.2u", nodes: 1,
  log: "", seconds: 7200, priority: 1, restarts: 0, search: null,
};
const WANTED: Wanted = { ...wantedOf(SPEC), name: "pets", hours: null };

test("a version that changes nothing sends nothing but where it comes from", () => {
  expect(changesOf(wantedOf(SPEC), "V0001", SPEC)).toEqual({ from: "V0001" });
});

test("of a version only what was changed is sent, and null for what was taken away", () => {
  const wanted = { ...wantedOf(SPEC), parameters: [{ name: "lr", value: "0.5" }, { name: "", value: "" }], nodes: 2, outputs: [{ name: "train_url", value: "obs://pets/other" }] };
  expect(changesOf(wanted, "V0003", SPEC)).toEqual({ from: "V0003", parameters: { lr: "0.5", seed: null }, nodes: 2, outputs: { train_url: "obs://pets/other/" } });
  expect(changesOf({ ...wantedOf(SPEC), same_code: false, code: "obs://pets/new" }, "V0001", SPEC).code).toBe("obs://pets/new/");
});

test("rows that nobody has filled in are not sent", () => {
  const body = jobBody({ ...BLANK, name: "x", code: "obs://pets/code", boot_file: "train.py" });
  expect(body.algorithm?.inputs).toEqual([]);
  expect(body.algorithm?.code_dir).toBe("obs://pets/code/");
  expect(body.spec).toEqual({ resource: { flavor_id: "", node_count: 1 } });
});

test("the command line says what the form says", () => {
  expect(snippetsOfJob(WANTED, "http://host", "p").cli?.replace(/\s*\\\n\s*/g, " ")).toBe(
    "maquette jobs submit obs://pets/code/ --boot train.py --name pets --data data_url=obs://pets/in/ --output train_url=obs://pets/out/ --engine pytorch --flavour modelarts.vm.cpu.2u --env A=b -- --lr=0.1 --seed=1",
  );
  const ways = snippetsOfJob({ ...WANTED, by: "algorithm", algorithm: "1", hours: 1.5, priority: 3 }, "http://host", "p");
  expect(ways.cli?.replace(/\s*\\\n\s*/g, " ")).toBe(
    "maquette jobs submit --algorithm 1 --name pets --data data_url=obs://pets/in/ --output train_url=obs://pets/out/ --flavour modelarts.vm.cpu.2u --hours 1.5 --priority 3 --env A=b -- --lr=0.1 --seed=1",
  );
  expect(ways.sdk).toContain('client.jobs.submit(\n    algorithm="1",\n    name="pets",');
  expect(ways.sdk).toContain("hours=1.5,\n    priority=3,");
  expect(ways.sdk).not.toContain("engine=");
});

test("a new version has words of its own", () => {
  const job = { id: "1", name: "pets" };
  expect(snippetsOfVersion({ from: "V0002", parameters: { lr: "0.5" } }, job, true, "http://host", "p").cli).toBe("maquette jobs again pets -- --lr=0.5");
  const gone = snippetsOfVersion({ from: "V0002", parameters: { lr: null }, nodes: 2 }, job, true, "http://host", "p");
  expect(gone.cli).toBeNull();
  expect(gone.sdk).toContain('job.again({"lr":None}, nodes=2)');
  expect(snippetsOfVersion({ from: "V0001" }, job, false, "http://host", "p")).toMatchObject({ cli: null, sdk: null });
});

test.each([["plain-1.0", "plain-1.0"], ["two words", "'two words'"], ["it's", `'it'\\''s'`], ["$(rm)", "'$(rm)'"]])("a shell reads %s as it is", (text, told) => {
  expect(shell(text)).toBe(told);
});

const of = (change: Partial<Constraint>): Constraint => ({ ...FREE, ...change });
test.each([
  ["", of({ required: true }), "needed"], ["", of({ type: "Integer" }), null], ["1.5", of({ type: "Integer" }), "integer"], ["-3", of({ type: "Integer" }), null],
  ["1e-3", of({ type: "Float" }), null], ["one", of({ type: "Float" }), "float"], ["True", of({ type: "Boolean" }), null], ["yes", of({ type: "Boolean" }), "boolean"],
  ["2", of({ type: "Float", valid_type: "Range", valid_range: ["0", "1"] }), "range"], ["0.10", of({ type: "Float", valid_type: "Choice", valid_range: ["0.1"] }), null],
  ["sgd", of({ valid_type: "Choice", valid_range: ["adam"] }), "choice"],
] as const)("%o under %o: %s", (value, constraint, problem) => {
  expect(problemOf(value, constraint)).toBe(problem);
});

test.each([[["1", "0"], "ends"], [["0", "1"], null], [["0"], "ends"], [["a", "b"], "ends"]])("a range from %o is %s", (range, problem) => {
  expect(rangeProblem(of({ type: "Float", valid_type: "Range", valid_range: range }))).toBe(problem);
});

test.each([
  ["obs://pets/out/", "/console/buckets/pets?folder=out%2F"], ["/pets/out/a.pt", "/console/buckets/pets?folder=out%2F&object=out%2Fa.pt"], ["obs://pets", "/console/buckets/pets"],
  ["obs://pets/a.txt", "/console/buckets/pets?object=a.txt"], ["snapshot:12ab", null], ["", null],
])("%s lies at %s", (address, page) => {
  expect(bucketPage(address)).toBe(page);
});

test("a page larger than the server's is several of its own", () => {
  expect(pagesOf({ page: 2, size: 100 }, 50)).toEqual([2, 3]);
  expect(pagesOf({ page: 3, size: 20 }, 20)).toEqual([2]);
});

const SEARCHED: Wanted = {
  ...WANTED, nodes: 4, searching: true, search: { ...BLANK_SEARCH, trials: 3, goals: [{ name: "it's", mode: "max", regex: "acc: ([0-9.]+)" }], sought: [{ ...SOUGHT, name: "lr", low: "0.1", high: "0.2" }] },
};
const DOCUMENT = {
  reward_attrs: [{ name: "it's", mode: "max", regex: "acc: ([0-9.]+)" }], search_params: [{ name: "lr", param_type: "continuous", lower_bound: "0.1", upper_bound: "0.2" }],
  algo_configs: [{ name: "bayes_opt_search", params: [{ key: "num_samples", value: "3", type: "Integer" }] }],
};

test("a search is sent with the job, whose trials run on one node each", () => {
  expect(jobBody(SEARCHED)).toMatchObject({ algorithm: { policies: { auto_search: DOCUMENT } }, spec: { resource: { node_count: 1 } } });
  expect(jobBody(WANTED).algorithm?.policies).toBeUndefined();
});

test("the command line takes a search from a file, Python as a dictionary", () => {
  const { cli, sdk, rest } = snippetsOfJob(SEARCHED, "http://host", "p");
  const [, file = ""] = /^cat > search\.json <<'END'\n([^]*)\nEND\nmaquette jobs submit/.exec(cli ?? "") ?? [];
  expect(JSON.parse(file)).toEqual(DOCUMENT);
  expect(cli).toContain("--search search.json");
  expect(cli).not.toContain("--nodes");
  expect(JSON.parse(/search=(\{[^]*?\n {4}\}),/.exec(sdk ?? "")?.[1] ?? "")).toEqual(DOCUMENT);
  expect(rest).toContain('"auto_search"');
});

test("of a version the search is sent when it is another one, and an empty one when there is to be none", () => {
  const spec: Specification = { ...SPEC, search: { ...DOCUMENT, whole_params: ["lr"] } };
  const same = wantedOf(spec);
  expect(changesOf(same, "V0001", spec)).toEqual({ from: "V0001" });
  expect(changesOf({ ...same, searching: false }, "V0001", spec)).toEqual({ from: "V0001", search: {} });
  expect(changesOf({ ...same, search: { ...same.search, trials: 9 } }, "V0001", spec).search).toMatchObject({ algo_configs: [{ params: [{ value: "9" }] }] });
});

test("no end and no place for the log are changes, too", () => {
  const spec: Specification = { ...SPEC, log: "obs://pets/log/" };
  expect(changesOf({ ...wantedOf(spec), hours: null, log: "" }, "V0001", spec)).toEqual({ from: "V0001", seconds: 0, log: "" });
});
