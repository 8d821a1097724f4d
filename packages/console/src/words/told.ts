/** What the server tells of its own accord (events, findings, advice, reasons), in the language that is spoken. */

import i18n from "i18next";

/** A sentence of the server with what it is made of; a parameter may be a sentence itself. */
export interface Told {
  code: string;
  message: string;
  parameters: Record<string, unknown>;
}

/** The namespace of these words; `words/index.ts` loads them. */
export const TOLD = "told";
const SEVERAL = "several";

/** The sentence in the words of the console; where there are none, in the server's own: the English `message`. */
export function tell(told: Told | null | undefined, message: string): string {
  if (!told) return message;
  if (told.code === SEVERAL) return joined((told.parameters.parts as unknown[]).map((part) => String(plain(part))));
  if (!hasWords(told)) return message;
  const words = Object.fromEntries(Object.entries(told.parameters).map(([name, value]) => [name, plain(value)]));
  return String(i18n.t(told.code as never, { ns: TOLD, replace: words } as never));
}

export const hasWords = (told: Told) => i18n.exists(told.code, { ns: TOLD as never });

function plain(value: unknown): unknown {
  return isTold(value) ? tell(value, value.message) : value;
}

function isTold(value: unknown): value is Told {
  return typeof value === "object" && value !== null && "code" in value && "message" in value && "parameters" in value;
}

/** One after another; Chinese full stops bring their own space. */
function joined(parts: string[]): string {
  return parts.reduce((before, part) => (/[。！？；：]$/.test(before) ? before + part : `${before} ${part}`));
}
