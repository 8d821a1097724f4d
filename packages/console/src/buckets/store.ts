/** The object store under `/obs/`, by the session of the browser: it speaks S3. */

import { call, caller, reach, Refusal, search } from "../api/call";

export interface StoredObject {
  key: string;
  size: number;
  /** Seconds. */
  modified: number;
  etag: string;
}

export interface Listing {
  folders: string[];
  objects: StoredObject[];
  /** Where to go on; null at the end. */
  next: string | null;
}

export interface Part {
  number: number;
  etag: string;
  size: number;
}

/** Where an object lies; every part of its name is spelled so that no browser shortens the path. */
export function addressOf(bucket: string, key = ""): string {
  const spelled = key.split("/").map((part) => encodeURIComponent(part).replace(/^\.{1,2}$/, (dots) => dots.replaceAll(".", "%2E")));
  return `/obs/${encodeURIComponent(bucket)}${key ? `/${spelled.join("/")}` : ""}`;
}

export function downloadAddress(bucket: string, key: string): string {
  const name = key.split("/").pop() ?? key;
  const disposition = `attachment; filename*=UTF-8''${encodeURIComponent(name).replaceAll("'", "%27")}`;
  return addressOf(bucket, key) + search({ "response-content-disposition": disposition });
}

export const obsPath = (bucket: string, key = "") => `obs://${bucket}/${key}`;

export function headers(more: Record<string, string> = {}): Record<string, string> {
  return { "x-change-token": caller.changeToken, ...more };
}

export async function send(method: string, address: string, how: RequestInit = {}): Promise<Response> {
  const answer = await reach(address, { ...how, method, headers: headers(how.headers as Record<string, string>) });
  if (!answer.ok) throw await refusalOf(answer);
  return answer;
}

/** Whose session has ended is nobody to the store, and refused as such: they are told so. */
export async function refusalOf(answer: Response): Promise<Refusal> {
  const refusal = readRefusal(answer.status, await answer.text(), answer.headers.get("x-amz-request-id") ?? "");
  if (refusal.code === "s3_AccessDenied") await call("GET /maquette/session", {});
  return refusal;
}

export function readRefusal(status: number, text: string, request = ""): Refusal {
  const code = inside(text, "Code") ?? "InternalError";
  const details: Record<string, unknown> = { bucket: inside(text, "BucketName"), key: inside(text, "Key") };
  return new Refusal(status, `s3_${code}`, inside(text, "Message") ?? `${status}`, details, request);
}

// ── buckets ─────────────────────────────────────────────────────────────────────────────────────────

/** A new one: without the header the server takes it for made where one has it already. */
export const makeBucket = (name: string) => send("PUT", addressOf(name), { headers: { "if-none-match": "*" } });
export const removeBucket = (name: string) => send("DELETE", addressOf(name));

/** Everybody may read the bucket's objects, or nobody beside the workspace. */
export async function setPolicy(name: string, policy: string): Promise<void> {
  if (policy === "public-read") {
    await send("PUT", `${addressOf(name)}?policy`, { body: JSON.stringify(everybodyReads(name)) });
    return;
  }
  await send("DELETE", `${addressOf(name)}?policy`);
  await send("PUT", `${addressOf(name)}?acl`, { headers: { "x-amz-acl": policy } });
}

function everybodyReads(name: string) {
  const arn = `arn:aws:s3:::${name}`;
  const statement = {
    Sid: "PublicRead", Effect: "Allow", Principal: "*",
    Action: ["s3:GetObject", "s3:ListBucket"], Resource: [arn, `${arn}/*`],
  };
  return { Version: "2012-10-17", Statement: [statement] };
}

// ── objects ─────────────────────────────────────────────────────────────────────────────────────────

/** One page, a thousand names at most: folders and objects right below `prefix`, or with `deep` all objects; with `itself` the object that
 * is called as the prefix too. */
export async function listPage(
  bucket: string, prefix: string, token: string | null, how: { deep?: boolean; signal?: AbortSignal; most?: number; itself?: boolean } = {},
): Promise<Listing> {
  const query = {
    "list-type": "2", prefix, "encoding-type": "url", "max-keys": how.most ?? 1000,
    ...(!how.deep && { delimiter: "/" }), "continuation-token": token,
  };
  const answer = await send("GET", addressOf(bucket) + search(query), how.signal ? { signal: how.signal } : {});
  return readListing(await answer.text(), how.itself ? "" : prefix);
}

/** The store's own lines, read without a document tree: a page has a thousand of them, and a folder a hundred pages. */
export function readListing(text: string, prefix: string): Listing {
  const objects: StoredObject[] = [];
  for (const [, line = ""] of text.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
    const key = decodeURIComponent(inside(line, "Key") ?? "");
    if (key === prefix && key.endsWith("/")) continue; // the folder itself
    objects.push({
      key,
      size: Number(inside(line, "Size")),
      modified: Date.parse(inside(line, "LastModified") ?? "") / 1000,
      etag: (inside(line, "ETag") ?? "").replaceAll('"', ""),
    });
  }
  const folders = [...text.matchAll(/<CommonPrefixes><Prefix>(.*?)<\/Prefix>/gs)].map(([, name = ""]) => decodeURIComponent(plain(name)));
  return { folders, objects, next: inside(text, "NextContinuationToken") ?? null };
}

