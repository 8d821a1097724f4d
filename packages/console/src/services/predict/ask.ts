/** One call of a service by who is signed in, and what came back. */

import { caller, reach, Refusal } from "../../api/call";
import { readStages, type Stage } from "./answers";

/** By name: files, or the text that was written. */
export type Values = Record<string, File[] | string>;

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
  /** The picture that was sent. */
  picture: File | null;
}

let asked = 0;

export async function ask(path: string, body: FormData | string, picture: File | null, signal?: AbortSignal): Promise<Asked> {
  const began = performance.now();
  const headers: Record<string, string> = { "x-change-token": caller.changeToken };
  if (typeof body === "string") headers["content-type"] = "application/json";
  const answer = await reach(path, { method: "POST", headers, body, signal: signal ?? null });
  const text = await answer.text();
  const spent = performance.now() - began;
  if (answer.status === 401) throw new Refusal(401, "unidentified", text);
  asked += 1;
  return {
    number: asked, at: Date.now(), status: answer.status, milliseconds: spent, stages: readStages(answer.headers.get("server-timing")),
    answer: parsed(text), text, picture,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
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

export function pictureIn(values: Values): File | null {
  const files = Object.values(values).flatMap((value) => (typeof value === "string" ? [] : value));
  return files.find((file) => file.type.startsWith("image/")) ?? null;
}
