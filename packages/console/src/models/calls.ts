/** Models, as the server's calls tell them. Moments are milliseconds. */

import { call, filled } from "../api/call";
import type { CandidateBody, DeploymentBody, SentModel } from "../api/calls";
import type { ListState, Part } from "../kit/list-state";
import { tell, type Told } from "../words/told";

export interface Tag {
  key: string;
  value: string;
}

export interface Doc {
  doc_name: string;
  doc_url: string;
}

export interface ListedModel {
  model_id: string;
  model_name: string;
  model_version: string;
  model_type: string;
  model_size: number;
  model_status: string;
  description: string;
  create_at: number;
  tags: Tag[];
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

/** One input or output, as a form would show it. */
export interface Param {
  url: string;
  method: string;
  param_name: string;
  param_type: string;
  min: number | string | null;
  max: number | string | null;
  param_desc: string;
}

export interface Model extends ListedModel {
  source_location: string;
  source_job_id: string;
  source_job_version: string;
  execution_code: string;
  runtime: string;
  model_algorithm: string;
  model_metrics: string;
  config: string;
  input_params: Param[];
  output_params: Param[];
  model_docs: Doc[];
  engine: { name: string | null; match: string; reason: string; told?: Told | null; python: string | null } | null;
  check: Partial<{ sound: boolean; findings: Finding[]; service_class: string | null; model_path: string | null; requirements: string[] }>;
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

export const STATUSES = ["published", "publishing", "failed"] as const;
const MOST_ASKED = 100;
const SORTS: Record<string, string> = { name: "model_name", version: "model_version", size: "model_size", created: "create_at" };

export interface Filters {
  status: string;
  type: string;
}

export type UsedModel = ListedModel & { services: DeploymentBody[] };

/** Each with the services that run it. */
async function used(models: ListedModel[], signal: AbortSignal): Promise<UsedModel[]> {
  const asked: Promise<DeploymentBody[]>[] = [];
  for (let from = 0; from < models.length; from += MOST_ASKED) {
    const ids = models.slice(from, from + MOST_ASKED).map((one) => one.model_id).join(",");
    asked.push(call("GET /maquette/{project_id}/deployments", { query: { models: ids }, signal }));
  }
  const found = (await Promise.all(asked)).flat();
  return models.map((one) => ({ ...one, services: found.filter((other) => other.model_id === one.model_id) }));
}

export async function listModels(state: ListState, filters: Filters, signal: AbortSignal): Promise<Part<UsedModel>> {
  const query = {
    model_name: state.text, model_status: filters.status, model_type: filters.type, offset: state.page - 1, limit: state.size,
    sort_by: SORTS[state.sort] ?? "create_at", order: state.sort && !state.descending ? ("asc" as const) : ("desc" as const),
  };
  const found = (await call("GET /v1/{project_id}/models", { query, signal })) as unknown as { total_count: number; models: ListedModel[] };
  return { rows: await used(found.models, signal), total: found.total_count };
}

/** Those that can be deployed, the newest first. */
export async function listPublished(signal: AbortSignal): Promise<ListedModel[]> {
  const found = (await call("GET /v1/{project_id}/models", { query: { model_status: "published" }, signal })) as unknown as { models: ListedModel[] };
  return found.models;
}

export async function readVersions(name: string, signal: AbortSignal): Promise<UsedModel[]> {
  const query = { model_name: name, exact_match: true, sort_by: "model_version" };
  const found = (await call("GET /v1/{project_id}/models", { query, signal })) as unknown as { models: ListedModel[] };
  return used(found.models, signal);
}

export async function readModel(id: string, signal?: AbortSignal): Promise<Model> {
  return (await call("GET /v1/{project_id}/models/{model_id}", { path: { model_id: id }, ...(signal && { signal }) })) as unknown as Model;
}

export async function importModel(body: SentModel): Promise<string> {
  return (await call("POST /v1/{project_id}/models", { body })).model_id ?? "";
}

export type Candidate = CandidateBody;

/** What an import would find, with nothing imported. */
export const checkCandidate = (query: Record<string, string>, signal: AbortSignal): Promise<Candidate> => call("GET /maquette/{project_id}/models/check", { query, signal });

export async function listRuntimes(signal: AbortSignal): Promise<{ ai_engine: string; runtimes: string[] }[]> {
  const found = (await call("GET /v1/{project_id}/models/ai-engine-runtimes", { signal })) as unknown as { engine_runtimes: { ai_engine: string; runtimes: string[] }[] };
  return found.engine_runtimes;
}

export const describeModel = (id: string, body: { description: string; tags: Tag[]; model_docs: Doc[] }) =>
  call("PUT /v1/{project_id}/models/{model_id}", { path: { model_id: id }, body: body as never });

/** Where a browser gets the package. */
export const packageAddress = (id: string) => filled("/maquette/{project_id}/models/{model_id}/package", { model_id: id });

/** Why the model stays where it does; empty where it is gone. */
export async function removeModel(id: string): Promise<string> {
  const done = (await call("DELETE /v1/{project_id}/models/{model_id}", { path: { model_id: id } })) as unknown as { delete_failed_list: { reason: string; told: Told | null }[] };
  const kept = done.delete_failed_list[0];
  return kept ? tell(kept.told, kept.reason) : "";
}
