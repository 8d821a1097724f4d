/** Classes and how likely they are, in the shapes in which models tell them. */

export interface Score {
  label: string;
  score: number;
}

export type Told = Record<string, unknown>;
export const isObject = (value: unknown): value is Told => value !== null && typeof value === "object" && !Array.isArray(value);

export const LABELS = ["label", "class", "class_name", "category", "name"];
export const SCORES = ["score", "confidence", "probability", "prob", "conf"];
const LISTS = ["scores", "probabilities", "confidences", "predictions"];
/** Rounded shares may add up to a little less or more. */
const ROUNDED = 0.02;

/** The likeliest first. null where an answer has none. */
export function scoresOf(answer: unknown): Score[] | null {
  const found = isObject(answer) ? ofObject(answer) : Array.isArray(answer) ? ofList(answer) : null;
  return found && found.sort((one, other) => other.score - one.score);
}

/** `predicted_label`, as ModelArts' classifications have it. */
export function labelOf(answer: unknown): string | null {
  if (!isObject(answer)) return null;
  const label = answer.predicted_label ?? answer.predicted_class;
  return typeof label === "string" || typeof label === "number" ? String(label) : null;
}

function ofObject(answer: Told): Score[] | null {
  const told = LISTS.map((name) => answer[name]).find((one) => one !== undefined);
  const labels = answer.labels ?? answer.classes ?? answer.class_names;
  if (Array.isArray(told) && Array.isArray(labels) && labels.length === told.length) {
    const beside = read(told.map((score, at) => [labels[at], score]));
    if (beside) return beside;
  }
  if (isObject(told)) return read(Object.entries(told));
  if (Array.isArray(told)) return ofList(told);
  return shares(Object.entries(answer));
}

/** `[[label, number], …]`, `[{"label": …, "score": …}, …]`, or shares of the classes 0, 1, … */
function ofList(told: unknown[]): Score[] | null {
  if (told.every(isObject)) {
    const alone = told.every((one) => Object.keys(one).every((name) => !/box|mask|x_?min|left/i.test(name)));
    return alone ? read(told.map((one) => [first(one, LABELS), first(one, SCORES)])) : null;
  }
  if (told.every((one) => typeof one === "number")) return shares(told.map((score, at) => [String(at), score]));
  return read(told);
}

function shares(pairs: [string, unknown][]): Score[] | null {
  if (pairs.length < 2 || !pairs.every(([, score]) => typeof score === "number" && score >= 0 && score <= 1)) return null;
  const sum = pairs.reduce((all, [, score]) => all + (score as number), 0);
  return Math.abs(sum - 1) <= ROUNDED ? read(pairs) : null;
}

function read(pairs: unknown[]): Score[] | null {
  const found = pairs.flatMap((pair) => {
    if (!Array.isArray(pair) || pair.length !== 2 || !isPlain(pair[0]) || !isPlain(pair[1]) || pair[1] === "") return [];
    const score = Number(pair[1]);
    return Number.isFinite(score) ? [{ label: String(pair[0]), score }] : [];
  });
  return found.length > 0 && found.length === pairs.length ? found : null;
}

const isPlain = (value: unknown) => typeof value === "string" || typeof value === "number";

export function first(told: Told, names: string[]): unknown {
  return told[names.find((name) => told[name] !== undefined) ?? ""];
}
