/** The tour's things, found by their name through the usual calls; and what makes and removes them. */

import { call } from "../../api/call";
import type { TourBody } from "../../api/calls";
import { everyObject, removeBucket, removeObjects } from "../../buckets/store";
import { importModel, readModel, readVersions as readModelVersions, removeModel, type Model } from "../../models/calls";
import { makeService, readInstances, readService, removeService, stopService, type ListedService, type Service } from "../../services/calls";
import { hasEnded, makeJob, readVersion, removeJobs, stopJob, type ListedJob, type Version } from "../../training/jobs";
import { tell, type Told } from "../../words/told";

const SERVICE_FLAVOUR = "modelarts.vm.cpu.1u";
const IMAGES = "images/";
const CODE = "code/";
const OUTPUT = "output/";
const LOOK = 500;
const MOST_KEYS = 1000;
/** Nobody breaks these calls off. */
const PATIENT = new AbortController().signal;

export interface Facts {
  tour: TourBody;
  job: { id: string; version: Version } | null;
  model: Model | null;
  service: Service | null;
}

export const FACTS = ["tour"];

export async function readFacts(signal?: AbortSignal): Promise<Facts> {
  const tour = await call("GET /maquette/{project_id}/tour", signal ? { signal } : {});
  const [job, model, service] = await Promise.all([findJob(tour.name, signal), findModel(tour.name, signal), findService(tour.name, signal)]);
  return { tour, job, model, service };
}

async function findJob(name: string, signal?: AbortSignal): Promise<Facts["job"]> {
  const filters = [{ key: "name", operator: "like" as const, value: [name] }];
  const found = await call("POST /v2/{project_id}/training-job-searches", { body: { limit: 50, filters }, ...(signal && { signal }) });
  const job = (found as unknown as { items: ListedJob[] }).items.find((one) => one.metadata.name === name);
  return job ? { id: job.metadata.id, version: await readVersion(job.metadata.id, "latest", signal ?? PATIENT) } : null;
}

async function findModel(name: string, signal?: AbortSignal): Promise<Model | null> {
  const [newest] = await readModelVersions(name, signal ?? PATIENT);
  return newest ? readModel(newest.model_id, signal) : null;
}

async function findService(name: string, signal?: AbortSignal): Promise<Service | null> {
  const found = await call("GET /v1/{project_id}/services", { query: { service_name: name, limit: 50 }, ...(signal && { signal }) });
  const service = (found as unknown as { services: ListedService[] }).services.find((one) => one.service_name === name);
  return service ? readService(service.service_id, signal) : null;
}

// ── what a click does ───────────────────────────────────────────────────────────────────────────────

export const fillBucket = () => call("POST /maquette/{project_id}/tour", {});

export function trainDigits({ name, bucket, cores }: TourBody, description: string): Promise<string> {
  const at = (folder: string) => `/${bucket}/${folder}`;
  return makeJob({
    kind: "job",
    metadata: { name, description },
    algorithm: {
      code_dir: at(CODE), boot_file: at(`${CODE}train.py`), engine: { engine_id: "pytorch" },
      inputs: [{ name: "data_url", remote: { obs: { obs_url: at(IMAGES) } } }],
      outputs: [{ name: "train_url", remote: { obs: { obs_url: at(OUTPUT) } } }],
    },
    spec: { resource: { flavor_id: `modelarts.vm.cpu.${cores}u`, node_count: 1 } },
  });
}

export const importDigits = ({ name }: TourBody, job: string, description: string) =>
  importModel({ model_name: name, source_job_id: job, description });

export const deployDigits = ({ name }: TourBody, model: string, description: string) =>
  makeService({
    service_name: name, description, infer_type: "real-time",
    config: [{ model_id: model, weight: 100, specification: SERVICE_FLAVOUR, instance_count: 1 }],
  });

/** The last lines that a run has written, or what was told last while it is prepared. */
export async function readLastLines(run: string, signal: AbortSignal): Promise<string> {
  const path = { id: run };
  const { text } = await call("GET /maquette/{project_id}/runs/{id}/log/lines", { path, query: { lines: 5, order: "desc" }, signal });
  if (text.trim()) return text.trimEnd();
  const told = await call("GET /maquette/{project_id}/runs/{id}/events", { path, signal });
  const last = told[told.length - 1];
  return last ? tell(last.told as Told | null, last.message) : "";
}

// ── its end ─────────────────────────────────────────────────────────────────────────────────────────

export type Part = "service" | "model" | "job" | "bucket";

/** All of it goes, one after the other: each waits for those that stand on it. */
export async function cleanUp(tell: (part: Part) => void): Promise<void> {
  const { tour, job, model, service } = await readFacts();
  if (service) {
    tell("service");
    if (service.status !== "stopped") await stopService(service.service_id);
    await until(async () => (await readInstances(service.service_id, PATIENT)).length === 0);
    await removeService(service.service_id);
  }
  if (model) {
    tell("model");
    await until(async () => (await readModel(model.model_id)).model_status !== "publishing");
    const left = await removeModel(model.model_id);
    if (left) throw new Error(left);
  }
  if (job) {
    tell("job");
    if (!hasEnded(job.version.state)) await stopJob(job.id);
    await until(async () => (await readVersion(job.id, "latest", PATIENT)).runs.every((run) => run.settled));
    await removeJobs([job.id]);
  }
  tell("bucket");
  await emptyBucket(tour.bucket);
}

async function emptyBucket(bucket: string): Promise<void> {
  const all = await call("GET /maquette/{project_id}/buckets", {});
  if (!all.some((one) => one.name === bucket)) return;
  const keys: string[] = [];
  for await (const page of everyObject(bucket, "")) keys.push(...page.map((one) => one.key));
  for (let at = 0; at < keys.length; at += MOST_KEYS) await removeObjects(bucket, keys.slice(at, at + MOST_KEYS));
  await removeBucket(bucket);
}

async function until(so: () => Promise<boolean>): Promise<void> {
  while (!(await so())) await new Promise((go) => setTimeout(go, LOOK));
}
