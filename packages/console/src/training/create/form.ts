/** The form of a new job, or of a version: what stands in it, and what is sent for it. */

import type { SentJob } from "../../api/calls";
import type { Changes, Specification } from "../jobs";
import { BLANK_SEARCH, searchBody, searchOf, type Search } from "./search";

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
  searching: boolean;
  search: Search;
  log: string;
  hours: number | null;
  restarts: number;
  priority: number;
}

export const BLANK: Wanted = {
  name: "", description: "", by: "code", algorithm: "", code: "", boot_file: "", same_code: true, engine: "", flavour: "", nodes: 1,
  inputs: [{ name: "data_url", value: "" }], outputs: [{ name: "train_url", value: "" }], parameters: [], environment: [],
  searching: false, search: BLANK_SEARCH, log: "", hours: null, restarts: 0, priority: 1,
};

export const JOB_NAME = /^[A-Za-z0-9_-]{1,64}$/;
export const CHANNEL = /^[A-Za-z0-9_-]+$/;
export const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

export const filledIn = (rows: readonly (Partial<Named> | undefined)[]) => rows.filter((one): one is Named => Boolean(one?.name && one.value));

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
      ...(wanted.searching && { policies: { auto_search: searchBody(wanted.search) } }),
    },
    spec: {
      resource: { flavor_id: wanted.flavour, node_count: nodesOf(wanted) },
      ...(wanted.log && { log_export_path: { obs_url: asFolder(wanted.log) } }),
      ...(wanted.hours && { auto_stop: { time_unit: "HOURS" as const, duration: wanted.hours } }),
      ...(wanted.priority > 1 && { schedule_policy: { priority: wanted.priority } }),
    },
  };
}

/** A trial runs on one node. */
const nodesOf = ({ searching, nodes }: Wanted) => (searching ? 1 : nodes);

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
  for (const part of ["boot_file", "engine", "flavour", "restarts", "priority"] as const) {
    if (wanted[part] !== was[part]) Object.assign(changes, { [part]: wanted[part] });
  }
  if (nodesOf(wanted) !== was.nodes) changes.nodes = nodesOf(wanted);
  const search = (one: Wanted) => (one.searching ? searchBody(one.search) : {});
  if (JSON.stringify(search(wanted)) !== JSON.stringify(search(was))) changes.search = search(wanted);
  if (wanted.hours !== was.hours) changes.seconds = (wanted.hours ?? 0) * 3600;
  if (asFolder(wanted.log) !== asFolder(was.log)) changes.log = asFolder(wanted.log);
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
    searching: spec.search !== null, search: spec.search ? searchOf(spec.search) : BLANK_SEARCH, log: spec.log, hours: spec.seconds ? spec.seconds / 3600 : null, restarts: spec.restarts, priority: spec.priority,
  };
}

/** As a shell reads it. */
export const shell = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
