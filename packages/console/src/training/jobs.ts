/** Training jobs and their versions, as the server's calls tell them. Moments of a list are milliseconds, else seconds. */

import { call } from "../api/call";
import type { SentJob } from "../api/calls";
import type { ListState, Part } from "../kit/list-state";
import type { FlavourInfo } from "./create/choices";
import type { Declared } from "./create/parameters";
import type { Told } from "../words/told";

export interface ListedJob {
  kind: string;
  metadata: { id: string; name: string; description: string; create_time: number; user_name: string };
  status: { phase: string; secondary_phase: string; duration: number; start_time: number };
  algorithm: Partial<{ id: string; name: string; code_dir: string; boot_file: string; engine: { engine_name: string; engine_version: string }; parameters: Declared[] }>;
  spec: { resource?: { flavor_id: string; flavor_detail: { flavor_info: FlavourInfo }; node_count: number } };
}

export interface ShortVersion {
  version: string;
  id: string;
  number: number;
  previous: string | null;
  state: string;
  created_at: number;
  code_hash: string;
  seed: string | null;
  metrics: Record<string, number> | null;
  message: string;
  told: Told | null;
  advice: string[];
  advice_told: (Told | null)[];
}

export interface Place {
  name: string;
  address: string;
}

export interface Specification {
  code: string;
  code_name: string;
  boot_file: string;
  command: string;
  working_dir: string;
  engine: string;
  algorithm: string;
  inputs: Place[];
  outputs: Place[];
  parameters: { name: string; value: string }[];
  environment: Record<string, string>;
  flavour: string;
  nodes: number;
  log: string;
  seconds: number | null;
  priority: number;
  restarts: number;
  search: Record<string, unknown> | null;
}

export type Stage = "queue" | "environment" | "copy_in" | "run" | "copy_out";
export const STAGES: readonly Stage[] = ["queue", "environment", "copy_in", "run", "copy_out"];

export interface VersionRun {
  id: string;
  node: number;
  state: string;
  settled: boolean;
  attempt: number;
  code: number | null;
  cause: string | null;
  message: string;
  /** Which trial of a search it is; empty for others. */
  trial: string;
  told: Told | null;
  peak_memory_bytes: number;
  moments: Record<string, number>;
  split: Partial<Record<Stage, number>>;
}

export interface Version extends ShortVersion {
  specification: Specification;
  engine: Partial<{ name: string; engine: string; match: string; reason: string; told: Told | null; python_version: string }>;
  packages: string[];
  installed: string[];
  results: Record<string, string>;
  runs: VersionRun[];
}

const ENDED = new Set(["succeeded", "failed", "stopped", "lost", "completed", "terminated", "abnormal"]);
export const hasEnded = (state: string) => ENDED.has(state.toLowerCase());
/** Something of it may still change: between two trials of a search, all its runs have ended. */
export const isLive = (version: Version) => !hasEnded(version.state) || version.runs.some((run) => !run.settled);
export const PHASES = ["Pending", "Running", "Completed", "Failed", "Terminated", "Abnormal"] as const;

// ── lists ───────────────────────────────────────────────────────────────────────────────────────────

const MOST = 50;
const SORTS: Record<string, string> = { name: "name", created: "create_time" };

export async function listJobs(state: ListState, status: string, signal: AbortSignal): Promise<Part<ListedJob>> {
  const phase = PHASES.find((one) => one.toLowerCase() === status);
  const filters = [
    ...(state.text ? [{ key: "name", operator: "like" as const, value: [state.text] }] : []),
    ...(phase ? [{ key: "phase", operator: "in" as const, value: [phase] }] : []),
  ];
  const limit = Math.min(state.size, MOST);
  const parts = await Promise.all(pagesOf(state, limit).map((offset) => call("POST /v2/{project_id}/training-job-searches", {
    body: { offset, limit, filters, sort_by: SORTS[state.sort] ?? "create_time", order: state.sort && !state.descending ? "asc" : "desc" }, signal,
  })));
  const found = parts as unknown as { total: number; items: ListedJob[] }[];
  return { total: found[0]?.total ?? 0, rows: found.flatMap((one) => one.items) };
}