/** Every object below a prefix, page by page; the folder `itself` too where it is an object. */
export async function* everyObject(bucket: string, prefix: string, signal?: AbortSignal, itself = false): AsyncGenerator<StoredObject[]> {
  let token: string | null = null;
  do {
    const page: Listing = await listPage(bucket, prefix, token, { deep: true, itself, ...(signal && { signal }) });
    yield page.objects;
    token = page.next;
  } while (token);
}

/** A folder that is there before anything is in it. */
export const makeFolder = (bucket: string, key: string) => send("PUT", addressOf(bucket, key), { body: "" });

export async function isThere(bucket: string, key: string, signal?: AbortSignal): Promise<boolean> {
  const page = await listPage(bucket, key, null, { deep: true, itself: true, most: 1, ...(signal && { signal }) });
  return page.objects[0]?.key === key;
}

interface Lying {
  bucket: string;
  key: string;
}

/** Bytes, type and metadata, as they were when they were listed; with `fresh` only where there is nothing of the name. */
export function copyObject(source: Lying & Pick<StoredObject, "etag">, target: Lying, fresh: boolean): Promise<Response> {
  const told = { "x-amz-copy-source": addressOf(source.bucket, source.key).replace(/^\/obs/, ""), "x-amz-copy-source-if-match": `"${source.etag}"`, ...(fresh && { "if-none-match": "*" }) };
  return send("PUT", addressOf(target.bucket, target.key), { headers: told });
}

/** Refused where the object is another by now. */
export const removeUnchanged = (bucket: string, key: string, etag: string) => send("DELETE", addressOf(bucket, key), { headers: { "if-match": `"${etag}"` } });

/** At most a thousand names; raises the first refusal. */
export async function removeObjects(bucket: string, keys: string[]): Promise<void> {
  const lines = keys.map((key) => `<Object><Key>${escaped(key)}</Key></Object>`).join("");
  const answer = await send("POST", `${addressOf(bucket)}?delete`, { body: `<Delete><Quiet>true</Quiet>${lines}</Delete>` });
  const text = await answer.text();
  if (text.includes("<Error>")) throw readRefusal(409, text);
}

// ── uploads in parts ────────────────────────────────────────────────────────────────────────────────

export async function startUpload(bucket: string, key: string, type: string): Promise<string> {
  const answer = await send("POST", `${addressOf(bucket, key)}?uploads`, { headers: { "content-type": type } });
  return inside(await answer.text(), "UploadId") ?? "";
}

/** The parts that have arrived; null for an upload that is no more. */
export async function listParts(bucket: string, key: string, upload: string): Promise<Part[] | null> {
  const parts: Part[] = [];
  for (let marker = 0; ; ) {
    const answer = await reach(addressOf(bucket, key) + search({ uploadId: upload, "part-number-marker": marker || undefined }), { headers: headers() });
    if (answer.status === 404) return null;
    if (!answer.ok) throw await refusalOf(answer);
    const text = await answer.text();
    for (const [, line = ""] of text.matchAll(/<Part>(.*?)<\/Part>/gs)) {
      parts.push({ number: Number(inside(line, "PartNumber")), etag: inside(line, "ETag") ?? "", size: Number(inside(line, "Size")) });
    }
    if (inside(text, "IsTruncated") !== "true") return parts;
    marker = Number(inside(text, "NextPartNumberMarker"));
  }
}

export async function completeUpload(bucket: string, key: string, upload: string, parts: Part[]): Promise<void> {
  const lines = [...parts]
    .sort((one, other) => one.number - other.number)
    .map((part) => `<Part><PartNumber>${part.number}</PartNumber><ETag>${escaped(part.etag)}</ETag></Part>`);
  const body = `<CompleteMultipartUpload>${lines.join("")}</CompleteMultipartUpload>`;
  await send("POST", addressOf(bucket, key) + search({ uploadId: upload }), { body });
}

export const abortUpload = (bucket: string, key: string, upload: string) =>
  send("DELETE", addressOf(bucket, key) + search({ uploadId: upload }));

// ── XML ─────────────────────────────────────────────────────────────────────────────────────────────

const PATTERNS = new Map<string, RegExp>();

function inside(text: string, name: string): string | undefined {
  let pattern = PATTERNS.get(name);
  if (!pattern) PATTERNS.set(name, (pattern = new RegExp(`<${name}>(.*?)</${name}>`, "s")));
  const found = pattern.exec(text);
  return found?.[1] === undefined ? undefined : plain(found[1]);
}

const SIGNS: Record<string, string> = { "&lt;": "<", "&gt;": ">", "&amp;": "&", "&quot;": '"', "&apos;": "'" };
const plain = (text: string) => text.replace(/&(?:lt|gt|amp|quot|apos);/g, (sign) => SIGNS[sign] ?? sign);
const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
