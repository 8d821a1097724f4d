import { expect, test } from "vitest";

import type { Declared } from "./predict/inputs";
import { KEY, pythonOf, snippetsOfCall } from "./snippets";

const FORM: Declared = {
  url: "/", form: true, sample: {},
  inputs: [{ name: "images", kind: "file", about: "" }, { name: "it's", kind: "number", about: "", least: 0.5 }],
};

test("every snippet has the address, a place for the key, and every input", () => {
  for (const text of Object.values(snippetsOfCall("http://here/v1/infers/s", FORM))) {
    for (const part of ["http://here/v1/infers/s", KEY, "images", "picture.jpg", "0.5"]) expect(text).toContain(part);
  }
});

test("a quote in a name ends no text of the shell", () => {
  expect(snippetsOfCall("http://here/v1/infers/s", FORM).curl).toContain(`-F 'it'\\''s=0.5'`);
});

test("a body is JSON for curl and JavaScript, and Python for Python", () => {
  const told = snippetsOfCall("http://here/v1/infers/s", { url: "/ask", form: false, inputs: [], sample: { a: [null, true, "x"] } });
  expect(told.curl).toContain(`-d '{"a":[null,true,"x"]}'`);
  expect(told.curl).toContain("http://here/v1/infers/s/ask");
  expect(told.python).toContain('json={"a": [None, True, "x"]}');
  expect(told.javascript).toContain('JSON.stringify({"a":[null,true,"x"]})');
  expect(pythonOf(undefined)).toBe("None");
});
