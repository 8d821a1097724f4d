/** Where the boxes of a graph stand: each one column further than what went into it. Pure, and the same every time. */

export interface Edge {
  source: string;
  target: string;
}

/** Ids by column. What nothing went into stands right before the first thing that it went into. */
export function layersOf(ids: string[], edges: Edge[]): string[][] {
  const known = edges.filter((edge) => ids.includes(edge.source) && ids.includes(edge.target) && edge.source !== edge.target);
  const column = new Map(ids.map((id) => [id, 0]));
  const at = (id: string) => column.get(id) ?? 0;
  for (let round = 0; round < ids.length; round++) {
    const late = known.filter((edge) => at(edge.target) <= at(edge.source));
    if (late.length === 0) break;
    for (const edge of late) column.set(edge.target, at(edge.source) + 1);
  }
  for (const id of ids) {
    const after = known.filter((edge) => edge.source === id).map((edge) => at(edge.target));
    if (after.length > 0 && !known.some((edge) => edge.target === id)) column.set(id, Math.min(...after) - 1);
  }
  const layers: string[][] = [];
  for (const id of ids) (layers[at(id)] ??= []).push(id);
  const filled = layers.filter((layer) => layer !== undefined && layer.length > 0);
  return filled.reduce<string[][]>((done, layer) => [...done, sorted(layer, done.at(-1) ?? [], known)], []);
}

/** By the middle of what went into each, so that few lines cross; what has nothing before it stays where it was. */
function sorted(layer: string[], before: string[], edges: Edge[]): string[] {
  const middle = (id: string, usual: number) => {
    const places = edges.filter((edge) => edge.target === id && before.includes(edge.source)).map((edge) => before.indexOf(edge.source));
    return places.length > 0 ? places.reduce((sum, place) => sum + place, 0) / places.length : usual;
  };
  return layer.map((id, at) => ({ id, at, to: middle(id, at) })).sort((one, other) => one.to - other.to || one.at - other.at).map(({ id }) => id);
}

export interface Box {
  x: number;
  y: number;
}

export const WIDE = { least: 156, most: 240, height: 98, across: 36, down: 14 };

export interface Placed {
  boxes: Map<string, Box>;
  /** Of a box. */
  width: number;
  height: number;
}

/** Side by side, every column in the middle of the height; null where `room` is too narrow for that. */
export function placeWide(layers: string[][], room: number): Placed | null {
  const gaps = Math.max(0, layers.length - 1) * WIDE.across;
  const width = Math.min(WIDE.most, Math.floor((room - gaps) / layers.length));
  if (width < WIDE.least) return null;
  const tall = (count: number) => count * WIDE.height + Math.max(0, count - 1) * WIDE.down;
  const height = Math.max(0, ...layers.map((layer) => tall(layer.length)));
  const boxes = new Map<string, Box>();
  layers.forEach((layer, column) => layer.forEach((id, row) => boxes.set(id, {
    x: column * (width + WIDE.across), y: (height - tall(layer.length)) / 2 + row * (WIDE.height + WIDE.down),
  })));
  return { boxes, width, height };
}

/** From the right edge of one box to the left edge of another. */
export function wideLine(from: Box, to: Box, width: number): string {
  const [x1, y1, x2, y2] = [from.x + width, from.y + WIDE.height / 2, to.x, to.y + WIDE.height / 2];
  const bend = (WIDE.across * 2) / 3;
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}

export const TALL = { height: 98, down: 12, gutter: 34, step: 9 };

/** One below the other, with the lines in a gutter before them. */
export function placeTall(layers: string[][], room: number): Placed {
  const boxes = new Map<string, Box>();
  layers.flat().forEach((id, row) => boxes.set(id, { x: TALL.gutter, y: row * (TALL.height + TALL.down) }));
  return { boxes, width: Math.max(0, room - TALL.gutter), height: boxes.size * (TALL.height + TALL.down) - TALL.down };
}

/** `lane` keeps the lines into different boxes apart. */
export function tallLine(from: Box, to: Box, lane: number): string {
  const [y1, y2, x, round] = [from.y + TALL.height / 2 + 6, to.y + TALL.height / 2 - 6, TALL.gutter - 10 - (lane % 3) * TALL.step, 6];
  return `M${from.x} ${y1}H${x + round}Q${x} ${y1} ${x} ${y1 + round}V${y2 - round}Q${x} ${y2} ${x + round} ${y2}H${to.x}`;
}
