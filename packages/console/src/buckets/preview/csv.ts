/** Rows of a CSV text: quotes, doubled quotes, line ends within them. */

export function readCsv(text: string, separator = ",", most = 200): string[][] {
  const rows: string[][] = [];
  let [cell, row, quoted] = ["", [] as string[], false];
  for (let at = 0; at < text.length && rows.length < most; at++) {
    const sign = text[at] ?? "";
    if (quoted) {
      if (sign !== '"') cell += sign;
      else if (text[at + 1] === '"') [cell, at] = [cell + '"', at + 1];
      else quoted = false;
    } else if (sign === '"' && cell === "") quoted = true;
    else if (sign === separator) [row, cell] = [[...row, cell], ""];
    else if (sign === "\n") {
      rows.push([...row, cell.replace(/\r$/, "")]);
      [row, cell] = [[], ""];
    } else cell += sign;
  }
  if (rows.length < most && (cell !== "" || row.length > 0)) rows.push([...row, cell]);
  return rows;
}

/** What stands most often in the first line parts its cells. */
export function separatorOf(text: string): string {
  const first = text.slice(0, text.indexOf("\n") + 1 || text.length);
  const counts = [",", "\t", ";"].map((sign) => [first.split(sign).length, sign] as const);
  return counts.sort((one, other) => other[0] - one[0])[0]?.[1] ?? ",";
}
