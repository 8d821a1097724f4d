/** What the server refuses, in the words of the console; where there are none, in the server's own. */

import type { TFunction } from "i18next";

import { Refusal } from "../api/call";

/**
 * Looked up from the exact to the general: `errors.conflict.name` for the code `conflict` about the field `name`, then
 * `errors.conflict.any`. Every sentence may use the refusal's parameters and `message`, which is the server's.
 */
export function tellError(error: unknown, t: TFunction): string {
  if (!(error instanceof Refusal)) return error instanceof Error ? error.message : String(error);
  const about = aboutOf(error.parameters);
  const keys = [...about.map((one) => `errors.${error.code}.${one}`), `errors.${error.code}.any`, "errors.other"];
  return t(keys as never, { ...error.parameters, message: error.message }) as string;
}

function aboutOf(parameters: Record<string, unknown>): string[] {
  const field = typeof parameters.field === "string" ? [parameters.field.replaceAll(".", "_")] : [];
  return [...field, ...Object.keys(parameters).filter((name) => name !== "field")];
}
