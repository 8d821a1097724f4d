import { expect, test } from "vitest";

import type { Service } from "../services/calls";
import type { Api } from "./apis";
import { batchBody, BLANK, inOrder, sameFolder, snippetsOf, wantedOf, type Wanted } from "./form";

const PICTURES: Api = { url: "/", files: ["images"], schema: {} };
const ROWS: Api = { url: "/rows", files: [], schema: { type: "object", properties: { n: { type: "number" }, sure: { type: "boolean", default: true } } } };
const WANTED: Wanted = {
  ...BLANK, name: "night", model: "cats", version: "m1", folder: "obs://pets/in", target: "obs://pets/out", flavour: "modelarts.vm.cpu.1u", variables: [{ name: "SIZE", value: "2 4" }],
};
const joined = (text: string | null) => text?.replaceAll(/\s*\\\n\s*/g, " ");

test("what is filled in is what is sent", () => {
  expect(batchBody(WANTED, PICTURES)).toEqual({
    service_name: "night", infer_type: "batch", config: [{
      model_id: "m1", specification: "modelarts.vm.cpu.1u", instance_count: 1, envs: { SIZE: "2 4" }, src_type: "", src_path: "obs://pets/in/", dest_path: "obs://pets/out/",
      req_uri: "/", mapping_type: "file",
    }],
  });
  const [rows] = batchBody({ ...WANTED, by: "manifest", manifest: "obs://pets/list", path: "/rows", columns: [2, null] }, ROWS).config;
  expect([rows?.src_type, rows?.src_path, rows?.mapping_type, rows?.req_uri]).toEqual(["ManifestFile", "obs://pets/list", "csv", "/rows"]);
  expect(rows?.mapping_rule).toEqual({ type: "object", properties: { n: { type: "number", index: 2 }, sure: { type: "boolean", default: true } } });
});

test("command line and Python say the same", () => {
  const { cli, sdk } = snippetsOf(WANTED, "0.0.1", PICTURES, "http://here", "p");
  expect(joined(cli)).toBe("maquette batch run cats:0.0.1 obs://pets/in/ obs://pets/out/ --name night --flavour modelarts.vm.cpu.1u --env 'SIZE=2 4'");
  expect(sdk).toContain('client.services.deploy_batch(\n    "cats:0.0.1",\n    "obs://pets/in/",\n    "obs://pets/out/",\n    name="night"');
});

test("columns in their order need no rule; others are told as each language writes them", () => {
  const at = (columns: (number | null)[]) => snippetsOf({ ...WANTED, path: "/rows", columns }, "0.0.1", ROWS, "http://here", "p");
  expect(at([0, 1]).cli).not.toContain("--csv");
  expect(joined(at([3, 0]).cli)).toContain(`--csv '{"type":"object","properties":{"n":{"type":"number","index":3},"sure":{"type":"boolean","default":true,"index":0}}}' --path /rows`);
  expect(at([3, 0]).sdk).toContain('"default": True, "index": 0');
});

test("they are not offered where they cannot say it", () => {
  const named = (manifest: string) => snippetsOf({ ...WANTED, by: "manifest", manifest }, "0.0.1", PICTURES, "http://here", "p");
  expect(named("obs://pets/list").cli).toBeNull();
  expect(named("obs://pets/a.manifest").cli).toContain("obs://pets/a.manifest");
  expect(snippetsOf({ ...WANTED, flavour: "custom" }, "0.0.1", PICTURES, "http://here", "p").sdk).toBeNull();
});

test("the form is filled in as a batch was made", () => {
  const service = { service_name: "night", description: "", config: [{
    model_id: "m1", model_name: "cats", model_version: "0.0.1", instance_count: 2, specification: "f", custom_spec: {}, weight: 100, envs: { A: "1" },
    src_type: "ManifestFile", src_path: "obs://pets/list", dest_path: "obs://pets/out/", req_uri: "/rows", mapping_type: "csv",
    mapping_rule: { type: "object", properties: { n: { type: "number", index: 2 }, sure: { type: "boolean" } } },
  }] } as unknown as Service;
  expect(wantedOf(service)).toMatchObject({ by: "manifest", manifest: "obs://pets/list", target: "obs://pets/out/", path: "/rows", columns: [2, null], instances: 2, variables: [{ name: "A", value: "1" }] });
});

test.each([
  ["obs://pets/out/", "s3://pets/out", true], ["obs://pets", "/pets/", true], ["obs://pets/out", "obs://pets/out/more/", false], ["obs://pets/out", "obs://dogs/out", false],
  ["", "", false], ["pets", "pets", false],
])("%j and %j are one folder: %s", (one, other, same) => {
  expect(sameFolder(one, other)).toBe(same);
});

test.each([[[0, 1, 2], true], [[1, 0], false], [[0, null], false], [[], true]])("columns %j are in order: %s", (columns, order) => {
  expect(inOrder(columns)).toBe(order);
});
