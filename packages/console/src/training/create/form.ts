/** The form of a new job, or of a version: what stands in it, what is sent for it, and how others would send the same. */

import type { SentJob } from "../../api/calls";
import type { Changes, Specification } from "../jobs";

export interface Named {
  name: string;
  value: string;
}

export interface Wanted {
  name: string;
  description: string;
  by: "code" | "algorithm";
  algorithm: string;
  code: string;
  boot_file: string;
  /** Of a new version: on the very code of the one it is made from. */
  same_code: boolean;
  engine: string;
  flavour: string;
  nodes: number;
  inputs: Named[];
  outputs: Named[];
  parameters: Named[];
  environment: Named[];
  log: string;
  hours: number | null;
  restarts: number;
  priority: number;
}

export const BLANK: Wanted = {
  name: "", description: "", by: "code", algorithm: "", code: "", boot_file: "", same_code: true, engine: "", flavour: "", nodes: 1,
  inputs: [{ name: "data_url", value: "" }], outputs: [{ name: "train_url", value: "" }], parameters: [], environment: [],
  log: "", hours: null, restarts: 0, priority: 1,
};

export const JOB_NAME = /^[A-Za-z0-9_-]{1,64}$/;
export const CHANNEL = /^[A-Za-z0-9_-]+$/;
export const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** What somebody left in the form is there again when they come back; nothing of it is lost by a reload. */
export function keepWanted(key: string, wanted: Partial<Wanted> | null): void {
  if (wanted) localStorage.setItem(key, JSON.stringify(wanted));
  else localStorage.removeItem(key);
}

export function keptWanted(key: string): Partial<Wanted> | null {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null") as Partial<Wanted> | null;
  } catch {
    return null; // of an older console
  }
}

const filledIn = (rows: readonly (Partial<Named> | undefined)[]) => rows.filter((one): one is Named => Boolean(one?.name && one.value));

/** A folder's address with the slash at its end. */
export const asFolder = (address: string) => (address && !address.endsWith("/") ? `${address}/` : address);

// ── what is sent ────────────────────────────────────────────────────────────────────────────────────

export function jobBody(wanted: Wanted): SentJob {
  const place = ({ name, value }: Named) => ({ name, remote: { obs: { obs_url: asFolder(value) } } });
  const own = wanted.by === "algorithm"
    ? { id: wanted.algorithm }
    : { code_dir: asFolder(wanted.code), boot_file: wanted.boot_file, engine: { engine_id: wanted.engine } };
  return {
    kind: "job",
    metadata: { name: wanted.name, description: wanted.description, ...(wanted.restarts > 0 && { annotations: { "fault-tolerance/job-retry-num": String(wanted.restarts) } }) },
    algorithm: {
      ...own,
      parameters: filledIn(wanted.parameters),
      inputs: filledIn(wanted.inputs).map(place),
      outputs: filledIn(wanted.outputs).map(place),
      environments: Object.fromEntries(filledIn(wanted.environment).map(({ name, value }) => [name, value])),
    },
    spec: {
      resource: { flavor_id: wanted.flavour, node_count: wanted.nodes },
      ...(wanted.log && { log_export_path: { obs_url: asFolder(wanted.log) } }),
      ...(wanted.hours && { auto_stop: { time_unit: "HOURS" as const, duration: wanted.hours } }),
      ...(wanted.priority > 1 && { schedule_policy: { priority: wanted.priority } }),
    },
  };
}

/** Only what differs from the version that it is made from. */
export function changesOf(wanted: Wanted, from: string, origin: Specification): Changes {
  const was = wantedOf(origin);
  const changes: Changes = { from };
  for (const part of ["parameters", "inputs", "outputs", "environment"] as const) {
    const folder = part === "inputs" || part === "outputs";
    const told = difference(was[part], filledIn(wanted[part]).map(({ name, value }) => ({ name, value: folder ? asFolder(value) : value })));
    if (Object.keys(told).length > 0) changes[part] = told;
  }
  if (!wanted.same_code) changes.code = asFolder(wanted.code);
  for (const part of ["boot_file", "engine", "flavour", "nodes", "restarts", "priority"] as const) {
    if (wanted[part] !== was[part]) Object.assign(changes, { [part]: wanted[part] });
  }
  if (wanted.hours && wanted.hours !== was.hours) changes.seconds = wanted.hours * 3600;
  return changes;
}

function difference(was: Named[], is: Named[]): Record<string, string | null> {
  const before = new Map(was.map(({ name, value }) => [name, value]));
  const now = new Map(is.map(({ name, value }) => [name, value]));
  const changed = [...now].filter(([name, value]) => before.get(name) !== value);
  const gone = [...before.keys()].filter((name) => !now.has(name)).map((name) => [name, null] as const);
  return Object.fromEntries([...changed, ...gone]);
}

/** The form as it was when this version was made. */
export function wantedOf(spec: Specification): Wanted {
  const snapshot = spec.code.startsWith("snapshot:");
  const places = (all: Specification["inputs"]) => all.map(({ name, address }) => ({ name, value: address }));
  return {
    ...BLANK, by: "code", code: snapshot ? "" : spec.code, boot_file: spec.boot_file, engine: spec.engine, flavour: spec.flavour, nodes: spec.nodes,
    inputs: places(spec.inputs), outputs: places(spec.outputs), parameters: spec.parameters.map(({ name, value }) => ({ name, value })),
    environment: Object.entries(spec.environment).map(([name, value]) => ({ name, value })),
    log: spec.log, hours: spec.seconds ? spec.seconds / 3600 : null, restarts: spec.restarts, priority: spec.priority,
  };
}

