/** Algorithms, as the server's calls tell and take them. */

import { call } from "../../api/call";
import type { SentAlgorithm } from "../../api/calls";
import type { ListState, Part } from "../../kit/list-state";
import type { Declared } from "../create/parameters";

export interface Channel {
  name: string;
  description: string;
  remote_constraints?: { data_type: string; attributes?: Record<string, string>[] }[];
}

export interface Algorithm {
  metadata: { id: string; name: string; description: string; create_time: number; update_time: number; user_name: string; is_valid: boolean };
  job_config: {
    code_dir: string;
    boot_file: string;
    command: string;
    engine: { engine_id: string; engine_version: string };
    parameters: Declared[];
    parameters_customization: boolean;
    inputs: Channel[];
    outputs: Channel[];
  };
  resource_requirements: { key: string; values: string[]; operator: "in" }[];
  advanced_config: { auto_search?: Record<string, unknown> };
}

const MOST = 50;
const SORTS: Record<string, string> = { name: "name", changed: "update_time" };

export async function listAlgorithms(state: ListState, signal: AbortSignal): Promise<Part<Algorithm>> {
  const first = (state.page - 1) * state.size;
  const starts = Array.from({ length: Math.ceil(state.size / MOST) }, (_, at) => first + at * MOST);
  const parts = await Promise.all(starts.map((offset) => call("GET /v2/{project_id}/algorithms", {
    query: { offset, limit: Math.min(MOST, state.size), searches: state.text && `name:${state.text}`, sort_by: SORTS[state.sort] ?? "create_time", order: state.sort && !state.descending ? "asc" : "desc" }, signal,
  })));
  const found = parts as unknown as { total: number; items: Algorithm[] }[];
  return { total: found[0]?.total ?? 0, rows: found.flatMap((one) => one.items) };
}

/** The fifty that were changed last, to choose from. */
export async function listAll(signal: AbortSignal): Promise<Algorithm[]> {
  return (await listAlgorithms({ page: 1, size: MOST, sort: "changed", descending: true, text: "" }, signal)).rows;
}

export async function readAlgorithm(id: string, signal: AbortSignal): Promise<Algorithm> {
  return (await call("GET /v2/{project_id}/algorithms/{algorithm_id}", { path: { algorithm_id: id }, signal })) as unknown as Algorithm;
}

export async function keepAlgorithm(id: string, body: SentAlgorithm): Promise<string> {
  const kept = id ? await call("PUT /v2/{project_id}/algorithms/{algorithm_id}", { path: { algorithm_id: id }, body }) : await call("POST /v2/{project_id}/algorithms", { body });
  return (kept as unknown as Algorithm).metadata.id;
}

export const removeAlgorithm = (id: string) => call("DELETE /v2/{project_id}/algorithms/{algorithm_id}", { path: { algorithm_id: id } });
