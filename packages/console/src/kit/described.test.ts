import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TFunction } from "i18next";
import { expect, test } from "vitest";

import { DEMO, described } from "./described";

const t = ((key: string) => key) as unknown as TFunction;
const SERVER = join(import.meta.dirname, "../../../platform/src/maquette/demo");

test("what the demo writes is told in the reader's language, and nothing else", () => {
  expect(described(DEMO, t)).toBe("kit.byDemo");
  for (const text of ["", "Made by me", `${DEMO}.`]) expect(described(text, t)).toBe(text);
});

test.each(["online.py", "training.py"])("%s still writes it so", (name) => {
  expect(readFileSync(join(SERVER, name), "utf8")).toContain(`description="${DEMO}"`);
});
