/** What one wants of a batch service, what is sent for it, and how others would send the same. */

import type { SentConfig, SentService } from "../api/calls";
import { readPlace } from "../kit/bucket-picker";
import { python } from "../kit/python";
import type { Ways } from "../kit/snippets";
import type { Service } from "../services/calls";
import { asFolder, shell } from "../training/create/form";
import { columnsOf, leavesOf, ruleOf, type Api, type Schema } from "./apis";

export interface Wanted {
  name: string;
  description: string;
  model: string;
  /** The version's id. */
  version: string;
  by: "folder" | "manifest";
  folder: string;
  manifest: string;
  target: string;
  path: string;
  /** Of an api that takes JSON: the column of each parameter, counted from 0. */
  columns: (number | null)[];
  flavour: string;
  instances: number;
  variables: { name: string; value: string }[];
}

export const MANIFEST = "ManifestFile";
export const MOST_INSTANCES = 64;
export const BLANK: Wanted = {
  name: "", description: "", model: "", version: "", by: "folder", folder: "", manifest: "", target: "", path: "/", columns: [], flavour: "", instances: 1, variables: [],
};

export const sourceOf = (wanted: Wanted) => (wanted.by === "manifest" ? wanted.manifest : asFolder(wanted.folder));
const filledIn = (wanted: Wanted) => wanted.variables.filter((one) => one?.name);
const takesRows = (api: Api | undefined) => api !== undefined && api.files.length === 0;

/** Whether the columns are the parameters one after another: then nothing has to be said of them. */
export function inOrder(columns: (number | null)[]): boolean {
  return columns.every((column, at) => column === at);
}

export const usualColumns = (schema: Schema): number[] => leavesOf(schema).map((_, at) => at);

/** The form as a batch was made. */
export function wantedOf(service: Service): Wanted {
  const first = service.config[0];
  const manifest = first?.src_type === MANIFEST;
  const source = first?.src_path ?? "";
  return {
    ...BLANK, name: service.service_name, description: service.description, model: first?.model_name ?? "", version: first?.model_id ?? "",
    by: manifest ? "manifest" : "folder", folder: manifest ? "" : source, manifest: manifest ? source : "", target: first?.dest_path ?? "", path: first?.req_uri ?? "/",
    columns: columnsOf((first?.mapping_rule ?? {}) as Schema), flavour: first?.specification ?? "", instances: first?.instance_count ?? 1,
    variables: Object.entries(first?.envs ?? {}).map(([name, value]) => ({ name, value })),
  };
}

/** Where two batches would write over each other's results: the same folder, however it is spelled. */
export function sameFolder(one: string, other: string): boolean {
  const [left, right] = [readPlace(one), readPlace(other)];
  return left !== null && right !== null && left.bucket === right.bucket && bare(left.key) === bare(right.key);
}

const bare = (key: string) => key.replace(/^\/+|\/+$/g, "");

// ── what is sent ────────────────────────────────────────────────────────────────────────────────────

export function configOf(wanted: Wanted, api: Api | undefined, custom?: Record<string, unknown>): SentConfig {
  const rows = takesRows(api);
  return {
    model_id: wanted.version, specification: wanted.flavour, instance_count: wanted.instances,
    envs: Object.fromEntries(filledIn(wanted).map((one) => [one.name, one.value ?? ""])),
    src_type: wanted.by === "manifest" ? MANIFEST : "", src_path: sourceOf(wanted), dest_path: asFolder(wanted.target), req_uri: wanted.path || "/",
    mapping_type: rows ? "csv" : "file", ...(rows && api && { mapping_rule: ruleOf(api.schema, wanted.columns) as Record<string, unknown> }),
    ...(wanted.flavour === "custom" && custom && { custom_spec: custom as unknown as NonNullable<SentConfig["custom_spec"]> }),
  };
}

export function batchBody(wanted: Wanted, api: Api | undefined): SentService {
  return { service_name: wanted.name, infer_type: "batch", ...(wanted.description && { description: wanted.description }), config: [configOf(wanted, api)] };
}

// ── the same from elsewhere ─────────────────────────────────────────────────────────────────────────

/** Command line and SDK know a manifest by the end of its name. */
export function snippetsOf(wanted: Wanted, version: string, api: Api | undefined, server: string, project: string): Ways {
  const known = wanted.by === "folder" || wanted.manifest.endsWith(".manifest");
  const plain = known && wanted.flavour !== "custom";
  const text = JSON.stringify(batchBody(wanted, api), null, 2).replaceAll("'", `'\\''`);
  const rest = `curl ${shell(`${server}/v1/${project}/services`)} \\\n  -H "X-Auth-Token: $TOKEN" -H "content-type: application/json" -d '${text}'`;
  return { cli: plain ? cliOf(wanted, version, api) : null, sdk: plain ? sdkOf(wanted, version, api) : null, rest };
}

function saidRule(wanted: Wanted, api: Api | undefined): Schema | null {
  return api && takesRows(api) && !inOrder(wanted.columns) ? ruleOf(api.schema, wanted.columns) : null;
}

function cliOf(wanted: Wanted, version: string, api: Api | undefined): string {
  const rule = saidRule(wanted, api);
  const parts = [
    `maquette batch run ${shell(`${wanted.model}:${version}`)} ${shell(sourceOf(wanted))} ${shell(asFolder(wanted.target))}`,
    `--name ${shell(wanted.name)}`,
    ...(rule ? [`--csv ${shell(JSON.stringify(rule))}`] : []),
    ...(wanted.path !== "/" ? [`--path ${shell(wanted.path)}`] : []),
    ...(wanted.instances > 1 ? [`--instances ${wanted.instances}`] : []),
    ...(wanted.flavour ? [`--flavour ${shell(wanted.flavour)}`] : []),
    ...filledIn(wanted).map((one) => `--env ${shell(`${one.name}=${one.value ?? ""}`)}`),
    ...(wanted.description ? [`--description ${shell(wanted.description)}`] : []),
  ];
  return parts.join(" \\\n    ");
}

function sdkOf(wanted: Wanted, version: string, api: Api | undefined): string {
  const rule = saidRule(wanted, api);
  const variables = filledIn(wanted);
  const lines = [
    python(`${wanted.model}:${version}`), python(sourceOf(wanted)), python(asFolder(wanted.target)), `name=${python(wanted.name)}`,
    ...(rule ? [`mapping_rule=${python(rule)}`] : []),
    ...(wanted.path !== "/" ? [`path=${python(wanted.path)}`] : []),
    ...(wanted.instances > 1 ? [`instances=${wanted.instances}`] : []),
    ...(wanted.flavour ? [`specification=${python(wanted.flavour)}`] : []),
    ...(variables.length > 0 ? [`variables=${python(Object.fromEntries(variables.map((one) => [one.name, one.value ?? ""])))}`] : []),
    ...(wanted.description ? [`description=${python(wanted.description)}`] : []),
  ];
  return `from maquette_sdk import Client\n\nclient = Client()\nbatch = client.services.deploy_batch(\n    ${lines.join(",\n    ")},\n)\nbatch.wait()\nprint(batch.progress())\n`;
}
