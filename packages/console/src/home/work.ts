/** What was worked on last: jobs, notebooks, models and services as their own lists tell them. */

import { ask, call, Refusal } from "../api/call";
import type { Counts } from "./loop";

export interface Work {
  id: string;
  noun: "training" | "notebooks" | "models" | "services" | "batches";
  name: string;
  state: string;
  /** Seconds. */
  at: number;
}

export interface Overview {
  counts: Counts;
  work: Work[];
}

/** The page of the very thing; notebooks have one list and no pages of their own. */
export const pageOf = ({ noun, id }: Work) => (noun === "notebooks" ? "/console/notebooks" : `/console/${noun}/${id}`);

/** Home has room for half of them on a desk, and for all on a wall. */
const MOST = 16;
interface Told {
  total: number;
  work: Work[];
}

export async function readOverview(signal: AbortSignal): Promise<Overview> {
  const [buckets, jobs, notebooks, models, services, batches] = await Promise.all([
    call("GET /maquette/{project_id}/buckets", { signal }),
    readJobs(signal),
    readNotebooks(signal),
    readModels(signal),
    readServices("services", signal),
    readServices("batches", signal),
  ]);
  const work = [jobs, notebooks, models, services, batches].flatMap((one) => one?.work ?? []);
  return {
    counts: { buckets: buckets.length, jobs: jobs.total, models: models.total, services: services?.total ?? null, batches: batches?.total ?? null },
    work: work.sort((one, other) => other.at - one.at).slice(0, MOST),
  };
}

async function readJobs(signal: AbortSignal): Promise<Told> {
  const found = (await call("POST /v2/{project_id}/training-job-searches", { body: { limit: MOST }, signal })) as {
    total: number; items: { metadata: { id: string; name: string; create_time: number }; status: { phase: string } }[];
  };
  const work = found.items.map(({ metadata, status }) => ({
    id: metadata.id, noun: "training" as const, name: metadata.name, state: status.phase, at: metadata.create_time / 1000,
  }));
  return { total: found.total, work };
}

async function readNotebooks(signal: AbortSignal): Promise<Told> {
  const found = (await call("GET /v1/{project_id}/notebooks", { query: { limit: MOST }, signal })) as {
    total: number; data: { id: string; name: string; status: string; create_at: number }[];
  };
  const work = found.data.map((one) => ({ id: one.id, noun: "notebooks" as const, name: one.name, state: one.status, at: one.create_at / 1000 }));
  return { total: found.total, work };
}

async function readModels(signal: AbortSignal): Promise<Told> {
  const found = (await call("GET /v1/{project_id}/models", { query: { limit: MOST }, signal })) as {
    total_count: number; models: { model_id: string; model_name: string; model_version: string; model_status: string; create_at: number }[];
  };
  const work = found.models.map((one) => ({
    id: one.model_id, noun: "models" as const, name: `${one.model_name} ${one.model_version}`, state: one.model_status, at: one.create_at / 1000,
  }));
  return { total: found.total_count, work };
}

const KINDS = { services: "real-time", batches: "batch" };

/** null for a server that has no services yet. */
async function readServices(noun: "services" | "batches", signal: AbortSignal): Promise<Told | null> {
  try {
    const found = (await ask("GET /v1/{project_id}/services", { query: { infer_type: KINDS[noun], limit: MOST }, signal })) as {
      total_count: number; services: { service_id: string; service_name: string; status: string; publish_at: number }[];
    };
    const work = found.services.map((one) => ({
      id: one.service_id, noun, name: one.service_name, state: one.status, at: one.publish_at / 1000,
    }));
    return { total: found.total_count, work };
  } catch (error) {
    if (error instanceof Refusal && error.status === 404) return null;
    throw error;
  }
}