// ── the same from elsewhere ─────────────────────────────────────────────────────────────────────────

export interface Snippets {
  /** null where the command line has no words for it. */
  cli: string | null;
  sdk: string | null;
  rest: string;
}

export const shell = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
const python = (value: unknown) => JSON.stringify(value);
const CONTINUED = " \\\n    ";

export function snippetsOfJob(wanted: Wanted, server: string, project: string): Snippets {
  const plain = wanted.by === "code" && !wanted.hours && wanted.priority <= 1;
  const rest = curl(`${server}/v2/${project}/training-jobs`, jobBody(wanted));
  if (!plain) return { cli: null, sdk: null, rest };
  return { cli: cliOfJob(wanted), sdk: sdkOfJob(wanted), rest };
}

function cliOfJob(wanted: Wanted): string {
  const places = (option: string, rows: Named[]) => filledIn(rows).map(({ name, value }) => `${option} ${shell(`${name}=${asFolder(value)}`)}`);
  const parts = [
    `maquette jobs submit ${shell(asFolder(wanted.code))} --boot ${shell(wanted.boot_file)} --name ${shell(wanted.name)}`,
    ...places("--data", wanted.inputs), ...places("--output", wanted.outputs),
    ...(wanted.engine ? [`--engine ${shell(wanted.engine)}`] : []),
    ...(wanted.flavour ? [`--flavour ${shell(wanted.flavour)}`] : []),
    ...(wanted.nodes > 1 ? [`--nodes ${wanted.nodes}`] : []),
    ...(wanted.restarts > 0 ? [`--restarts ${wanted.restarts}`] : []),
    ...filledIn(wanted.environment).map(({ name, value }) => `--env ${shell(`${name}=${value}`)}`),
    ...(wanted.log ? [`--log ${shell(asFolder(wanted.log))}`] : []),
    ...(wanted.description ? [`--description ${shell(wanted.description)}`] : []),
  ];
  const given = filledIn(wanted.parameters).map(({ name, value }) => shell(`--${name}=${value}`));
  return parts.join(CONTINUED) + (given.length > 0 ? `${CONTINUED}-- ${given.join(" ")}` : "");
}

const HEAD = "from maquette_sdk import Client\n\nclient = Client()\n";

function sdkOfJob(wanted: Wanted): string {
  const dict = (rows: Named[], folders = false) => python(Object.fromEntries(filledIn(rows).map(({ name, value }) => [name, folders ? asFolder(value) : value])));
  const lines = [
    python(asFolder(wanted.code)), `boot=${python(wanted.boot_file)}`, `name=${python(wanted.name)}`,
    ...(filledIn(wanted.inputs).length > 0 ? [`data=${dict(wanted.inputs, true)}`] : []),
    ...(filledIn(wanted.outputs).length > 0 ? [`output=${dict(wanted.outputs, true)}`] : []),
    ...(filledIn(wanted.parameters).length > 0 ? [`parameters=${dict(wanted.parameters)}`] : []),
    ...(wanted.engine ? [`engine=${python(wanted.engine)}`] : []),
    ...(wanted.flavour ? [`flavour=${python(wanted.flavour)}`] : []),
    ...(wanted.nodes > 1 ? [`nodes=${wanted.nodes}`] : []),
    ...(wanted.restarts > 0 ? [`restarts=${wanted.restarts}`] : []),
    ...(filledIn(wanted.environment).length > 0 ? [`environment=${dict(wanted.environment)}`] : []),
    ...(wanted.log ? [`log=${python(asFolder(wanted.log))}`] : []),
    ...(wanted.description ? [`description=${python(wanted.description)}`] : []),
  ];
  return `${HEAD}job = client.jobs.submit(\n    ${lines.join(",\n    ")},\n)\nfor line in job.follow():\n    print(line)\n`;
}

/** `again` runs the newest version's code, so it says the same only where that is the one. */
export function snippetsOfVersion(changes: Changes, job: { id: string; name: string }, newest: boolean, server: string, project: string): Snippets {
  const rest = curl(`${server}/maquette/${project}/training-jobs/${job.id}/versions`, changes);
  const { from: _, parameters = {}, ...others } = changes;
  const given = Object.entries(parameters);
  const told = given.filter((pair): pair is [string, string] => pair[1] !== null).map(([name, value]) => shell(`--${name}=${value}`));
  const cli = `maquette jobs again ${shell(job.name)}${told.length > 0 ? ` -- ${told.join(" ")}` : ""}`;
  const simple = Object.keys(others).length === 0 && told.length === given.length;
  const rows = Object.entries(others).map(([name, value]) => `${name}=${literal(value)}`);
  const sdk = `${HEAD}job = client.jobs.get(${python(job.name)})\njob.again(${[literal(parameters), ...rows].join(", ")})\nfor line in job.follow():\n    print(line)\n`;
  return { cli: simple && newest ? cli : null, sdk: newest ? sdk : null, rest };
}

/** As Python writes it. */
const literal = (value: unknown) => python(value).replace(/(?<=[:[,]|^)null(?=[,}\]]|$)/g, "None");

function curl(address: string, body: unknown): string {
  const text = JSON.stringify(body, null, 2).replaceAll("'", `'\\''`);
  return `curl ${shell(address)} \\\n  -H "X-Auth-Token: $TOKEN" -H "content-type: application/json" -d '${text}'`;
}
