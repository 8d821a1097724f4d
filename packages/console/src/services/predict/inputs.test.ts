import { expect, test } from "vitest";

import { readDeclared } from "./inputs";

const api = (properties: object, contentType = "multipart/form-data") => JSON.stringify({
  apis: [{ url: "/", method: "get" }, { url: "/ask", method: "post", request: { "Content-type": contentType, data: { type: "object", properties } } }],
});

test("fields of a form know their kind, range and usual value", () => {
  expect(readDeclared(api({
    images: { type: "file" }, threshold: { type: "number", minimum: "0", maximum: 1, default: 0.5 }, mode: { type: "string", enum: ["a", "b"] },
    n: { type: "int" }, note: { type: "string", description: "why" }, many: { type: "array" }, odd: null,
  }))).toEqual({
    url: "/ask", form: true, sample: expect.anything(),
    inputs: [
      { name: "images", kind: "file", about: "" }, { name: "threshold", kind: "number", about: "", least: 0, most: 1, usual: "0.5" },
      { name: "mode", kind: "choice", about: "", choices: ["a", "b"] }, { name: "n", kind: "integer", about: "" }, { name: "note", kind: "text", about: "why" },
      { name: "many", kind: "json", about: "" }, { name: "odd", kind: "text", about: "" },
    ],
  });
});

test("a model that takes JSON is asked with a body of its shape", () => {
  const row = { type: "object", properties: { rooms: { type: "number" }, town: { type: "string" } } };
  const found = readDeclared(api({ data: { type: "object", properties: { req_data: { type: "array", items: [row] } } } }, "application/json"));
  expect(found).toEqual({ url: "/ask", form: false, inputs: [], sample: { data: { req_data: [{ rooms: 0, town: "" }] } } });
});

test.each(["", "null", "[]", "{}", '{"apis": 3}', '{"apis": [null]}', '{"apis": [{"request": {"data": 4}}]}'])("of %j one is asked with a picture, or with what is left", (text) => {
  expect(readDeclared(text).url).toBe("/");
});
