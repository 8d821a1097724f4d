import { expect, test } from "vitest";

import { marked, pieces, plain } from "./ansi";
import { Lines, MOST_LINES, Rows, widthOf } from "./lines";

test("colours become words, and end where they end", () => {
  expect(pieces("a \u001b[1;31mred\u001b[0m b")).toEqual([
    { text: "a ", looks: "" }, { text: "red", looks: "bold red" }, { text: " b", looks: "" },
  ]);
});

test.each([
  ["\u001b[2K\u001b[1G50%\r100%", "100%"], ["a\tb", "a        b"], ["done\r", "done"], ["\u001b]0;title\u0007text", "text"],
  ["\u001b[38;5;196mfire\u001b[m", "fire"], ["\u001b[38;2;1;2;3mrgb", "rgb"],
])("%o is shown as %o", (line, shown) => {
  expect(plain(line)).toBe(shown);
});

test("what is searched for is marked, in large letters and small", () => {
  expect(marked([{ text: "An error, ERROR", looks: "red" }], "error").map((piece) => [piece.text, piece.looks])).toEqual([
    ["An ", "red"], ["error", "red found"], [", ", "red"], ["ERROR", "red found"],
  ]);
});

test("a line that comes in two pieces is one", () => {
  const lines = new Lines();
  for (const piece of ["one\ntw", "o\n", "three"]) lines.add(piece);
  expect(lines.all).toEqual(["one", "two", "three"]);
  lines.add("\n\nfive\n");
  expect(lines.all).toEqual(["one", "two", "three", "", "five"]);
  expect(lines.last).toBe(5);
});

test("the oldest lines go when there are too many, and the others keep their numbers", () => {
  const lines = new Lines();
  lines.add("x\n".repeat(MOST_LINES + 1));
  expect(lines.all.length).toBeLessThanOrEqual(MOST_LINES);
  expect(lines.last).toBe(MOST_LINES + 1);
});

test("wrapped lines take the rows that they need, also when they grow", () => {
  const lines = new Lines();
  lines.add("short\n" + "x".repeat(25) + "\nab");
  const rows = new Rows(lines, 10);
  rows.measure();
  expect([0, 1, 2, 3].map((at) => rows.top(at))).toEqual([0, 1, 4, 5]);
  expect([rows.at(0), rows.at(1), rows.at(3), rows.at(4)]).toEqual([0, 1, 1, 2]);
  lines.add("c".repeat(18) + "\nend\n");
  rows.measure();
  expect(rows.total).toBe(7);
});

test("of a hundred thousand lines that have been measured only the last is looked at again", () => {
  const lines = new Lines();
  lines.add("a line of some length, as logs have them\n".repeat(100_000));
  const rows = new Rows(lines, 100);
  rows.measure();
  expect(rows.total).toBe(100_000);
  lines.add("more\n");
  const looked: string[] = [];
  const watched = new Proxy(lines.all, {
    get(all, name) {
      if (/^\d+$/.test(String(name))) looked.push(String(name));
      return Reflect.get(all, name) as unknown;
    },
  });
  Object.defineProperty(lines, "all", { value: watched });
  rows.measure();
  expect(looked).toEqual(["99999", "100000"]);
  expect(rows.at(99_999)).toBe(99_999);
});

test("signs of Chinese take two places", () => {
  expect([widthOf("训练"), widthOf("loss"), widthOf("é")]).toEqual([4, 4, 1]);
});
