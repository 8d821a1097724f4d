/** Online and batch services, as the server's calls tell them. Moments are milliseconds. */

import { call } from "../api/call";
import type { SentChange, SentService } from "../api/calls";
import type { ListState, Part } from "../kit/list-state";
import type { Told } from "../words/told";

export type InferType = "real-time" | "batch";

export interface ListedService {
  service_id: string;
  service_name: string;
  description: string;
  infer_type: InferType;
  status: string;
  publish_at: number;
  transition_at: number;
  created_at: number;
  invocation_times: number;
  failed_times: number;
  schedule: { time_unit: string; duration: number }[];
  error_msg: string;
  error_told: Told | null;
  asleep: boolean;
  config: Target[];
  /** Of a batch, in files. */
  inputs?: { phase: string; total: number; done: number; failed: number; percent: number; seconds_left: number | null };
}

/** One version of a model that a service runs; the fields from `src_type` on are of a batch. */
export interface Target {
  model_id: string;
  model_name: string;
  model_version: string;
  weight: number;
  specification: string;
  custom_spec: { cpu?: number; memory?: number; gpu_p4?: number };
  instance_count: number;
  envs: Record<string, string>;
  status?: string;
  src_type?: string;
  src_path?: string;
  dest_path?: string;
  req_uri?: string;
  mapping_type?: string;
  mapping_rule?: Record<string, unknown>;
}

export interface Service extends ListedService {
  access_address: string;
  progress: number;
  due_time?: number;
  revision: number;
}

export interface Happened {
  event_type: "normal" | "abnormal";
  event_info: string;
  occur_time: number;
  code: string;
  told: Told | null;
  parameters?: { run?: string };
}

export interface Update {
  update_time: number;
  result: "RUNNING" | "SUCCESS" | "FAIL";
  config: Target[];
  revision: number;
  message: string;
  told: Told | null;
}

const LIVE_STATES = new Set(["running", "deploying", "concerning"]);
/** Whether it is wanted up: then it can be stopped, else started. */
export const isUp = (service: ListedService) => LIVE_STATES.has(service.status);

// ── lists ───────────────────────────────────────────────────────────────────────────────────────────

const SORTS: Record<string, string> = { name: "service_name", changed: "publish_at", calls: "invocation_times", failures: "failed_times", failed: "failed_inputs" };
const MOST = 1000;

type Listed = { total_count: number; services: ListedService[] };

export async function listServices(kind: InferType, status: string, state: ListState, signal: AbortSignal): Promise<Part<ListedService>> {
  const query = {
    infer_type: kind, status, service_name: state.text, offset: state.page - 1, limit: state.size, sort_by: SORTS[state.sort] ?? "publish_at",
    order: state.sort && !state.descending ? ("asc" as const) : ("desc" as const),
  };
  const found = (await call("GET /v1/{project_id}/services", { query, signal })) as unknown as Listed;
  return { total: found.total_count, rows: found.services };
}

export async function listBatches(signal?: AbortSignal): Promise<ListedService[]> {
  const query = { infer_type: "batch", limit: MOST };
  return ((await call("GET /v1/{project_id}/services", { query, ...(signal && { signal }) })) as unknown as Listed).services;
}

export async function isTaken(name: string): Promise<boolean> {
  const found = (await call("GET /v1/{project_id}/services", { query: { service_name: name, limit: MOST } })) as unknown as Listed;
  return found.services.some((one) => one.service_name === name);
}

/** The page of a service: batches have a room of their own. */
export const pageOf = (service: Pick<ListedService, "service_id" | "infer_type">) => `/console/${service.infer_type === "batch" ? "batches" : "services"}/${service.service_id}`;

// ── one service ─────────────────────────────────────────────────────────────────────────────────────

const of = (id: string) => ({ path: { service_id: id } });

export async function readService(id: string, signal?: AbortSignal): Promise<Service> {
  return (await call("GET /v1/{project_id}/services/{service_id}", { ...of(id), ...(signal && { signal }) })) as unknown as Service;
}

export const readInstances = (id: string, signal: AbortSignal) => call("GET /maquette/{project_id}/services/{service_id}/instances", { ...of(id), signal });
export const readStatistics = (id: string, signal: AbortSignal) => call("GET /maquette/{project_id}/services/{service_id}/statistics", { ...of(id), signal });
export const readProgress = (id: string, signal: AbortSignal) => call("GET /maquette/{project_id}/services/{service_id}/progress", { ...of(id), signal });
export const readFailures = (id: string, limit: number, signal: AbortSignal) => call("GET /maquette/{project_id}/services/{service_id}/failures", { ...of(id), query: { limit }, signal });
export const readResults = (id: string, limit: number, signal: AbortSignal) => call("GET /maquette/{project_id}/services/{service_id}/results", { ...of(id), query: { limit }, signal });

export async function readEvents(id: string, signal: AbortSignal): Promise<Happened[]> {
  const found = (await call("GET /v1/{project_id}/services/{service_id}/events", { ...of(id), query: { limit: 500 }, signal })) as unknown as { events: Happened[] };
  return found.events;
}

export async function readUpdates(id: string, signal: AbortSignal): Promise<Update[]> {
  const found = (await call("GET /v1/{project_id}/services/{service_id}/logs", { ...of(id), signal })) as unknown as { logs: Update[] };
  return found.logs;
}

export async function makeService(body: SentService): Promise<string> {
  return String((await call("POST /v1/{project_id}/services", { body })).service_id);
}

export const changeService = (id: string, body: SentChange) => call("PUT /v1/{project_id}/services/{service_id}", { ...of(id), body });
export const startService = (id: string) => changeService(id, { status: "running" });
export const stopService = (id: string) => call("POST /maquette/{project_id}/services/{service_id}/stop", of(id));
export const removeService = (id: string) => call("DELETE /v1/{project_id}/services/{service_id}", of(id));
export const rollBack = (id: string, revision: number) => call("POST /maquette/{project_id}/services/{service_id}/roll-back", { ...of(id), body: { revision } });
export const retryFailed = (id: string) => call("POST /maquette/{project_id}/services/{service_id}/retry", of(id));
