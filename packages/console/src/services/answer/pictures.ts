/** Pictures that an answer holds as base64, and what is in a mask. */

export interface Picture {
  /** The way to it in the answer: `0.mask`. */
  name: string;
  address: string;
}

const STARTS: Record<string, string> = { "/9j/": "jpeg", iVBORw0KGgo: "png", R0lGOD: "gif", UklGR: "webp" };
const SHORTEST = 60;
const MOST = 24;
/** A picture of more colours is no mask. */
const MOST_COLOURS = 256;
/** A mask of numbers of classes is nearly black; these are painted. */
const MOST_CLASSES = 64;

export function picturesOf(value: unknown, name = "", found: Picture[] = []): Picture[] {
  if (found.length >= MOST) return found;
  if (typeof value === "string") {
    const address = addressOf(value);
    if (address) found.push({ name, address });
  } else if (value !== null && typeof value === "object") {
    for (const [key, inner] of Object.entries(value)) picturesOf(inner, name ? `${name}.${key}` : key, found);
  }
  return found;
}

/** With or without `data:` before it, in lines or in one, in either alphabet. */
export function addressOf(text: string): string | null {
  const told = /^data:image\/(png|jpeg|jpg|gif|webp);base64,(.*)$/s.exec(text);
  const data = (told?.[2] ?? text).replace(/\s+/g, "").replaceAll("-", "+").replaceAll("_", "/");
  if (told) return /^[A-Za-z0-9+/]+=*$/.test(data) ? `data:image/${told[1] === "jpg" ? "jpeg" : told[1]};base64,${data}` : null;
  if (data.length < SHORTEST) return null;
  const start = Object.keys(STARTS).find((one) => data.startsWith(one));
  return start && /^[A-Za-z0-9+/]+=*$/.test(data) ? `data:image/${STARTS[start]};base64,${data}` : null;
}

export function fileOf({ name, address }: Picture): File {
  const [head = "", data = ""] = address.split(",");
  const type = /image\/\w+/.exec(head)?.[0] ?? "";
  return new File([Uint8Array.from(atob(data), (one) => one.charCodeAt(0))], name, { type });
}

export interface Colour {
  red: number;
  green: number;
  blue: number;
  /** Of the picture's pixels. */
  share: number;
}

export interface Mask {
  /** The largest first, as they are shown. */
  colours: Colour[];
  /** RGBA as it is shown; what is background is clear. */
  pixels: Uint8ClampedArray<ArrayBuffer>;
}

/** null for what is no mask: a photograph, or one colour alone. */
export function maskOf(pixels: Uint8ClampedArray): Mask | null {
  const counts = countsOf(pixels);
  if (!counts || counts.size < 2) return null;
  const told = [...counts.keys()];
  const numbers = told.every((one) => isGrey(one) && (one & 255) < MOST_CLASSES);
  const shown = new Map(told.map((one) => [one, numbers ? paint(one & 255) : one]));
  const out = new Uint8ClampedArray(pixels.length);
  for (let at = 0; at < pixels.length; at += 4) {
    const key = keyAt(pixels, at);
    const colour = shown.get(key) ?? 0;
    [out[at], out[at + 1], out[at + 2]] = [colour >> 16, (colour >> 8) & 255, colour & 255];
    out[at + 3] = key === 0 || pixels[at + 3] === 0 ? 0 : 255;
  }
  const total = pixels.length / 4;
  const colours = told.map((one) => ({ one: shown.get(one) ?? 0, share: (counts.get(one) ?? 0) / total }))
    .map(({ one, share }) => ({ red: one >> 16, green: (one >> 8) & 255, blue: one & 255, share }));
  return { colours: colours.sort((one, other) => other.share - one.share), pixels: out };
}

const keyAt = (pixels: Uint8ClampedArray, at: number) => ((pixels[at] ?? 0) << 16) | ((pixels[at + 1] ?? 0) << 8) | (pixels[at + 2] ?? 0);
const isGrey = (key: number) => key >> 16 === (key & 255) && ((key >> 8) & 255) === (key & 255);

function countsOf(pixels: Uint8ClampedArray): Map<number, number> | null {
  const counts = new Map<number, number>();
  for (let at = 0; at < pixels.length; at += 4) {
    const key = keyAt(pixels, at);
    const before = counts.get(key);
    if (before === undefined && counts.size >= MOST_COLOURS) return null;
    counts.set(key, (before ?? 0) + 1);
  }
  return counts;
}

/** The colour of a class as PASCAL VOC paints it: the bits of its number, dealt out to the three colours. */
export function paint(index: number): number {
  let [red, green, blue] = [0, 0, 0];
  for (let bit = 7, rest = index; bit >= 0; bit -= 1, rest >>= 3) {
    red |= (rest & 1) << bit;
    green |= ((rest >> 1) & 1) << bit;
    blue |= ((rest >> 2) & 1) << bit;
  }
  return (red << 16) | (green << 8) | blue;
}

/** What the answer calls the class that covers so much: its rows with a name and a share, where no two are as large. */
export function nameOfShare(share: number, rows: Record<string, unknown>[]): string {
  const near = rows.filter((row) => Math.abs(Number(row.share) - share) < 0.0002);
  const name = near.length === 1 ? (near[0]?.name ?? near[0]?.label) : undefined;
  return typeof name === "string" ? name : "";
}
