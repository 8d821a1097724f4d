import { expect, test } from "vitest";

import { readApis, readDeclared } from "./inputs";
import { misfits, mistakeIn } from "./json";
import { MOST_BYTES, named, sizeOf } from "./limits";

const api = (properties: object, contentType = "multipart/form-data", more: object = {}) => JSON.stringify({
  apis: [{ url: "/", method: "get" }, { url: "/ask", method: "post", request: { "Content-type": contentType, data: { type: "object", properties, ...more } } }],
});

test("fields of a form know their kind, range and usual value", () => {
  const found = readDeclared(api({
    images: { type: "file" }, threshold: { type: "number", minimum: "0", maximum: 1, default: 0.5 }, mode: { type: "string", enum: ["a", "b"] },
    n: { type: "int" }, note: { type: "string", description: "why" }, many: { type: "array" }, odd: null,
  }, "multipart/form-data", { required: ["images"] }));
  expect([found.url, found.form]).toEqual(["/ask", true]);
  expect(found.inputs).toEqual([
    { name: "images", kind: "file", about: "", needed: true }, { name: "threshold", kind: "number", about: "", least: 0, most: 1, usual: "0.5" },
    { name: "mode", kind: "choice", about: "", choices: ["a", "b"] }, { name: "n", kind: "integer", about: "" }, { name: "note", kind: "text", about: "why" },
    { name: "many", kind: "json", about: "" }, { name: "odd", kind: "text", about: "" },
  ]);
});

test("a model that takes JSON is asked with a body of its shape", () => {
  const row = { type: "object", properties: { rooms: { type: "number" }, town: { type: "string" } } };
  const { url, form, inputs, sample } = readDeclared(api({ data: { type: "object", properties: { req_data: { type: "array", items: [row] } } } }, "application/json"));
  expect({ url, form, inputs, sample }).toEqual({ url: "/ask", form: false, inputs: [], sample: { data: { req_data: [{ rooms: 0, town: "" }] } } });
});

test("every api that is posted to may be asked; what stands right below `request` counts too", () => {
  const found = readApis(JSON.stringify({ apis: [
    { url: "goodbye", request: { "Content-type": "application/json", type: "object", properties: { n: { type: "integer", minimum: 2 } } } },
    { url: "/see", method: "POST", input_params: { type: "object", properties: { images: { type: "file" } } } }, null, { url: "/look", method: "get", request: {} },
  ] }));
  expect(found.map(({ url, form, sample }) => ({ url, form, sample }))).toEqual([{ url: "/goodbye", form: false, sample: { n: 2 } }, { url: "/see", form: true, sample: { images: "" } }]);
});

test.each(["", "null", "[]", "{}", '{"apis": 3}', '{"apis": [null]}', '{"apis": [{"request": {"data": 4}}]}'])("of %j one is asked with a picture, or with rows where the engine takes them", (text) => {
  expect(readDeclared(text)).toMatchObject({ url: "/", form: true, inputs: [{ name: "images", kind: "file" }] });
  expect(readDeclared(text, "XGBoost")).toMatchObject({ url: "/", form: false, sample: { data: { req_data: [{}] } } });
});

test.each([['{"n": ', 1, 7], ["{\n  x}", 2, 3], ["", 1, 1]])("the mistake in %j is in line %i, column %i", (text, line, column) => {
  expect(mistakeIn(text)).toEqual({ line, column });
});

test("a body is held against what is declared", () => {
  const schema = { type: "object", required: ["data"], properties: { data: { type: "array", items: { type: "object", properties: { rooms: { type: "integer" } } } }, note: { type: "string" } } };
  expect(mistakeIn('{"n": 2}')).toBeNull();
  expect(misfits(schema, { data: [{ rooms: 3 }, { rooms: "3" }], note: 4 })).toEqual([{ way: "data.1.rooms", wanted: "integer" }, { way: "note", wanted: "string" }]);
  expect([misfits(schema, {}), misfits(schema, []), misfits({}, 3), misfits(schema, { data: [] })]).toEqual([[{ way: "data", wanted: "" }], [{ way: "", wanted: "object" }], [], []]);
});

test("the size of a call is that of its files and texts, or of its body", () => {
  const file = new File(["x".repeat(1000)], "a.jpg");
  const size = sizeOf({ way: "form", values: { images: [file, file], n: "12" }, json: "" });
  expect([size > 2000, size < 3000, MOST_BYTES]).toEqual([true, true, 12582912]);
  expect(sizeOf({ way: "json", values: { images: [file] }, json: "é" })).toBe(2);
});

test("files of one name get names of their own", () => {
  const file = (name: string) => new File(["x"], name);
  expect(named([file("image.png"), file("image.png"), file("b"), file("b"), file("image.png")]).map(({ name }) => name)).toEqual(["image.png", "image (2).png", "b", "b (2)", "image (3).png"]);
});
