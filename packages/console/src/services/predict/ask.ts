/** One call of a service by who is signed in, and what came back. */

import { caller, reach, Refusal } from "../../api/call";
import { readStages, type Stage } from "../answer/parts";
import { fileOf, picturesOf } from "../answer/pictures";
import { parsed } from "./json";
import { isShown } from "./picture";

/** By name: files, or the text that was written. */
export type Values = Record<string, File[] | string>;

/** All that a call was made of, so that it can be made again. */
export interface Sent {
  /** The address of the api below the service's own. */
  url: string;
  way: "form" | "json";
  values: Values;
  json: string;
  /** What config.json says of the answer. */
  declares: unknown;
}

export interface Asked {
  number: number;
  /** Milliseconds. */
  at: number;
  status: number;
  milliseconds: number;
  stages: Stage[];
  /** What was read out of the answer; its text where it is no JSON. */
  answer: unknown;
  text: string;
  /** Bytes. */
  size: number;
  sent: Sent;
  files: File[];
  /** Those of the files that can be shown; of a body in JSON the pictures in it. */
  pictures: File[];
}

let asked = 0;

export async function ask(service: string, sent: Sent, signal?: AbortSignal): Promise<Asked> {
  const began = performance.now();
  const headers: Record<string, string> = { "x-change-token": caller.changeToken };
  if (sent.way === "json") headers["content-type"] = "application/json";
  const path = `/v1/infers/${encodeURIComponent(service)}${sent.url === "/" ? "" : sent.url}`;
  const answer = await reach(path, { method: "POST", headers, body: sent.way === "json" ? sent.json : formOf(sent.values), signal: signal ?? null });
  const text = await answer.text();
  const spent = performance.now() - began;
  if (answer.status === 401) throw new Refusal(401, "unidentified", text);
  asked += 1;
  const files = sent.way === "form" ? filesIn(sent.values) : [];
  const pictures = sent.way === "form" ? files.filter(isShown) : picturesOf(parsed(sent.json)).map(fileOf);
  return {
    number: asked, at: Date.now(), status: answer.status, milliseconds: spent, stages: readStages(answer.headers.get("server-timing")),
    answer: parsed(text), text, size: new Blob([text]).size, sent, files, pictures,
  };
}

/** The form as a browser sends it; what was left empty is left out. */
export function formOf(values: Values): FormData {
  const body = new FormData();
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === "string") {
      if (value !== "") body.append(name, value);
    } else for (const file of value) body.append(name, file, file.name);
  }
  return body;
}

export const filesIn = (values: Values) => Object.values(values).flatMap((value) => (typeof value === "string" ? [] : value));
