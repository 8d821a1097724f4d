/** Which rows of a long list are in sight: of a hundred thousand only these are drawn. */

export interface Sight {
  first: number;
  /** The one behind the last. */
  end: number;
}

const AROUND = 8;

export function sight(top: number, height: number, rowHeight: number, total: number): Sight {
  const first = Math.max(0, Math.floor(top / rowHeight) - AROUND);
  const end = Math.min(total, Math.ceil((top + height) / rowHeight) + AROUND);
  return { first: Math.min(first, end), end };
}

/** Where to scroll so that a row is in sight; the same place where it is already. */
export function scrolledTo(row: number, top: number, height: number, rowHeight: number): number {
  if (row * rowHeight < top) return row * rowHeight;
  return (row + 1) * rowHeight > top + height ? (row + 1) * rowHeight - height : top;
}
