/** What the server refuses, in the words of the console; where there are none, in the server's own. */

import type { TFunction } from "i18next";

import { Refusal } from "../api/call";
import { hasWords, tell } from "./told";

/**
 * What the server told, where there are words for that: it is exact. Else looked up from the exact to the general:
 * `errors.conflict.name` for the code `conflict` about the field `name`, then `errors.conflict.any`. Every sentence may
 * use the refusal's parameters and `message`, which are the server's own words.
 */
export function tellError(error: unknown, t: TFunction): string {
  if (!(error instanceof Refusal)) return error instanceof Error ? error.message : String(error);
  if (error.told && hasWords(error.told)) return tell(error.told, error.message);
  const about = aboutOf(error.parameters).map((one) => `errors.${error.code}.${one}`);
  return t([...about, `errors.${error.code}.any`, "errors.other"] as never, { ...error.parameters, message: error.message }) as string;
}

function aboutOf(parameters: Record<string, unknown>): string[] {
  const field = typeof parameters.field === "string" ? [parameters.field.replaceAll(".", "_")] : [];
  return [...field, ...Object.keys(parameters).filter((name) => name !== "field")];
}
