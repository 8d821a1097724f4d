/** What the server refuses, in the words of the console; where there are none, in the server's own. */

import type { TFunction } from "i18next";

import { Refusal } from "../api/call";
import { hasWords, tell } from "./told";

/**
 * Looked up from the exact to the general: `errors.conflict.name` for the code `conflict` about the field `name`, then
 * what the server told, where there are words for that, then `errors.conflict.any`. Every sentence may use the refusal's parameters and `message`, which is what the server told.
 */
export function tellError(error: unknown, t: TFunction): string {
  if (!(error instanceof Refusal)) return error instanceof Error ? error.message : String(error);
  const about = aboutOf(error.parameters);
  const general = error.told && hasWords(error.told) ? [] : [`errors.${error.code}.any`];
  const keys = [...about.map((one) => `errors.${error.code}.${one}`), ...general, "errors.other"];
  return t(keys as never, { ...error.parameters, message: tell(error.told, error.message) }) as string;
}

function aboutOf(parameters: Record<string, unknown>): string[] {
  const field = typeof parameters.field === "string" ? [parameters.field.replaceAll(".", "_")] : [];
  return [...field, ...Object.keys(parameters).filter((name) => name !== "field")];
}