/** The server gives fifty at most; a larger page of ours is several of its own. */
export function pagesOf(state: { page: number; size: number }, limit: number): number[] {
  const each = Math.ceil(state.size / limit);
  return Array.from({ length: each }, (_, at) => (state.page - 1) * each + at);
}

export const stopJob = (id: string) =>
  call("POST /v2/{project_id}/training-jobs/{job_id}/actions", { path: { job_id: id }, body: { action_type: "terminate" } });

export const removeJobs = (ids: string[]) =>
  call("POST /v2/{project_id}/training-jobs/batch-delete", { body: { jobs: ids.map((id) => ({ kind: "job", metadata: { id } })) } });

// ── one job ─────────────────────────────────────────────────────────────────────────────────────────

export async function readJob(id: string, signal: AbortSignal): Promise<ListedJob> {
  return (await call("GET /v2/{project_id}/training-jobs/{job_id}", { path: { job_id: id }, signal })) as unknown as ListedJob;
}

export async function readVersions(id: string, signal: AbortSignal): Promise<ShortVersion[]> {
  const found = await call("GET /maquette/{project_id}/training-jobs/{job_id}/versions", { path: { job_id: id }, signal });
  return found.versions as ShortVersion[];
}

export async function readVersion(id: string, version: string, signal: AbortSignal): Promise<Version> {
  const path = { job_id: id, version };
  return (await call("GET /maquette/{project_id}/training-jobs/{job_id}/versions/{version}", { path, signal })) as unknown as Version;
}

export const stopVersion = (id: string, version: string) =>
  call("POST /maquette/{project_id}/training-jobs/{job_id}/versions/{version}/stop", { path: { job_id: id, version } });

export const removeVersion = (id: string, version: string) =>
  call("DELETE /maquette/{project_id}/training-jobs/{job_id}/versions/{version}", { path: { job_id: id, version } });

export interface Changes {
  from: string;
  parameters?: Record<string, string | null>;
  inputs?: Record<string, string | null>;
  outputs?: Record<string, string | null>;
  environment?: Record<string, string | null>;
  code?: string;
  boot_file?: string;
  engine?: string;
  flavour?: string;
  nodes?: number;
  /** 0 for never by itself. */
  seconds?: number;
  log?: string;
  priority?: number;
  restarts?: number;
  /** Empty for none any more. */
  search?: Record<string, unknown>;
}

export async function runAgain(id: string, changes: Changes): Promise<ShortVersion> {
  const made = await call("POST /maquette/{project_id}/training-jobs/{job_id}/versions", { path: { job_id: id }, body: changes as never });
  return made as unknown as ShortVersion;
}

export async function makeJob(body: SentJob): Promise<string> {
  const made = (await call("POST /v2/{project_id}/training-jobs", { body })) as { metadata: { id: string } };
  return made.metadata.id;
}

export async function isTaken(name: string, signal?: AbortSignal): Promise<boolean> {
  const told = await call("GET /v2/{project_id}/training-job-names", { query: { job_name: name }, ...(signal && { signal }) });
  return told.is_duplicate ?? false;
}

// ── addresses ───────────────────────────────────────────────────────────────────────────────────────

/** The page of a folder or an object of a bucket; null for what is none, say the code of a snapshot. */
export function bucketPage(address: string): string | null {
  const found = /^(?:obs:\/|s3:\/|)\/([^/]+)\/?(.*)$/.exec(address);
  if (!found) return null;
  const [, bucket = "", key = ""] = found;
  if (!key) return `/console/buckets/${bucket}`;
  if (key.endsWith("/")) return `/console/buckets/${bucket}?${new URLSearchParams({ folder: key })}`;
  const folder = key.slice(0, key.lastIndexOf("/") + 1);
  return `/console/buckets/${bucket}?${new URLSearchParams({ ...(folder && { folder }), object: key })}`;
}

/** `obs://bucket/key`, of any way in which places are written. */
export function obsOf(address: string): string {
  return address.startsWith("/") ? `obs:/${address}` : address;
}
