/** What the form of an import holds, and what is sent for it. Pure: it knows no page. */

import type { SentModel } from "../../api/calls";
import { readPlace } from "../../kit/bucket-picker";
import { shell } from "../../training/create/form";

export const MODEL_NAME = /^[\p{L}\p{N}_-]{1,64}$/u;
export const VERSION = /^(0|[1-9]\d?)\.(0|[1-9]\d?)\.(0|[1-9]\d?)$/;
export const DESCRIPTION = /^[^&!'"<>=]{0,100}$/;
export const TYPES = ["PyTorch", "TensorFlow", "MindSpore", "MXNet", "XGBoost", "Scikit_Learn", "Spark_MLlib"];
export const MODES = ["image-processing", "object-detection", "predict-analysis", "undefined"] as const;

export type By = "job" | "folder" | "zip";

export interface Wanted {
  by: By;
  job: string;
  job_version: string;
  /** A folder or a zip of a bucket; of a job, where in its output, or empty for all of it. */
  place: string;
  /** No config.json: the package is taken as one of these. */
  mode: string;
  type: string;
  runtime: string;
  code: string;
  name: string;
  version: string;
  description: string;
}

export const BLANK: Wanted = { by: "folder", job: "", job_version: "", place: "", mode: "", type: "", runtime: "", code: "", name: "", version: "", description: "" };

/** What an address asks for: `?from_job=…&version=…&path=…`, `?path=…`, and `?name=…` for the next version of a model. */
export function wantedOf(told: URLSearchParams): Wanted {
  const given = (name: string) => told.get(name) ?? "";
  const by = given("from_job") ? "job" : "folder";
  const name = given("name") || (by === "job" ? "" : nameOf(given("path"))); // else after the job, once it is known
  return { ...BLANK, by, job: given("from_job"), job_version: given("version"), place: given("path"), name };
}

/** A name for the model after the place that it comes from. */
export function nameOf(place: string): string {
  const parts = place.replace(/^\w+:\/\//, "").split("/").filter((one) => one !== "" && one !== "model" && !/^V\d{4}$/.test(one));
  return (parts.at(-1) ?? "").replace(/\.zip$/i, "").replaceAll(/[^\p{L}\p{N}_-]+/gu, "-").slice(0, 64);
}

export const isZip = (place: string) => place.toLowerCase().endsWith(".zip");

/** As the server wants a place: folders end in a slash. */
export function placeOf(text: string): string {
  const place = text.trim().replace(/^s3:/, "obs:");
  return place === "" || place.endsWith("/") || isZip(place) ? place : `${place}/`;
}

const isFile = (place: string) => place.toLowerCase().endsWith(".py");

/** Whether enough is said for a look at the package. */
export function isPlaced(wanted: Wanted): boolean {
  if (wanted.by === "job") return wanted.job !== "" && (wanted.place === "" || readPlace(wanted.place) !== null);
  return readPlace(wanted.place) !== null;
}

/** What is asked of the check: all that changes what it finds. */
export function checked(wanted: Wanted) {
  return {
    source_location: placeOf(wanted.place),
    ...(wanted.by === "job" && { source_job_id: wanted.job, source_job_version: wanted.job_version }),
    model_type: wanted.type, runtime: wanted.runtime, infer_format: wanted.mode,
    execution_code: codeOf(wanted.code),
  };
}

const codeOf = (code: string) => (isFile(code) ? code.trim() : placeOf(code));

export function bodyOf(wanted: Wanted): SentModel {
  const { source_location, source_job_id, source_job_version, model_type, runtime, infer_format, execution_code } = { source_job_id: "", source_job_version: "", ...checked(wanted) };
  return {
    model_name: wanted.name,
    ...(wanted.version && { model_version: wanted.version }),
    ...(source_job_id && { source_type: "train", source_job_id, ...(source_job_version && { source_job_version }) }),
    ...(source_location && { source_location }),
    ...(model_type && { model_type }), ...(runtime && { runtime }), ...(execution_code && { execution_code }),
    ...(infer_format && { template: { infer_format } }),
    ...(wanted.description && { description: wanted.description }),
  };
}

// ── the same from elsewhere ─────────────────────────────────────────────────────────────────────────

const HEAD = "from maquette_sdk import Client\n\nclient = Client()\n";

/** Null where the command line has no words for it. */
export function cliOf(wanted: Wanted): string | null {
  if (wanted.mode || wanted.code || (wanted.by === "job" && wanted.place)) return null;
  const parts = [
    wanted.by === "job" ? `--job ${shell(wanted.job)}${wanted.job_version ? ` --job-version ${shell(wanted.job_version)}` : ""}` : shell(placeOf(wanted.place)),
    `--name ${shell(wanted.name)}`,
    ...([["--version", wanted.version], ["--type", wanted.type], ["--runtime", wanted.runtime], ["--description", wanted.description]] as const)
      .flatMap(([option, value]) => (value ? [`${option} ${shell(value)}`] : [])),
  ];
  return `maquette models import ${parts.join(" ")}`;
}

export function sdkOf(wanted: Wanted): string {
  const { source_location, source_job_id, source_job_version, model_type, runtime, infer_format, execution_code } = { source_job_id: "", source_job_version: "", ...checked(wanted) };
  const given = [
    ["name", wanted.name], ["version", wanted.version], ["job", source_job_id], ["job_version", source_job_version], ["model_type", model_type],
    ["runtime", runtime], ["execution_code", execution_code], ["description", wanted.description],
  ].flatMap(([name, value]) => (value ? [`${name}=${JSON.stringify(value)}`] : []));
  const mode = infer_format ? [`template={"infer_format": ${JSON.stringify(infer_format)}}`] : [];
  const lines = [...(source_location ? [JSON.stringify(source_location)] : []), ...given, ...mode];
  return `${HEAD}model = client.models.import_model(\n    ${lines.join(",\n    ")},\n).wait()\nprint(model.version, model.status)\n`;
}

export function restOf(wanted: Wanted, server: string, project: string): string {
  const text = JSON.stringify(bodyOf(wanted), null, 2).replaceAll("'", `'\\''`);
  return `curl ${shell(`${server}/v1/${project}/models`)} \\\n  -H "X-Auth-Token: $TOKEN" -H "content-type: application/json" -d '${text}'`;
}
