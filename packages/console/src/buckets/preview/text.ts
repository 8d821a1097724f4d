/** The text of a file: UTF-8, else as Chinese Windows writes it. */

/** The beginning of a file may end in the middle of a character: that one is left out. */
export function textOf(bytes: ArrayBuffer): string {
  const whole = { stream: true };
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes, whole);
  } catch {
    return new TextDecoder(isChinese(bytes) ? "gb18030" : "utf-8").decode(bytes, whole);
  }
}

/** Whether all of it is text in the encoding of Chinese Windows; what else is no UTF-8 is shown with its gaps. */
function isChinese(bytes: ArrayBuffer): boolean {
  try {
    return /\p{Script=Han}/u.test(new TextDecoder("gb18030", { fatal: true }).decode(bytes, { stream: true }));
  } catch {
    return false;
  }
}
