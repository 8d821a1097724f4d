/** Classes are global: two pages that give the same one a look of its own change each other, once both were opened. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const SOURCES = join(import.meta.dirname, "..");

/** Every rule of a file: its selectors, with the conditions around them, and what it says. */
function rulesOf(css: string): { around: string; selectors: string; body: string }[] {
  const rules = [];
  const open: string[] = [];
  let written = "";
  for (const sign of css.replace(/\/\*.*?\*\//gs, "")) {
    if (sign !== "{" && sign !== "}") {
      written += sign;
      continue;
    }
    if (sign === "{") open.push(written.trim());
    else if (written.trim()) rules.push({ around: open.slice(0, -1).join(" "), selectors: open.at(-1) ?? "", body: written.trim().replace(/\s+/g, " ") });
    if (sign === "}") open.pop();
    written = "";
  }
  return rules;
}

/** The class that a selector gives a look to wherever it stands: `rows` for `.rows`, `.rows:focus` and `.rows th`; none for
 * `.answer .rows`, which is about an answer, nor for `.rows.wide` and `.rows:has(.wide)`, which are rows of a kind. */
function definedBy(selector: string): string | undefined {
  const first = /^\.[^\s>+~]*/.exec(selector.replace(/\([^()]*\)/g, (inside) => inside.replace(/[\s>+~]/g, "")))?.[0] ?? "";
  const classes = first.match(/\.[A-Za-z][\w-]*/g) ?? [];
  return classes.length === 1 ? classes[0].slice(1) : undefined;
}

/** Classes that several files define, each by rules that no other has. */
function clashes(files: Record<string, string>): string[] {
  const defined = new Map<string, Map<string, Set<string>>>();
  for (const [file, css] of Object.entries(files)) {
    for (const { around, selectors, body } of rulesOf(css)) {
      for (const selector of selectors.split(/,(?![^(]*\))/).map((one) => one.trim())) {
        const name = definedBy(selector);
        if (!name) continue;
        const by = defined.get(name) ?? new Map<string, Set<string>>();
        defined.set(name, by.set(file, (by.get(file) ?? new Set()).add(`${around} ${selector} ${body}`)));
      }
    }
  }
  return [...defined].filter(([, by]) => new Set([...by.values()].map((rules) => [...rules].sort().join("\n"))).size > 1)
    .map(([name, by]) => `.${name} in ${[...by.keys()].sort().join(" and ")}`).sort();
}

function styles(): Record<string, string> {
  const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" }).filter((one) => one.endsWith(".css"));
  return Object.fromEntries(files.map((one) => [one, readFileSync(join(SOURCES, one), "utf8")]));
}

test("no two files give the same class a look", () => {
  const files = styles();
  expect(Object.keys(files).length).toBeGreaterThan(10);
  expect(clashes(files)).toEqual([]);
});

test.each<[string, string, string, string[]]>([
  ["different rules", ".rows { gap: 8px; }", ".rows { max-height: 9px; }", [".rows in a.css and b.css"]],
  ["the same rule", ".rows { gap: 8px; }", ".rows { gap: 8px; }", []],
  ["one more rule for what is in it", ".rows { gap: 8px; }", ".cards, .rows th { top: 0; }", [".rows in a.css and b.css"]],
  ["a rule for narrow windows only", ".rows { gap: 8px; }", "@media (max-width: 9px) { .rows { gap: 0; } }", [".rows in a.css and b.css"]],
  ["rows of a kind", ".rows { gap: 8px; }", ".rows.wide { gap: 0; } .rows:is(.tall, .low) { gap: 1px; } .rows:has(> .wide) td { top: 0; }", []],
  ["rows of a page", ".rows { gap: 8px; }", ".answer .rows, .answer > .rows { gap: 0; }", []],
  ["what is only said of it in a comment", ".rows { gap: 8px; }", "/* .rows { gap: 0; } */ .cards { gap: 0; }", []],
])("%s", (_, a, b, told) => {
  expect(clashes({ "a.css": a, "b.css": b })).toEqual(told);
});
