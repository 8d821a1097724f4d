/** Online and batch services, as the server's calls tell them. Moments are milliseconds. */

import { call } from "../api/call";
import type { SentChange, SentService } from "../api/calls";
import type { ListState, Part } from "../kit/list-state";
import type { Told } from "../words/told";

export interface ListedService {
  service_id: string;
  service_name: string;
  description: string;
  infer_type: "real-time" | "batch";
  status: string;
  publish_at: number;
  transition_at: number;
  invocation_times: number;
  failed_times: number;
  schedule: { time_unit: string; duration: number }[];
  error_msg: string;
  error_told: Told | null;
  asleep: boolean;
}

/** One version of a model that a service runs. */
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
  src_path?: string;
  dest_path?: string;
}

export interface Service extends ListedService {
  access_address: string;
  progress: number;
  due_time?: number;
  config: Target[];
  created_at: number;
  revision: number;
}

export interface Happened {
  event_type: "normal" | "abnormal";
  event_info: string;
  occur_time: number;
  code: string;
  told: Told | null;
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

const SORTS: Record<string, string> = { name: "service_name", changed: "publish_at" };

export type ServiceRow = ListedService & { config: Target[] };

/** The list itself names no versions; each service of the page does. */
export async function listServices(state: ListState, signal: AbortSignal): Promise<Part<ServiceRow>> {
  const query = {
    service_name: state.text, offset: state.page - 1, limit: state.size, sort_by: SORTS[state.sort] ?? "publish_at",
    order: state.sort && !state.descending ? ("asc" as const) : ("desc" as const),
  };
  const found = (await call("GET /v1/{project_id}/services", { query, signal })) as unknown as { total_count: number; services: ListedService[] };
  const details = await Promise.all(found.services.map((one) => readService(one.service_id, signal).catch(() => null)));
  return { total: found.total_count, rows: found.services.map((one, at) => ({ ...one, config: details[at]?.config ?? [] })) };
}

// ── one service ─────────────────────────────────────────────────────────────────────────────────────

const of = (id: string) => ({ path: { service_id: id } });

export async function readService(id: string, signal?: AbortSignal): Promise<Service> {
  return (await call("GET /v1/{project_id}/services/{service_id}", { ...of(id), ...(signal && { signal }) })) as unknown as Service;
}

export const readInstances = (id: string, signal: AbortSignal) => call("GET /maquette/{project_id}/services/{service_id}/instances", { ...of(id), signal });
export const readStatistics = (id: string, signal: AbortSignal) => call("GET /maquette/{project_id}/services/{service_id}/statistics", { ...of(id), signal });
export const readProgress = (id: string, signal: AbortSignal) => call("GET /maquette/{project_id}/services/{service_id}/progress", { ...of(id), signal });
export const readFailures = (id: string, signal: AbortSignal) => call("GET /maquette/{project_id}/services/{service_id}/failures", { ...of(id), query: { limit: 100 }, signal });

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
