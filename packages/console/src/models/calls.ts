/** Models, as the server's calls tell them. Moments are milliseconds. */

import { call } from "../api/call";
import type { SentModel } from "../api/calls";
import type { ListState, Part } from "../kit/list-state";
import { tell, type Told } from "../words/told";

export interface ListedModel {
  model_id: string;
  model_name: string;
  model_version: string;
  model_type: string;
  model_size: number;
  model_status: string;
  description: string;
  create_at: number;
}

export interface Finding {
  level: "error" | "warning" | "hint";
  code: string;
  message: string;
  fix: string;
  /** What both sentences are made of; models of an older server have none. */
  parameters?: Record<string, unknown>;
  file: string | null;
  line: number | null;
  column: number | null;
  field: string | null;
}

export interface Model extends ListedModel {
  source_location: string;
  source_job_id: string;
  source_job_version: string;
  runtime: string;
  model_algorithm: string;
  model_metrics: string;
  config: string;
  engine: { name: string | null; match: string; reason: string; told?: Told | null; python: string | null } | null;
  check: Partial<{ sound: boolean; findings: Finding[]; service_class: string | null; model_path: string | null }>;
  files: number;
  progress: string;
  progress_told: Told | null;
  error: string;
  error_told: Told | null;
}

/** A finding's sentence or its fix. */
export function tellFinding(finding: Finding, which: "message" | "fix"): string {
  const message = finding[which];
  return tell(finding.parameters && { code: `findings.${finding.code}.${which}`, message, parameters: finding.parameters }, message);
}

const SORTS: Record<string, string> = { name: "model_name", version: "model_version", size: "model_size", created: "create_at" };

export async function listModels(state: ListState, signal?: AbortSignal): Promise<Part<ListedModel>> {
  const query = {
    model_name: state.text, offset: state.page - 1, limit: state.size, sort_by: SORTS[state.sort] ?? "create_at",
    order: state.sort && !state.descending ? ("asc" as const) : ("desc" as const),
  };
  const found = (await call("GET /v1/{project_id}/models", { query, ...(signal && { signal }) })) as unknown as { total_count: number; models: ListedModel[] };
  return { rows: found.models, total: found.total_count };
}

/** Those that can be deployed, the newest first. */
export async function listPublished(signal: AbortSignal): Promise<ListedModel[]> {
  const found = (await call("GET /v1/{project_id}/models", { query: { model_status: "published" }, signal })) as unknown as { models: ListedModel[] };
  return found.models;
}

export async function readVersions(name: string, signal: AbortSignal): Promise<ListedModel[]> {
  const found = (await call("GET /v1/{project_id}/models", { query: { model_name: name, exact_match: true }, signal })) as unknown as { models: ListedModel[] };
  return found.models;
}

export async function readModel(id: string, signal?: AbortSignal): Promise<Model> {
  return (await call("GET /v1/{project_id}/models/{model_id}", { path: { model_id: id }, ...(signal && { signal }) })) as unknown as Model;
}

export async function importModel(body: SentModel): Promise<string> {
  return (await call("POST /v1/{project_id}/models", { body })).model_id ?? "";
}

/** Why the model stays where it does; empty where it is gone. */
export async function removeModel(id: string): Promise<string> {
  const done = (await call("DELETE /v1/{project_id}/models/{model_id}", { path: { model_id: id } })) as unknown as { delete_failed_list: { reason: string; told: Told | null }[] };
  const kept = done.delete_failed_list[0];
  return kept ? tell(kept.told, kept.reason) : "";
}
