/** Notebooks, as the server's calls tell them. */

import { call } from "../api/call";
import type { ListState, Part } from "../kit/list-state";
import { tell, type Told } from "../words/told";

export interface Notebook {
  id: string;
  name: string;
  description: string;
  status: string;
  flavor: string;
  image: { id: string; name: string };
  /** Milliseconds. */
  lease: { create_at: number; duration: number; enable: boolean };
  /** Empty unless it goes on and is one's own. */
  url: string;
  fail_reason: string;
  fail_told: Told | null;
  user_id: string;
  create_at: number;
}

const HOUR = 3_600_000;
const PATIENCE = 300_000;
const OVER = new Set(["STOPPED", "START_FAILED", "ERROR"]);
export const NAME = /^[A-Za-z0-9_-]{1,64}$/;
export const isOver = (one: Notebook) => OVER.has(one.status);

/** Seconds until it stops by itself; null where it does not. */
export function secondsLeft({ lease }: Pick<Notebook, "lease">, now: number): number | null {
  return lease.enable ? Math.max(0, (lease.create_at + lease.duration - now) / 1000) : null;
}

export async function listNotebooks(state: ListState, signal: AbortSignal): Promise<Part<Notebook>> {
  const query = {
    offset: (state.page - 1) * state.size, limit: state.size, name: state.text,
    sort_key: state.sort === "name" ? "name" : "create_at", sort_dir: state.sort && !state.descending ? ("ASC" as const) : ("DESC" as const),
  };
  const found = (await call("GET /v1/{project_id}/notebooks/all", { query, signal })) as unknown as { total: number; data: Notebook[] };
  return { rows: found.data, total: found.total };
}

export interface Wanted {
  name: string;
  image: string;
  flavour: string;
  hours: number;
  description?: string;
}

export async function makeNotebook({ name, image, flavour, hours, description }: Wanted): Promise<string> {
  const body = { name, image_id: image, flavor: flavour, description: description ?? "", duration: hours * HOUR };
  return ((await call("POST /v1/{project_id}/notebooks", { body })) as unknown as Notebook).id;
}

export const startNotebook = (id: string, hours?: number) =>
  call("POST /v1/{project_id}/notebooks/{id}/start", { path: { id }, query: { ...(hours && { duration: hours * HOUR }) } });
export const stopNotebook = (id: string) => call("POST /v1/{project_id}/notebooks/{id}/stop", { path: { id } });
export const removeNotebook = (id: string) => call("DELETE /v1/{project_id}/notebooks/{id}", { path: { id } });
export const renewLease = (id: string, hours: number) => call("PATCH /v1/{project_id}/notebooks/{id}/lease", { path: { id }, query: { duration: hours * HOUR }, body: null });

/** Its address, once JupyterLab answers there. */
export async function addressWhenReady(id: string): Promise<string> {
  const until = Date.now() + PATIENCE;
  for (;;) {
    const one = (await call("GET /v1/{project_id}/notebooks/{id}", { path: { id } })) as unknown as Notebook;
    if (one.status === "RUNNING" && one.url) return one.url;
    if (isOver(one) || Date.now() > until) throw new Error(tell(one.fail_told, one.fail_reason) || one.status);
    await new Promise((again) => setTimeout(again, 800));
  }
}

export async function readImages(signal: AbortSignal): Promise<string[]> {
  const found = (await call("GET /v1/{project_id}/images", { query: { limit: 1000 }, signal })) as unknown as { data: { id: string }[] };
  return found.data.map((one) => one.id);
}
