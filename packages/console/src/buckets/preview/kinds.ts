/** How an object is shown, told by its name. */

export type Kind = "picture" | "json" | "csv" | "text" | "none";

const ENDINGS: Record<string, Kind> = {};
const KNOWN: [Kind, string][] = [
  ["picture", "png jpg jpeg gif webp bmp svg ico avif"],
  ["json", "json ipynb geojson"],
  ["csv", "csv tsv"],
  ["text", "txt md log py sh yaml yml toml ini cfg xml html css js ts tsx conf names data manifest jsonl rst r c h cpp java go rs sql env"],
];
for (const [kind, endings] of KNOWN) for (const one of endings.split(" ")) ENDINGS[one] = kind;
/** Names without an ending that hold text all the same. */
const PLAIN = /^(readme|license|makefile|dockerfile|requirements|notice|changelog)$/i;

export function kindOf(key: string): Kind {
  const name = key.split("/").pop() ?? "";
  const ending = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase();
  if (ending === undefined) return PLAIN.test(name) ? "text" : "none";
  return ENDINGS[ending] ?? "none";
}
