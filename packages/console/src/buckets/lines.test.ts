import { expect, test } from "vitest";

import { beginningAndEnd, crumbsOf, linesOf, shortName, toggled } from "./lines";
import { nameProblem } from "./names";
import { readCsv, separatorOf } from "./preview/csv";
import { kindOf } from "./preview/kinds";

const object = (key: string) => ({ key, size: 1, modified: 0, etag: "" });
const lines = linesOf([{ folders: ["a/"], objects: [object("b"), object("c")], next: "x" }, { folders: ["d/"], objects: [object("e")], next: null }]);

test("lines come page after page, folders first on each", () => {
  expect(lines.map((line) => line.key)).toEqual(["a/", "b", "c", "d/", "e"]);
  expect(lines.map((line) => line.object !== null)).toEqual([false, true, true, false, true]);
});

test("choosing: one, not, and all between two", () => {
  let chosen = toggled(new Set(), lines, "b", false);
  expect([...chosen]).toEqual(["b"]);
  chosen = toggled(chosen, lines, "e", true);
  expect([...chosen].sort()).toEqual(["b", "c", "d/", "e"]);
  expect(toggled(chosen, lines, "c", false).has("c")).toBe(false);
});

test("the way to a folder", () => {
  expect(crumbsOf("pets", "a b/c/", "Buckets")).toEqual([
    { label: "Buckets", to: "/console/buckets" }, { label: "pets", to: "/console/buckets/pets" },
    { label: "a b", to: "/console/buckets/pets?folder=a+b%2F" },
  ]);
  expect(crumbsOf("pets", "", "Buckets")).toEqual([{ label: "Buckets", to: "/console/buckets" }]);
  expect(shortName("a/b/")).toBe("b");
  expect(shortName("a/b.png")).toBe("b.png");
});

test.each([
  ["short.png", "short.png", ""],
  [`${"a".repeat(37)}.gz`, `${"a".repeat(37)}.gz`, ""],
  ["a-very-long-name-of-a-picture-taken-in-2026-0001.png", "a-very-long-name-of-a-picture-take", "n-in-2026-0001.png"],
  [`${"花".repeat(25)}.png`, "花".repeat(18), `${"花".repeat(7)}.png`],
  ["👩‍🔬".repeat(2) + "x".repeat(40), "👩‍🔬".repeat(2) + "x".repeat(22), "x".repeat(18)],
])("of %s the end is kept", (name, beginning, end) => {
  expect(beginningAndEnd(name)).toEqual([beginning, end]);
});

test.each([
  ["my-data.1", null], ["ab", "short"], ["a".repeat(64), "long"], ["My", "signs"], ["a_b", "signs"], ["-ab", "ends"], ["ab.", "ends"],
  ["a..b", "dots"], ["a.-b", "dots"], ["10.0.0.1", "address"], ["花朵花", "signs"],
])("a bucket called %s: %s", (name, problem) => {
  expect(nameProblem(name)).toBe(problem);
});

test.each([
  ['a,b\n1,"x, ""y"""\n', [["a", "b"], ["1", 'x, "y"']]],
  ["a\r\nb", [["a"], ["b"]]],
  ['"two\nlines",z', [["two\nlines", "z"]]],
  ["", []],
])("CSV %j", (text, rows) => {
  expect(readCsv(text)).toEqual(rows);
});

test("only the first rows of a long CSV are read", () => {
  expect(readCsv("a\n".repeat(1000), ",", 3)).toHaveLength(3);
});

test.each([["a,b,c\n", ","], ["a\tb\n1,5\t2", "\t"], ["a;b", ";"], ["plain", ","]])("the cells of %j are parted by %j", (text, sign) => {
  expect(separatorOf(text)).toBe(sign);
});

test.each([["x/photo.JPG", "picture"], ["a.json", "json"], ["README", "text"], ["weights.pth", "none"], ["a.b/noend", "none"], ["t.csv", "csv"]])("%s is shown as %s", (key, kind) => {
  expect(kindOf(key)).toBe(kind);
});
