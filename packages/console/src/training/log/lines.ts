/** The lines of a log as they come in, and where each stands: in rows of one height, wrapped or not. */

import { plain } from "./ansi";

/** More than this is not held: the oldest go first, and the whole is there to download. */
export const MOST_LINES = 300_000;
const GO_AT_ONCE = 50_000;

export class Lines {
  readonly all: string[] = [];
  /** The number of the first line that is held, counted from 1. */
  first = 1;
  /** Grows with every change, so that who draws knows of it. */
  changes = 0;
  private open = false;

  /** Text as it is written: it may end in the middle of a line, which the next piece goes on with. */
  add(text: string): void {
    if (!text) return;
    const parts = text.split("\n");
    if (this.open) this.all[this.all.length - 1] += parts.shift() ?? "";
    // `for`, for a piece may have more lines than a call may have arguments
    for (const part of parts) this.all.push(part);
    this.open = true;
    if (text.endsWith("\n")) {
      this.all.pop();
      this.open = false;
    }
    if (this.all.length > MOST_LINES) {
      this.all.splice(0, GO_AT_ONCE);
      this.first += GO_AT_ONCE;
    }
    this.changes += 1;
  }

  get last(): number {
    return this.first + this.all.length - 1;
  }

  /** The first line of text that began in the middle of a log is a part of one. */
  cutFirst(): void {
    this.all.shift();
    this.changes += 1;
  }

  /** Counts anew once it is known which line the last one is. */
  countFrom(last: number): void {
    this.first = Math.max(1, last - this.all.length + 1);
    this.changes += 1;
  }
}

const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/g;

/** How many signs of one width a line takes; those of Chinese take two. */
export function widthOf(line: string): number {
  const text = plain(line);
  // eslint-disable-next-line no-control-regex
  return /^[\u0000-\u10ff]*$/.test(text) ? text.length : text.length + (text.match(WIDE)?.length ?? 0);
}

/** Where wrapped lines stand: `tops[i]` is the row that line i begins in. Lines that have been looked at are kept. */
export class Rows {
  private tops: number[] = [0];
  private measured = 0;
  private from: number;

  constructor(private readonly lines: Lines, readonly columns: number) {
    this.from = lines.first;
  }

  /** Takes in what has come since; the last line may have grown. */
  measure(): void {
    if (this.from !== this.lines.first) {
      this.from = this.lines.first;
      this.tops = [0];
      this.measured = 0;
    }
    const { all } = this.lines;
    for (let at = Math.max(0, Math.min(this.measured, all.length) - 1); at < all.length; at += 1) {
      this.tops[at + 1] = (this.tops[at] ?? 0) + this.heightOf(all[at] ?? "");
    }
    this.measured = all.length;
    this.tops.length = all.length + 1;
  }

  private heightOf(line: string): number {
    if (this.columns === Infinity) return 1;
    return Math.max(1, Math.ceil(widthOf(line) / this.columns));
  }

  get total(): number {
    return this.tops[this.tops.length - 1] ?? 0;
  }

  top(index: number): number {
    return this.tops[index] ?? this.total;
  }

  /** The line that this row belongs to. */
  at(row: number): number {
    let [low, high] = [0, Math.max(0, this.tops.length - 2)];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.tops[middle] ?? 0) <= row) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
