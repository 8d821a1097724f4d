import { expect, test } from "vitest";

import { columnsOf, fits, leavesOf, readApis, requestOf, ruleOf, type Schema } from "./apis";

const IRIS: Schema = {
  type: "object",
  properties: { data: { type: "object", properties: { req_data: { type: "array", items: [{ type: "object", properties: {
    sepal: { type: "number", description: "cm" }, petal: { type: "number" }, kind: { type: "string" }, sure: { type: "boolean" } } }] } } } },
};

test("an api with one file takes files, one without takes rows", () => {
  const config = (properties: object) => JSON.stringify({ apis: [{ url: "/", method: "post", request: { "Content-type": "x", data: { type: "object", properties } } }] });
  expect(readApis(config({ images: { type: "file" }, least: { type: "number" } })).map((one) => one.files)).toEqual([["images"]]);
  expect(readApis(config({ n: { type: "number" } })).map((one) => one.files)).toEqual([[]]);
  expect(readApis("no json").map((one) => [one.url, one.files])).toEqual([["/", ["images"]]]);
  expect(readApis("null").length).toBe(1);
});

test("parameters are found in their order, however deep they lie", () => {
  expect(leavesOf(IRIS).map((one) => [one.path, one.kind])).toEqual([
    ["data.req_data.sepal", "number"], ["data.req_data.petal", "number"], ["data.req_data.kind", "string"], ["data.req_data.sure", "boolean"],
  ]);
  expect(leavesOf({})).toEqual([]);
});

test("a rule says which column is which parameter, and is read back as it was", () => {
  const rule = ruleOf(IRIS, [0, 3, null, 1]);
  expect(columnsOf(rule)).toEqual([0, 3, null, 1]);
  expect(requestOf(rule, ["5.1", "true", "b", " 0.2"])).toEqual({ data: { req_data: [{ sepal: 5.1, petal: 0.2, sure: true }] } });
  expect(columnsOf(ruleOf(rule, [null, null, 2, null]))).toEqual([null, null, 2, null]);
  expect(columnsOf({ type: "number", index: -1 })).toEqual([null]);
});

test("what does not fit is left out of what is shown", () => {
  expect(requestOf(ruleOf(IRIS, [0, 1, 2, 3]), ["five", "2"])).toEqual({ data: { req_data: [{ petal: 2 }] } });
});

test.each([
  ["number", "5.1", true], ["number", "five", false], ["number", "", false], ["integer", "3", true], ["integer", "3.0", true], ["integer", "3.5", false],
  ["string", "", true], ["boolean", "True", true], ["boolean", "yes", false], ["string", undefined, false], ["number", "Infinity", false],
])("a %s takes %j: %s", (kind, cell, fit) => {
  expect(fits(kind, cell)).toBe(fit);
});
