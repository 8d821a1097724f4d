import { describe, expect, it } from "vitest";

import { BLANK, bodyOf, checked, cliOf, isPlaced, MODEL_NAME, nameOf, placeOf, restOf, sdkOf, VERSION, wantedOf, type Wanted } from "./form";

const folder: Wanted = { ...BLANK, place: "s3://pets/out/model", name: "flowers" };
const job: Wanted = { ...BLANK, by: "job", job: "1a2b", job_version: "V0002", name: "flowers" };

describe("what an address asks for", () => {
  it.each([
    ["?from_job=1a2b&version=V0002&path=obs://pets/out/V0002/model/", { by: "job", job: "1a2b", job_version: "V0002", place: "obs://pets/out/V0002/model/", name: "" }],
    ["?path=obs://pets/flowers.zip", { by: "folder", place: "obs://pets/flowers.zip", name: "flowers" }],
    ["?name=roses", { by: "folder", place: "", name: "roses" }],
    ["", BLANK],
  ])("%s", (query, wanted) => expect(wantedOf(new URLSearchParams(query))).toEqual({ ...BLANK, ...wanted }));
});

it.each([["obs://pets/out/V0001/model/", "out"], ["obs://pets/my flowers.zip", "my-flowers"], ["/pets/花/", "花"], ["", ""]])("%s is called %s", (place, name) => expect(nameOf(place)).toBe(name));

it.each([["s3://pets/out", "obs://pets/out/"], ["obs://pets/a.ZIP", "obs://pets/a.ZIP"], [" obs://pets/out/ ", "obs://pets/out/"], ["", ""]])("the place %s is %s", (text, place) => expect(placeOf(text)).toBe(place));

it.each([[folder, true], [job, true], [{ ...BLANK, place: "pets" }, false], [{ ...job, job: "" }, false], [{ ...job, place: "nowhere" }, false]])("enough is said for a look, or not", (wanted, enough) => expect(isPlaced(wanted as Wanted)).toBe(enough));

it("a check is asked what the import will say", () => {
  expect(checked({ ...job, place: "obs://pets/out/best", code: "obs://pets/code/infer.py", type: "PyTorch" })).toEqual({
    source_location: "obs://pets/out/best/", source_job_id: "1a2b", source_job_version: "V0002", model_type: "PyTorch", runtime: "", infer_format: "", execution_code: "obs://pets/code/infer.py",
  });
});

it("nothing is sent that was not said", () => {
  expect(bodyOf(folder)).toEqual({ model_name: "flowers", source_location: "obs://pets/out/model/" });
  expect(bodyOf(job)).toEqual({ model_name: "flowers", source_type: "train", source_job_id: "1a2b", source_job_version: "V0002" });
  expect(bodyOf({ ...folder, mode: "object-detection", type: "TensorFlow", version: "1.0.0" })).toMatchObject({ template: { infer_format: "object-detection" }, model_type: "TensorFlow", model_version: "1.0.0" });
});

it("the command line says the same where it can", () => {
  expect(cliOf(folder)).toBe("maquette models import obs://pets/out/model/ --name flowers");
  expect(cliOf({ ...job, description: "it's new" })).toBe("maquette models import --job 1a2b --job-version V0002 --name flowers --description 'it'\\''s new'");
  for (const wanted of [{ ...folder, mode: "undefined" }, { ...folder, code: "obs://pets/a.py" }, { ...job, place: "obs://pets/out/" }]) expect(cliOf(wanted)).toBeNull();
});

it("Python and REST say all of it", () => {
  const wanted = { ...job, place: "obs://pets/out/", code: "obs://pets/infer", mode: "undefined", runtime: "python3.7" };
  expect(sdkOf(wanted)).toContain('"obs://pets/out/",\n    name="flowers",\n    job="1a2b",\n    job_version="V0002",\n    runtime="python3.7",\n    execution_code="obs://pets/infer/",\n    template={"infer_format": "undefined"},');
  expect(restOf(wanted, "http://here", "p1")).toContain('"infer_format": "undefined"');
});

it.each([["0.0.1", true], ["01.0.0", false], ["1.0", false], ["100.0.0", false]])("version %s: %s", (text, fits) => expect(VERSION.test(text)).toBe(fits));
it.each([["花-1", true], ["a b", false], ["", false]])("name %s: %s", (text, fits) => expect(MODEL_NAME.test(text)).toBe(fits));
