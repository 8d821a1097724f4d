/** What one wants of a service, and what is sent for it. */

import type { SentChange, SentConfig, SentSchedule, SentService } from "../../api/calls";
import { python } from "../../kit/python";
import { shell } from "../../training/create/form";
import type { Service, Target } from "../calls";

export interface WantedVersion {
  id: string;
  version: string;
  weight: number;
  instances: number;
}

export interface Wanted {
  name: string;
  description: string;
  model: string;
  versions: WantedVersion[];
  flavour: string;
  variables: { name: string; value: string }[];
  /** null: never by itself. */
  hours: number | null;
}

export const WHOLE = 100;
/** As of models: a service is often called like its model. */
export const SERVICE_NAME = /^[\p{L}\p{N}_-]{1,64}$/u;
export const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
export const BLANK: Wanted = { name: "", description: "", model: "", versions: [], flavour: "", variables: [], hours: null };
const CUSTOM = "custom";
const KEPT_FOR_MAQUETTE = "MAQUETTE_";

/** What is wrong with the name of a variable, beside the names of the others; null where nothing is. */
export function problemOfVariable(name: string, others: string[]): "needed" | "signs" | "kept" | "twice" | null {
  if (!name) return "needed";
  if (!VARIABLE.test(name)) return "signs";
  if (name.startsWith(KEPT_FOR_MAQUETTE)) return "kept";
  return others.includes(name) ? "twice" : null;
}

/** Shares as even as whole numbers are; together a hundred. */
export function evenly(count: number): number[] {
  return Array.from({ length: count }, (_, at) => Math.floor(WHOLE / count) + (at < WHOLE % count ? 1 : 0));
}

/** One weight is set; the others share what is left as they shared it before, so that all are a hundred. */
export function rebalance(weights: number[], at: number, value: number): number[] {
  if (weights.length < 2) return weights.map(() => WHOLE);
  const set = Math.max(0, Math.min(WHOLE, Math.round(value)));
  const left = WHOLE - set;
  const before = weights.reduce((sum, one, place) => (place === at ? sum : sum + one), 0);
  const shares = weights.map((one, place) => (place === at ? 0 : before > 0 ? (one / before) * left : left / (weights.length - 1)));
  const next = shares.map((one, place) => (place === at ? set : Math.floor(one)));
  // What rounding has taken goes to those from whom it took most.
  let missing = WHOLE - next.reduce((sum, one) => sum + one, 0);
  const order = shares.map((one, place) => ({ place, lost: one - Math.floor(one) })).filter(({ place }) => place !== at);
  for (const { place } of order.sort((one, other) => other.lost - one.lost)) {
    if (missing <= 0) break;
    next[place] = (next[place] ?? 0) + 1;
    missing -= 1;
  }
  return next;
}

/** The versions that are chosen now: those that were there keep their weights as far as they make a hundred. */
export function chosen(before: WantedVersion[], now: { id: string; version: string }[]): WantedVersion[] {
  const kept = now.map((one) => before.find(({ id }) => id === one.id) ?? { ...one, weight: 0, instances: 1 });
  const whole = kept.reduce((sum, one) => sum + one.weight, 0) === WHOLE && kept.length === before.length;
  const even = evenly(kept.length);
  return whole ? kept : kept.map((one, at) => ({ ...one, weight: even[at] ?? 0 }));
}

export function wantedOf(service: Service): Wanted {
  const first = service.config[0];
  return {
    name: service.service_name, description: service.description, model: first?.model_name ?? "",
    versions: service.config.map((one) => ({ id: one.model_id, version: one.model_version, weight: one.weight, instances: one.instance_count })),
    flavour: first?.specification ?? "", hours: hoursOf(service.schedule),
    variables: Object.entries(first?.envs ?? {}).map(([name, value]) => ({ name, value })),
  };
}

/** Whether its versions differ in what the form asks for all of them. */
export function differs(config: Target[]): boolean {
  const said = ({ specification, custom_spec, envs }: Target) => JSON.stringify([specification, custom_spec, envs]);
  return new Set(config.map(said)).size > 1;
}

const UNITS: Record<string, number> = { DAYS: 24, HOURS: 1, MINUTES: 1 / 60 };

export function hoursOf(schedule: { time_unit: string; duration: number }[]): number | null {
  const first = schedule[0];
  return first ? Math.round(first.duration * (UNITS[first.time_unit] ?? 1) * 100) / 100 : null;
}

export function scheduleOf(hours: number | null): SentSchedule[] {
  if (!hours) return [];
  return [Number.isInteger(hours) ? { type: "stop", time_unit: "HOURS", duration: hours } : { type: "stop", time_unit: "MINUTES", duration: Math.max(1, Math.round(hours * 60)) }];
}

// ── what is sent ────────────────────────────────────────────────────────────────────────────────────

