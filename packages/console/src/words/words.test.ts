import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import en from "./en.json";
import toldEn from "./told.en.json";
import toldZh from "./told.zh-CN.json";
import zh from "./zh-CN.json";

const SOURCES = join(import.meta.dirname, "..");
const SERVER = join(SOURCES, "../../platform/src/maquette");
const PLURAL = /_(one|other)$/;

function leaves(tree: object, above = ""): [string, string][] {
  return Object.entries(tree).flatMap(([name, one]) => {
    const key = above ? `${above}.${name}` : name;
    return typeof one === "string" ? [[key, one] as [string, string]] : leaves(one as object, key);
  });
}

function files(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((one) => one.isFile() && /\.tsx?$/.test(one.name) && !one.name.endsWith(".test.ts"))
    .map((one) => join(one.parentPath, one.name));
}

const code = () => files(SOURCES).map((file) => [file, readFileSync(file, "utf8")] as const);
const keys = (tree: object) => [...new Set(leaves(tree).map(([key]) => key.replace(PLURAL, "")))].sort();
const places = (text: string) => [...new Set([...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name))].sort();

const BOTH: [string, object, object][] = [["the words", en, zh], ["what the server tells", toldEn, toldZh]];

test.each(BOTH)("both languages have the same: %s", (_, english, chinese) => {
  expect(keys(chinese)).toEqual(keys(english));
});

test.each(BOTH)("none is empty: %s", (_, english, chinese) => {
  for (const [key, text] of [...leaves(english), ...leaves(chinese)]) expect(text.trim(), key).not.toBe("");
});

test.each(BOTH)("what is put into a sentence is put into it in both languages: %s", (_, english, chinese) => {
  const other = new Map(leaves(chinese));
  for (const [key, text] of leaves(english)) {
    const told = other.get(key) ?? other.get(key.replace(PLURAL, "_other")) ?? "";
    if (!key.startsWith("errors.")) expect(places(told), key).toEqual(places(text));
  }
});

test("what has a plural has it whole: English two forms, Chinese one", () => {
  for (const [tree, forms] of [[en, ["one", "other"]], [zh, ["other"]]] as const) {
    const plurals = new Map<string, string[]>();
    for (const [key] of leaves(tree)) {
      const form = PLURAL.exec(key)?.[1];
      if (form) plurals.set(key.replace(PLURAL, ""), [...(plurals.get(key.replace(PLURAL, "")) ?? []), form]);
    }
    for (const [key, found] of plurals) expect(found.sort(), key).toEqual(forms);
  }
});

test("every word is used", () => {
  const asked = code().flatMap(([, text]) => [...text.matchAll(/["'`]([a-zA-Z]+(?:\.(?:\w|\$\{[^}]*\})+)+)["'`]/g)].map(([, key = ""]) => key));
  const patterns = [...new Set(asked)].map((key) => new RegExp(`^${key.replace(/\$\{[^}]*\}/g, "¤").replaceAll(".", "\\.").replaceAll("¤", "[^.]+")}$`));
  const unused = keys(en).filter((key) => !patterns.some((pattern) => pattern.test(key)));
  expect(unused).toEqual([]);
});

test("every code of the server's errors has words", () => {
  const told = ["kernel/errors.py", "web/door.py"].map((file) => readFileSync(join(SERVER, file), "utf8")).join("\n");
  const codes = [...told.matchAll(/^ {4}code = "(\w+)"/gm)].map(([, one = ""]) => one);
  expect(codes.length).toBeGreaterThan(5);
  expect(codes.filter((one) => !(one in en.errors))).toEqual([]);
});

test("no sentence stands in the code", () => {
  const names = ["中文"]; // a language's own name
  const reading = /training.job.figures\.ts$/; // words that scripts print, to be read
  for (const [file, text] of code().filter(([one]) => !reading.test(one))) {
    const found = text.match(/[\u4e00-\u9fff]+/g)?.filter((one) => !names.includes(one)) ?? [];
    expect(found, file).toEqual([]);
  }
});
