/** What lies where a batch is to read: whether there is anything, and how the first table begins. */

import { Refusal } from "../api/call";
import { addressOf, listPage, send } from "../buckets/store";
import { readCsv } from "../buckets/preview/csv";
import { readPlace, type Where } from "../kit/bucket-picker";
import { asFolder } from "../training/create/form";

export type Problem = "place" | "bucket" | "nothing" | "noTable" | "noManifest";

const BEGINNING = 16_384;
const isTable = (key: string) => key.toLowerCase().endsWith(".csv");

/** Why a folder cannot be the input; null where nothing speaks against it, or where the server is to tell. */
export async function problemOfFolder(address: string, tables: boolean): Promise<Problem | null> {
  const place = readPlace(asFolder(address));
  if (!place) return "place";
  return told(async () => {
    const page = await listPage(place.bucket, place.key, null, { deep: true, most: tables ? 1000 : 2 });
    const files = page.objects.filter((one) => !one.key.endsWith("/"));
    if (files.length === 0 && !page.next) return "nothing";
    return !tables || page.next || files.some((one) => isTable(one.key)) ? null : "noTable";
  });
}

export async function problemOfManifest(address: string): Promise<Problem | null> {
  const place = readPlace(address);
  if (!place?.key || place.key.endsWith("/")) return "place";
  return told(async () => {
    const found = await listPage(place.bucket, place.key, null, { deep: true, most: 1 });
    return found.objects.some((one) => one.key === place.key) ? null : "noManifest";
  });
}

export async function problemOfTarget(address: string): Promise<Problem | null> {
  const place = readPlace(asFolder(address));
  if (!place) return "place";
  return told(async () => {
    await listPage(place.bucket, place.key, null, { most: 1 });
    return null;
  });
}

async function told(look: () => Promise<Problem | null>): Promise<Problem | null> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof Refusal && error.code === "s3_NoSuchBucket") return "bucket";
    return null; // what else may be, the server tells when the batch is made
  }
}

/** The first row of the first table that would be read; null where none is found. */
export async function firstRow(address: string, manifest: boolean, signal: AbortSignal): Promise<{ key: string; row: string[] } | null> {
  const place = manifest ? await firstOfManifest(address, signal) : await firstOfFolder(address, signal);
  if (!place) return null;
  const row = readCsv(await beginning(place, signal), ",", 1)[0];
  return row ? { key: place.key, row } : null;
}

async function firstOfFolder(address: string, signal: AbortSignal): Promise<Where | null> {
  const place = readPlace(asFolder(address));
  if (!place) return null;
  const page = await listPage(place.bucket, place.key, null, { deep: true, signal });
  const found = page.objects.find((one) => isTable(one.key) && one.size > 0);
  return found ? { bucket: place.bucket, key: found.key } : null;
}

async function firstOfManifest(address: string, signal: AbortSignal): Promise<Where | null> {
  const place = readPlace(address);
  if (!place?.key) return null;
  const line = (await beginning(place, signal)).split("\n")[0] ?? "";
  return readPlace((JSON.parse(line) as { source: string }).source);
}

/** Without the mark that spreadsheets put before UTF-8. */
async function beginning({ bucket, key }: Where, signal: AbortSignal): Promise<string> {
  const answer = await send("GET", addressOf(bucket, key), { headers: { range: `bytes=0-${BEGINNING - 1}` }, signal });
  return (await answer.text()).replace(/^\uFEFF/, "");
}