function configOf(wanted: Wanted, now: Target[] = []): SentConfig[] {
  const envs = Object.fromEntries(wanted.variables.filter((one) => one?.name).map((one) => [one.name, one.value ?? ""]));
  const spec = now.find((one) => one.specification === CUSTOM)?.custom_spec;
  const custom = wanted.flavour === CUSTOM && spec ? { custom_spec: spec as unknown as NonNullable<SentConfig["custom_spec"]> } : {};
  return wanted.versions.map((one) => ({
    model_id: one.id, weight: one.weight, instance_count: one.instances, specification: wanted.flavour, envs, ...custom,
  }));
}

/** The service as it is, with other weights: each version keeps what it has of its own. */
export function weighed(service: Service, versions: WantedVersion[]): SentConfig[] {
  return service.config.map((one) => ({
    model_id: one.model_id, weight: versions.find(({ id }) => id === one.model_id)?.weight ?? one.weight, instance_count: one.instance_count,
    specification: one.specification, envs: one.envs, ...(one.specification === CUSTOM && { custom_spec: one.custom_spec as unknown as NonNullable<SentConfig["custom_spec"]> }),
  }));
}

export function serviceBody(wanted: Wanted): SentService {
  return {
    service_name: wanted.name, infer_type: "real-time", ...(wanted.description && { description: wanted.description }),
    config: configOf(wanted), ...(wanted.hours && { schedule: scheduleOf(wanted.hours) }),
  };
}

export function changeBody(wanted: Wanted, now: Service): SentChange {
  const sameTime = hoursOf(now.schedule) === wanted.hours;
  return { description: wanted.description, config: configOf(wanted, now.config), ...(!sameTime && { schedule: scheduleOf(wanted.hours) }) };
}

/** The same by the command line; null where that cannot say it. */
export function cliOf(wanted: Wanted, service?: Service): string | null {
  const [first, ...others] = wanted.versions;
  if (!first || others.some((one) => one.instances !== first.instances) || wanted.flavour === CUSTOM) return null;
  const parts = [
    `maquette services ${service ? `update ${shell(service.service_name)}` : "deploy"} ${wanted.versions.map((one) => shell(`${wanted.model}:${one.version}`)).join(" ")}`,
    ...(others.length > 0 ? [wanted.versions.map((one) => `--weight ${one.weight}`).join(" ")] : []),
    ...(service ? [] : [`--name ${shell(wanted.name)}`]),
    ...(service || first.instances > 1 ? [`--instances ${first.instances}`] : []),
    ...(wanted.flavour ? [`--flavour ${shell(wanted.flavour)}`] : []),
    ...wanted.variables.filter((one) => one?.name).map((one) => `--env ${shell(`${one.name}=${one.value ?? ""}`)}`),
    ...(wanted.hours ? [`--stop-after ${Math.max(1, Math.round(wanted.hours * 60))}m`] : service?.schedule.length ? ["--stop-after never"] : []),
    ...(wanted.description ? [`--description ${shell(wanted.description)}`] : []),
  ];
  return parts.join(" \\\n    ");
}

/** The same from Python, under the same conditions. */
export function sdkOf(wanted: Wanted, service?: Service): string | null {
  const [first, ...others] = wanted.versions;
  if (!first || cliOf(wanted, service) === null) return null;
  const named = wanted.versions.map((one): [string, number] => [`${wanted.model}:${one.version}`, one.weight]);
  const variables = wanted.variables.filter((one) => one?.name);
  const lines = [
    python(others.length > 0 ? Object.fromEntries(named) : named[0]?.[0]),
    ...(service ? [] : [`name=${python(wanted.name)}`]),
    ...(service || first.instances > 1 ? [`instances=${first.instances}`] : []),
    ...(wanted.flavour ? [`specification=${python(wanted.flavour)}`] : []),
    ...(variables.length > 0 ? [`variables=${python(Object.fromEntries(variables.map((one) => [one.name, one.value ?? ""])))}`] : []),
    ...(wanted.hours ? [`stop_hours=${wanted.hours}`] : service?.schedule.length ? ["stop_hours=0"] : []),
    ...(wanted.description ? [`description=${python(wanted.description)}`] : []),
  ];
  const does = service ? `get(${python(service.service_id)}).update` : "deploy";
  return `from maquette_sdk import Client\n\nclient = Client()\nservice = client.services.${does}(\n    ${lines.join(",\n    ")},\n)\nservice.wait()\nprint(service.status, service.address)\n`;
}

export function restOf(wanted: Wanted, server: string, project: string, service?: Service): string {
  const address = `${server}/v1/${project}/services${service ? `/${service.service_id}` : ""}`;
  const text = JSON.stringify(service ? changeBody(wanted, service) : serviceBody(wanted), null, 2).replaceAll("'", `'\\''`);
  return `curl${service ? " -X PUT" : ""} ${shell(address)} \\\n  -H "X-Auth-Token: $TOKEN" -H "content-type: application/json" -d '${text}'`;
}
