/** How much a call may carry, and pictures made small enough for it. */

import { filesIn, type Sent } from "./ask";
import { isShown } from "./picture";

/** As the gateway has it, and ModelArts' own. */
export const MOST_BYTES = 12 << 20;
/** What a form puts around each of its fields, about. */
const AROUND = 200;
const SIDES = [2560, 1600, 1024, 640];
const QUALITY = 0.9;

export function sizeOf(sent: Pick<Sent, "way" | "values" | "json">): number {
  if (sent.way === "json") return new Blob([sent.json]).size;
  const texts = Object.values(sent.values).filter((value) => typeof value === "string").reduce((sum, value) => sum + value.length + AROUND, 0);
  return filesIn(sent.values).reduce((sum, file) => sum + file.size + AROUND, texts);
}

/** The largest pictures as JPEG, smaller and smaller, until all together fit; null where that is not to be had. */
export async function madeToFit(files: File[], most: number): Promise<File[] | null> {
  for (const side of SIDES) {
    const made = await Promise.all(files.map((file) => (isShown(file) && file.size > most / (2 * files.length) ? smaller(file, side) : file)));
    if (made.reduce((sum, file) => sum + file.size + AROUND, 0) <= most) return made;
  }
  return null;
}

async function smaller(file: File, side: number): Promise<File> {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, side / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [Math.round(picture.width * scale), Math.round(picture.height * scale)];
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const made = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  return made && made.size < file.size ? new File([made], file.name.replace(/(\.\w+)?$/, ".jpg"), { type: "image/jpeg" }) : file;
}

/** Names that differ: of files of one name a model sees the last alone. */
export function named(files: File[]): File[] {
  const taken = new Set<string>();
  return files.map((file) => {
    const [, stem = file.name, ending = ""] = /^(.*?)(\.[^.]*)?$/.exec(file.name) ?? [];
    let name = file.name;
    for (let number = 2; taken.has(name); number += 1) name = `${stem} (${number})${ending}`;
    taken.add(name);
    return name === file.name ? file : new File([file], name, { type: file.type });
  });
}
