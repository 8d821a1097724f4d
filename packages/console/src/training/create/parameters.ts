/** What an algorithm says of its parameters, and whether a value that is typed is allowed: the server's rules. */

export type Kind = "String" | "Integer" | "Float" | "Boolean";
export type Valid = "None" | "Range" | "Choice";

export interface Constraint {
  type: Kind;
  editable: boolean;
  required: boolean;
  sensitive: boolean;
  valid_type: Valid;
  valid_range: string[];
}

export interface Declared {
  name: string;
  value: string;
  description: string;
  /** By language (`zh-cn`, `en-us`), and once more in the one that was asked for. */
  i18n_description?: Record<string, string> | null;
  constraint: Constraint;
}

const LANGUAGES = ["zh-cn", "en-us"] as const;
export type Described = Record<(typeof LANGUAGES)[number], string>;

/** What it is, in each language; of one that tells no language its letters do. */
export function descriptionsOf({ description, i18n_description: told }: Declared): Described {
  const found: Described = { "zh-cn": told?.["zh-cn"] ?? "", "en-us": told?.["en-us"] ?? "" };
  if (description && !found["zh-cn"] && !found["en-us"]) found[/\p{Script=Han}/u.test(description) ? "zh-cn" : "en-us"] = description;
  return found;
}

/** In this language, else in the other. */
export function describedIn(declared: Declared, language: keyof Described): string {
  const found = descriptionsOf(declared);
  return found[language] || found["en-us"] || found["zh-cn"];
}

export const FREE: Constraint = { type: "String", editable: true, required: false, sensitive: false, valid_type: "None", valid_range: [] };
export const NAME = /^[A-Za-z0-9_-]{1,64}$/;

export type Problem = "needed" | "integer" | "float" | "boolean" | "range" | "choice";

export function problemOf(value: string, constraint: Constraint): Problem | null {
  if (value === "") return constraint.required ? "needed" : null;
  const kind = kindProblem(value, constraint.type);
  if (kind) return kind;
  const [low = "", high = ""] = constraint.valid_range;
  if (constraint.valid_type === "Range" && !(Number(value) >= Number(low) && Number(value) <= Number(high))) return "range";
  if (constraint.valid_type === "Choice" && !constraint.valid_range.some((one) => same(one, value))) return "choice";
  return null;
}

function kindProblem(value: string, kind: Kind): Problem | null {
  if (kind === "Integer" && !/^[+-]?\d+$/.test(value)) return "integer";
  if (kind === "Float" && !isNumber(value)) return "float";
  if (kind === "Boolean" && !/^(true|false)$/i.test(value)) return "boolean";
  return null;
}

const isNumber = (text: string) => text.trim() !== "" && Number.isFinite(Number(text));

/** `0.10` is `0.1`. */
const same = (one: string, other: string) => (isNumber(one) && isNumber(other) ? Number(one) === Number(other) : one === other);

/** What an algorithm itself may say: a range has its two ends, a choice its choices. */
export function rangeProblem(constraint: Constraint): "ends" | "choices" | null {
  if (constraint.valid_type === "Choice") return constraint.valid_range.length > 0 ? null : "choices";
  if (constraint.valid_type !== "Range") return null;
  const [low = "", high = ""] = constraint.valid_range;
  return isNumber(low) && isNumber(high) && Number(low) <= Number(high) && constraint.valid_range.length === 2 ? null : "ends";
}
