/** The colours that programs write into their logs, as pieces of text with a class each. */

export interface Piece {
  text: string;
  /** Names of classes, such as `red bold`; empty for plain text. */
  looks: string;
}

const CODES = /\u001b\[([0-9;]*)m/g;
/** All other orders to a terminal: where to write, what to wipe, the title of its window. */
// eslint-disable-next-line no-control-regex
const ORDERS = /\u001b(?:\[[0-9;?]*[A-Za-ln-z]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[()][A-Z0-9]|[=>78cDEHM])|[\u0000-\u0008\u000b\u000c\u000e-\u001a\u001c-\u001f\u007f]/g;
const COLOURS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
const TAB = "        ";

/** A line as it stands when the terminal has obeyed it: a progress bar that overwrote itself shows its last face. */
export function settled(line: string): string {
  const overwritten = line.endsWith("\r") ? line.slice(0, -1) : line;
  const last = overwritten.lastIndexOf("\r");
  return (last < 0 ? overwritten : overwritten.slice(last + 1)).replace(ORDERS, "").replaceAll("\t", TAB);
}

export function plain(line: string): string {
  return line.includes("\u001b") || line.includes("\r") || line.includes("\t") ? settled(line).replace(CODES, "") : line;
}

export function pieces(line: string): Piece[] {
  const text = settled(line);
  const found: Piece[] = [];
  const looks = new Map<string, string>();
  let from = 0;
  const add = (to: number) => {
    if (to > from) found.push({ text: text.slice(from, to), looks: [...looks.values()].join(" ") });
  };
  for (const match of text.matchAll(CODES)) {
    add(match.index);
    from = match.index + match[0].length;
    obey(looks, match[1] ?? "");
  }
  add(text.length);
  return found;
}

function obey(looks: Map<string, string>, codes: string): void {
  const numbers = codes.split(";").map(Number);
  for (let at = 0; at < numbers.length; at += 1) {
    const code = numbers[at] ?? 0;
    if (code === 0) looks.clear();
    else if (code === 1) looks.set("weight", "bold");
    else if (code === 2) looks.set("weight", "faint");
    else if (code === 22) looks.delete("weight");
    else if (code === 3) looks.set("slant", "slanted");
    else if (code === 23) looks.delete("slant");
    else if (code === 4) looks.set("line", "lined");
    else if (code === 24) looks.delete("line");
    else if (code >= 30 && code <= 37) looks.set("colour", COLOURS[code - 30] ?? "");
    else if (code >= 90 && code <= 97) looks.set("colour", COLOURS[code - 90] ?? "");
    else if (code === 39) looks.delete("colour");
    else if (code === 38 || code === 48) at += numbers[at + 1] === 5 ? 2 : 4; // of 256 or more colours: left plain
  }
}

/** Large and small letters of ASCII are the same, as for the server's search. */
const lowered = (text: string) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** Pieces with what was searched for marked. */
export function marked(parts: Piece[], wanted: string): Piece[] {
  if (!wanted) return parts;
  const needle = lowered(wanted);
  return parts.flatMap((piece) => {
    const [found, text]: [Piece[], string] = [[], lowered(piece.text)];
    let from = 0;
    for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, from)) {
      if (at > from) found.push({ ...piece, text: piece.text.slice(from, at) });
      from = at + needle.length;
      found.push({ text: piece.text.slice(at, from), looks: `${piece.looks} found`.trim() });
    }
    if (from < piece.text.length) found.push({ ...piece, text: piece.text.slice(from) });
    return found;
  });
}
