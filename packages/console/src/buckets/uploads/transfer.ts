/** Sends one file into a bucket: at once, or in parts that need not be sent twice. */

import { Refusal } from "../../api/call";
import { abortUpload, addressOf, completeUpload, headers, listParts, readRefusal, startUpload, type Part } from "../store";

export const PART_BYTES = 16 << 20;
const MOST_PARTS = 10_000;
const PARTS_AT_ONCE = 3;
const KEPT = "maquette-upload ";

export interface Job {
  bucket: string;
  key: string;
  file: File;
}

export type Told = (sentBytes: number) => void;

/** The file's part is at least `PART_BYTES` long, and so long that no file has too many. */
export function partSize(bytes: number): number {
  return Math.max(PART_BYTES, Math.ceil(bytes / MOST_PARTS / (1 << 20)) * (1 << 20));
}

export async function transfer(job: Job, tell: Told, signal: AbortSignal): Promise<void> {
  if (inParts(job.file)) await sendParts(job, tell, signal);
  else await put(addressOf(job.bucket, job.key), job.file, typeOf(job.file), tell, signal);
}

/** Whether what has arrived of it need not be sent again. */
export const inParts = (file: File) => file.size > PART_BYTES;

const typeOf = (file: File) => file.type || "binary/octet-stream";

async function sendParts(job: Job, tell: Told, signal: AbortSignal): Promise<void> {
  const size = partSize(job.file.size);
  const { upload, done } = await resumed(job, size);
  const sent = new Map<number, number>(done.map((part) => [part.number, part.size]));
  const report = () => tell([...sent.values()].reduce((sum, one) => sum + one, 0));
  report();
  const missing = Array.from({ length: Math.ceil(job.file.size / size) }, (_, at) => at + 1).filter((number) => !sent.has(number));
  const work = async () => {
    for (let number = missing.shift(); number !== undefined; number = missing.shift()) {
      const current = number;
      const piece = job.file.slice((current - 1) * size, current * size);
      const address = `${addressOf(job.bucket, job.key)}?partNumber=${current}&uploadId=${encodeURIComponent(upload)}`;
      const etag = await put(address, piece, "", (bytes) => {
        sent.set(current, bytes);
        report();
      }, signal);
      done.push({ number: current, etag, size: piece.size });
    }
  };
  // Where one fails, those under way arrive and no other begins: what is there need not be sent again.
  const ends = await Promise.allSettled(Array.from({ length: PARTS_AT_ONCE }, () => work().catch((error: unknown) => {
    missing.length = 0;
    throw error;
  })));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  await completeUpload(job.bucket, job.key, upload, done);
  localStorage.removeItem(keptName(job));
}

/** The upload of this very file that was broken off, with the parts it has; else a new one. */
async function resumed(job: Job, size: number): Promise<{ upload: string; done: Part[] }> {
  const kept = localStorage.getItem(keptName(job));
  const done = kept ? await listParts(job.bucket, job.key, kept) : null;
  if (kept && done) return { upload: kept, done: done.filter((part) => fits(part, job.file.size, size)) };
  const upload = await startUpload(job.bucket, job.key, typeOf(job.file));
  localStorage.setItem(keptName(job), upload);
  return { upload, done: [] };
}

export function fits(part: Part, bytes: number, size: number): boolean {
  return part.size === Math.min(size, bytes - (part.number - 1) * size);
}

/** A file is the same when it has the same name, size and date: all that a browser tells without reading it. */
function keptName({ bucket, key, file }: Job): string {
  return `${KEPT}${bucket}/${key} ${file.size} ${file.lastModified}`;
}

/** Forgets what has arrived of a file that nobody wants any more. */
export async function forget(job: Job): Promise<void> {
  const kept = localStorage.getItem(keptName(job));
  if (!kept) return;
  localStorage.removeItem(keptName(job));
  await abortUpload(job.bucket, job.key, kept);
}

/** By XMLHttpRequest: fetch does not tell how much of a body is under way. Answers with the ETag. */
function put(address: string, body: Blob, type: string, tell: Told, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    request.open("PUT", address);
    for (const [name, value] of Object.entries(headers(type ? { "content-type": type } : {}))) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => tell(event.loaded);
    request.onload = () => {
      if (request.status >= 300) return reject(readRefusal(request.status, request.responseText));
      tell(body.size);
      resolve(request.getResponseHeader("etag") ?? "");
    };
    request.onerror = () => reject(new Refusal(0, "unreachable", "The server did not answer."));
    request.onabort = () => reject(new DOMException("Stopped.", "AbortError"));
    request.onloadend = () => signal.removeEventListener("abort", stop);
    signal.addEventListener("abort", stop);
    request.send(body);
  });
}
