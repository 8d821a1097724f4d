import { expect, test } from "vitest";

import type { Declared } from "./predict/inputs";
import { ACCESS, KEY, SECRET } from "./proofs";
import { commandOf, pythonOf, snippetsOfCall, WAYS } from "./snippets";

const FORM: Declared = {
  url: "/", form: true, sample: {}, schema: {}, answer: null,
  inputs: [{ name: "images", kind: "file", about: "" }, { name: "it's", kind: "number", about: "", least: 0.5 }],
};
const BODY: Declared = { url: "/ask", form: false, inputs: [], sample: { a: [null, true, "it's"] }, schema: {}, answer: null };

test.each(WAYS)("by %s every snippet has the address, a place for the key, and every input", (way) => {
  for (const text of Object.values(snippetsOfCall("http://here/v1/infers/s", FORM, way))) {
    for (const part of ["http://here/v1/infers/s", "images", "picture.jpg", "0.5", ...(way === "code" ? [KEY] : [ACCESS, SECRET])]) expect(text).toContain(part);
  }
});

test("a quote in a name ends no text of the shell", () => {
  expect(snippetsOfCall("http://here/v1/infers/s", FORM).curl).toContain(`--form-string 'it'\\''s=0.5'`);
  expect(commandOf("it's", BODY)).toContain(`maquette predict 'it'\\''s' --path /ask --json '{"a":[null,true,"it'\\''s"]}'`);
});

test("a body is JSON for curl and JavaScript, and Python for Python", () => {
  const told = snippetsOfCall("http://here/v1/infers/s", BODY);
  expect(told.curl).toContain(`-d '{"a":[null,true,"it'\\''s"]}'`);
  expect(told.curl).toContain("http://here/v1/infers/s/ask");
  expect(told.python).toContain('json={"a": [None, True, "it\'s"]}');
  expect(told.javascript).toContain(`JSON.stringify({"a":[null,true,"it's"]})`);
  expect(pythonOf(undefined)).toBe("None");
});
