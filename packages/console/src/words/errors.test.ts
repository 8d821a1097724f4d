import i18n from "i18next";
import { beforeAll, expect, test } from "vitest";

import { Refusal } from "../api/call";
import en from "./en.json";
import { tellError } from "./errors";
import { firstLanguage } from "./index";
import zh from "./zh-CN.json";

beforeAll(async () => {
  await i18n.init({ lng: "en", resources: { en: { translation: en }, "zh-CN": { translation: zh } }, interpolation: { escapeValue: false } });
});

const TOLD: [string, Refusal, string][] = [
  ["en", new Refusal(429, "too_many_guesses", "x", { seconds: 7 }), "Too many wrong passwords. Try again in 7 s."],
  ["zh-CN", new Refusal(429, "too_many_guesses", "x", { seconds: 7 }), "密码错误次数过多，请在 7 秒后重试。"],
  ["en", new Refusal(409, "conflict", "There is a user 'a' already.", { field: "name" }), "This name is taken. Choose another."],
  ["en", new Refusal(409, "conflict", "It runs.", { id: "7" }), "It runs."],
  ["zh-CN", new Refusal(404, "not_found", "No job 7.", { id: "7" }), "不存在：No job 7."],
  ["en", new Refusal(400, "of_a_newer_server", "The server's own words.", {}), "The server's own words."],
  ["en", new Refusal(403, "refused", "This needs the role owner.", { role: "owner" }), "This needs another role: ask an owner of the workspace."],
];

test.each(TOLD)("in %s: %o", async (language, refusal, told) => {
  await i18n.changeLanguage(language);
  expect(tellError(refusal, i18n.t)).toBe(told);
});

test.each([
  ["zh-CN", ["en-US"], "zh-CN"],
  ["en", ["zh-CN"], "en"],
  [null, ["zh-TW", "en"], "zh-CN"],
  [null, ["fr", "en-GB"], "en"],
  [null, ["fr"], "en"],
  ["klingon", ["zh"], "zh-CN"],
])("the language is the one that was chosen (%s), else the first of %o that is spoken here", (kept, asked, spoken) => {
  expect(firstLanguage(kept, asked)).toBe(spoken);
});
