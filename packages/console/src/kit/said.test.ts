import { expect, test } from "vitest";

import { sayingOf, withoutRuns } from "./said";

const TRACE = `  File "/home/mind/model/customize_service.py", line 1, in <module>\n    raise ValueError("no")`;

test.each([
  ["nothing but words", [["nothing but words", false]], ""],
  ["run `maquette ls` first", [["run ", false], ["maquette ls", true], [" first", false]], ""],
  ["a lone ` stays", [["a lone ` stays", false]], ""],
  [`It ended: Traceback (most recent call last):\n${TRACE}\nValueError: no`, [["It ended: ValueError: no", false]], TRACE],
  [`Traceback (most recent call last):\n${TRACE}\nValueError: first\nsecond`, [["ValueError: first\nsecond", false]], TRACE],
  ["Traceback (most recent call last):\n", [], ""],
])("%s", (text, parts, trace) => {
  const found = sayingOf(text);
  expect(found.parts.map((part) => [part.text, part.code])).toEqual(parts);
  expect(found.trace).toBe(trace);
});

test("what differs by its run alone is the same", () => {
  const told = (id: string) => withoutRuns(`File "/runs/${id}/view/a.py"`);
  expect(told("2575ae98-df2b-4b31-8209-502bf2fc4401")).toBe(told("1883ca13-8625-424c-8209-502bf2fc4402"));
  expect(withoutRuns("line 2575")).toBe("line 2575");
});
