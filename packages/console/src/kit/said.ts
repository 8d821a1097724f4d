/** What a sentence is made of for those who read it: words, code between backticks, and a Python traceback by itself. */

export interface Saying {
  /** Code is what stood between backticks. */
  parts: { text: string; code: boolean }[];
  /** Without what it ended with, which is among the parts. */
  trace: string;
}

const TRACE = /^([\s\S]*?)Traceback \(most recent call last\):\n([\s\S]*)$/;

export function sayingOf(text: string): Saying {
  const found = TRACE.exec(text);
  if (!found) return { parts: partsOf(text), trace: "" };
  const [, before = "", after = ""] = found;
  const lines = after.split("\n");
  // The error begins with the last line that is neither indented nor empty after the places.
  const places = lines.findLastIndex((line) => /^\s/.test(line));
  const error = lines.slice(places + 1).join("\n").trim();
  return { parts: partsOf(before + error), trace: lines.slice(0, places + 1).join("\n") };
}

function partsOf(text: string): Saying["parts"] {
  return text.split(/`([^`\n]+)`/).map((part, at) => ({ text: part, code: at % 2 === 1 })).filter((part) => part.text !== "");
}

/** The same but for the runs that it names: what happened again. */
export const withoutRuns = (text: string) => text.replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "…");
