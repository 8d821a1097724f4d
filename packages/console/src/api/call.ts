/** Calls of the server, as its OpenAPI tells them, by the session of the browser. */

import type { Told } from "../words/told";
import type { Calls } from "./calls";
import { noteAnswer } from "./lost";

export type Call = keyof Calls;
type Given<C extends Call> = (keyof Calls[C]["path"] extends never ? { path?: undefined } : { path: Calls[C]["path"] }) &
  (Calls[C]["body"] extends undefined ? { body?: undefined } : { body: Calls[C]["body"] }) & {
    query?: Calls[C]["query"];
    signal?: AbortSignal;
  };

/** What the server says when it will not or cannot. `code` and `parameters` are what words are found by. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly parameters: Record<string, unknown> = {},
    readonly request = "",
    readonly told?: Told | null,
  ) {
    super(message);
  }
}

/** What every call needs to know of who is signed in; set once the session is there. */
export const caller = { projectId: "", changeToken: "" };

/** `call("GET /maquette/{project_id}/members", {})`: the project is filled in. */
export async function call<C extends Call>(name: C, given: Given<C>): Promise<Calls[C]["answer"]> {
  return (await ask(name, given)) as Calls[C]["answer"];
}

/** A call that the types do not know, say one of a server that is newer or older. */
export async function ask(
  name: string,
  given: { path?: object; query?: object; body?: unknown; signal?: AbortSignal } = {},
): Promise<unknown> {
  const [method = "GET", template = ""] = name.split(" ");
  const headers: Record<string, string> = {};
  if (method !== "GET") headers["x-change-token"] = caller.changeToken;
  if (given.body !== undefined) headers["content-type"] = "application/json";
  const answer = await reach(filled(template, given.path) + search(given.query), {
    method,
    headers,
    body: given.body === undefined ? undefined : JSON.stringify(given.body),
    signal: given.signal ?? null,
  });
  const text = await answer.text();
  if (!answer.ok) throw refusalOf(answer, text);
  return text ? JSON.parse(text) : undefined;
}

/** fetch, with a refusal of ours where nobody answers. */
export async function reach(address: string, how: RequestInit): Promise<Response> {
  try {
    const answer = await fetch(address, how);
    noteAnswer(true);
    return answer;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    noteAnswer(false);
    throw new Refusal(0, "unreachable", String(error));
  }
}

export function filled(template: string, path: object = {}): string {
  const values: Record<string, unknown> = { project_id: caller.projectId, ...path };
  return template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values[name])));
}

export function search(query: object = {}): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const text = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString();
  return text && `?${text}`;
}

function refusalOf(answer: Response, text: string): Refusal {
  const request = answer.headers.get("x-request-id") ?? "";
  try {
    const told = JSON.parse(text) as { code?: string; error_msg?: string; parameters?: Record<string, unknown>; told?: Told | null };
    return new Refusal(answer.status, told.code ?? "failed", told.error_msg ?? text, told.parameters ?? {}, request, told.told);
  } catch {
    return new Refusal(answer.status, "failed", text || answer.statusText, {}, request);
  }
}
