/** Figures that a script prints while it learns, read from its log: `epoch 3 loss: 0.41 acc=0.87`. */

import { plain } from "../log/ansi";

export interface Printed {
  name: string;
  /** What the axis counts, in the log's own word, such as epoch; empty where the figures are counted. */
  axis: string;
  xs: number[];
  ys: number[];
}

/** What counts the way: the axis, where a line tells it. */
const STEP = /\b(epoch|step|iter(?:ation)?|batch)\b\s*[:=#[(]?\s*(\d+)/i;
/** The same in Chinese: `第 3 轮`. */
const TURN = /第\s*(\d+)\s*(?:个\s*)?(轮|步|批)/;
/** What the machine room says beside the script. */
const OWN = "[ModelArts Service Log]";
const NAMED = "loss|acc|accuracy|error|precision|recall|f1|auc|iou|miou|map|dice|lr|reward|score";
/** `name: 0.4`, `name=0.4`, `name is 0.4`; `name 0.4` of the usual names only, for a sentence has other numbers too. */
const FIGURE = new RegExp(
  String.raw`([A-Za-z_\p{Script=Han}][\w\p{Script=Han}@./-]{0,40}?)(?:\s*(?:[:=：＝]|\b(?:is|are)\b)\s*|(?<=${NAMED})\s+)([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(?![\w.:/]|\s*%?\s*\|)`, "giu",
);
/** Of which pictures a line tells: `val: accuracy 0.8`, `Test loss: 0.5`. */
const SET = /^\s*(train(?:ing)?|val(?:id(?:ation)?)?|test|eval)\b/i;
const COUNTS = /^(epochs?|steps?|iter(ations?)?|batch(es)?|time|eta|elapsed|seed|pid|line|port|size|.*(?:时间|用时|耗时|种子)|\d.*)$/i;
const LEAST_POINTS = 2;
const MOST_CURVES = 12;

/** Curves by name, the most printed first; their axis is the epoch or step where each line tells it, else 1, 2, 3 … */
export function figuresIn(log: string): Printed[] {
  const found = new Map<string, { steps: (number | null)[]; values: number[] }>();
  let [step, word]: [number | null, string] = [null, ""];
  for (const raw of log.split("\n")) {
    if (raw.length > 2000 || raw.startsWith(OWN)) continue;
    const line = plain(raw);
    const [told, turn] = [STEP.exec(line), TURN.exec(line)];
    if (told) [step, word] = [Number(told[2]), (told[1] ?? "").toLowerCase()];
    else if (turn) [step, word] = [Number(turn[1]), turn[2] ?? ""];
    const set = SET.exec(line)?.[1] ?? "";
    for (const [, figure = "", text = ""] of line.matchAll(FIGURE)) {
      if (COUNTS.test(figure) || !/[.e]/i.test(text)) continue;
      const name = figure.toLowerCase().startsWith(set.toLowerCase()) ? figure : `${set} ${figure}`;
      const curve = found.get(name) ?? { steps: [], values: [] };
      curve.steps.push(step);
      curve.values.push(Number(text));
      found.set(name, curve);
    }
  }
  return [...found]
    .filter(([, curve]) => curve.values.length >= LEAST_POINTS)
    .sort(([, one], [, other]) => other.values.length - one.values.length)
    .slice(0, MOST_CURVES)
    .map(([name, { steps, values }]) => (rises(steps) ? { name, axis: word, xs: steps, ys: values } : { name, axis: "", xs: steps.map((_, at) => at + 1), ys: values }));
}

const rises = (steps: (number | null)[]): steps is number[] => steps.every((step, at) => step !== null && (at === 0 || step > (steps[at - 1] ?? Infinity)));
