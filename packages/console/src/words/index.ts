/** The languages of the console: which one is spoken, and where its words are. */

import i18n from "i18next";
import { initReactI18next } from "react-i18next";

import type en from "./en.json";
import { TOLD } from "./told";

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
  }
}

export const LANGUAGES = ["zh-CN", "en"] as const;
export type Language = (typeof LANGUAGES)[number];
/** As the server and its reports call them. */
export const SERVERS: Record<Language, "zh-cn" | "en-us"> = { "zh-CN": "zh-cn", en: "en-us" };
const KEPT = "maquette-language";

/** Only the words of the language that is spoken are loaded. */
const WORDS: Record<Language, () => Promise<{ default: object }>> = {
  "zh-CN": () => import("./zh-CN.json"),
  en: () => import("./en.json"),
};

/** What the server tells of its own accord, of which English is the server's own; loaded with the first page that shows it. */
const TELLING: Partial<Record<Language, () => Promise<{ default: object }>>> = {
  "zh-CN": () => import("./told.zh-CN.json"),
};
let telling = false;

/** What was chosen here, else what the browser asks for. */
export function firstLanguage(
  kept: string | null = localStorage.getItem(KEPT),
  asked: readonly string[] = navigator.languages,
): Language {
  if (kept === "zh-CN" || kept === "en") return kept;
  for (const one of asked) {
    if (one.toLowerCase().startsWith("zh")) return "zh-CN";
    if (one.toLowerCase().startsWith("en")) return "en";
  }
  return "en";
}

export function readLanguage(server: string): Language | null {
  if (server === "zh-cn") return "zh-CN";
  return server === "en-us" ? "en" : null;
}

export async function startWords(): Promise<void> {
  await i18n.use(initReactI18next).init({
    lng: "none",
    fallbackLng: false,
    interpolation: { escapeValue: false }, // React does
    returnNull: false,
  });
  await speak(firstLanguage());
}

export async function speak(language: Language): Promise<void> {
  if (!i18n.hasResourceBundle(language, "translation")) {
    i18n.addResourceBundle(language, "translation", (await WORDS[language]()).default);
  }
  if (telling) await learnToTell(language);
  await i18n.changeLanguage(language);
  document.documentElement.lang = language;
}

/** From now on what the server tells is told in every language that is spoken. */
export async function startTelling(): Promise<void> {
  telling = true;
  await learnToTell(spoken());
}

async function learnToTell(language: Language): Promise<void> {
  const words = TELLING[language];
  if (words && !i18n.hasResourceBundle(language, TOLD)) i18n.addResourceBundle(language, TOLD, (await words()).default);
}

export function keepLanguage(language: Language): void {
  localStorage.setItem(KEPT, language);
}

export function spoken(): Language {
  return i18n.language === "zh-CN" ? "zh-CN" : "en";
}
