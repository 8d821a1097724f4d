import { expect, test } from "vitest";

import { textOf } from "./text";

const bytes = (...values: number[]) => new Uint8Array(values).buffer;
const utf8 = (text: string) => new TextEncoder().encode(text);

test("UTF-8 is read as it is, without its mark", () => {
  expect(textOf(utf8("标签,花").buffer)).toBe("标签,花");
  expect(textOf(bytes(0xef, 0xbb, 0xbf, 0x61))).toBe("a");
});

test("a file of Chinese Windows is read too", () => {
  expect(textOf(bytes(0xb1, 0xea, 0xc7, 0xa9, 0x2c, 0xbb, 0xa8))).toBe("标签,花");
});

test("a beginning that ends within a character is read up to it", () => {
  expect(textOf(utf8("标签").slice(0, 5).buffer)).toBe("标");
  expect(textOf(bytes(0xb1, 0xea, 0xc7))).toBe("标");
});

test("bytes that are no text show where they are none", () => {
  expect(textOf(bytes(0x61, 0xff, 0xfe, 0x62))).toContain("\ufffd");
});
