import i18n from "i18next";
import { beforeAll, expect, test } from "vitest";

import { Refusal } from "../api/call";
import { tellFinding, type Finding } from "../models/calls";
import en from "./en.json";
import { tellError } from "./errors";
import { tell, TOLD, type Told } from "./told";
import words from "./told.zh-CN.json";
import zh from "./zh-CN.json";

beforeAll(async () => {
  await i18n.init({ lng: "zh-CN", resources: { en: { translation: en }, "zh-CN": { translation: zh, [TOLD]: words } }, interpolation: { escapeValue: false } });
});

const said = (code: string, message: string, parameters: Record<string, unknown> = {}): Told => ({ code, message, parameters });
const ENDED = said("ends.code", "The run ended with code 1.", { exit_code: 1 });

test.each<[string, Told | null, string]>([
  ["a sentence with what is put into it", ENDED, "任务结束，退出码为 1。"],
  ["a sentence within a sentence", said("runs.restarted", "Attempt 1 …", { attempt: 1, reason: ENDED }), "第 1 次运行已结束：任务结束，退出码为 1。将重新启动。"],
  ["several, one after another", said("several", "…", { parts: [ENDED, "Plain.", said("runs.checkpoint", "…", { place: "obs://b/c" })] }), "任务结束，退出码为 1。Plain. 最新的检查点为 obs://b/c。"],
  ["what a newer server tells", said("runs.of_a_newer_server", "Its own words."), "Its own words."],
  ["what has no code", null, "Its own words."],
  ["braces of somebody's own", said("services.not_written", "…", { place: "{{reason}} $t(kit.copy)", reason: "x" }), "结果无法写入 {{reason}} $t(kit.copy)：x"],
])("%s is told in Chinese", async (_, told, wanted) => {
  await i18n.changeLanguage("zh-CN");
  expect(tell(told, "Its own words.")).toBe(wanted);
});

test("in English the server's own sentence is told", async () => {
  await i18n.changeLanguage("en");
  expect(tell(ENDED, ENDED.message)).toBe("The run ended with code 1.");
  expect(tell(said("several", "…", { parts: [ENDED, "Plain."] }), "…")).toBe("The run ended with code 1. Plain.");
});

test("a finding and its fix are told from the finding's parameters, else in the server's words", async () => {
  await i18n.changeLanguage("zh-CN");
  const finding: Finding = {
    level: "warning", code: "schema-type", message: "'int' is no type …", fix: 'Write "integer".', file: "config.json", line: 9, column: 3, field: null,
    parameters: { written: "int", meant: "integer", outcome: said("checks.read_as", "; it is read as 'integer'", { text: "integer" }) },
  };
  expect(tellFinding(finding, "message")).toBe("'int' 不是 JSON Schema 的类型，按 'integer' 读取。");
  expect(tellFinding(finding, "fix")).toBe("请写 \"integer\"。");
  const { parameters: _, ...older } = finding;
  expect(tellFinding(older, "message")).toBe("'int' is no type …");
});

test("a refusal that is a sentence of the server's is told so", async () => {
  await i18n.changeLanguage("zh-CN");
  const refusal = new Refusal(400, "bad_input", "There is no code at obs://b/c. …", { field: "code_dir" }, "", said("training.no_code", "…", { place: "obs://b/c" }));
  expect(tellError(refusal, i18n.t)).toBe("obs://b/c 处没有代码。请上传代码，或改正代码目录。");
  // Exact words come before those for the field.
  const taken = new Refusal(409, "conflict", "There is a job 'a' already. …", { field: "name" }, "", said("training.job_taken", "…", { name: "a" }));
  expect(tellError(taken, i18n.t)).toBe("已有训练作业 'a'，请换一个名称。");
  const newer = new Refusal(409, "conflict", "Its own words.", {}, "", said("training.of_a_newer_server", "Its own words."));
  expect(tellError(newer, i18n.t)).toBe("当前状态不允许：Its own words.");
});
