/** What is being filled in. It stays while one looks at the log and comes back. */

import { useState } from "react";

import type { Sent } from "./ask";
import type { Declared } from "./inputs";

export type Draft = Pick<Sent, "way" | "values" | "json">;

const kept = new Map<string, Draft>();

export function firstOf(declared: Declared): Draft {
  return {
    way: declared.form ? "form" : "json",
    values: Object.fromEntries(declared.inputs.map((one) => [one.name, one.kind === "file" ? [] : (one.usual ?? "")])),
    json: JSON.stringify(declared.sample, null, 2),
  };
}

export function useDraft(name: string, first: () => Draft): [Draft, (draft: Draft) => void] {
  const [draft, setDraft] = useState(() => kept.get(name) ?? first());
  const change = (next: Draft) => {
    kept.set(name, next);
    setDraft(next);
  };
  return [draft, change];
}
