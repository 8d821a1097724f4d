/** Programs that call a service from elsewhere, filled with its address and what its model takes. */

import { shell } from "../training/create/form";
import type { Declared, Input } from "./predict/inputs";
import { header, signing, tokens } from "./proofs";

/** How a call says who sends it. */
export const WAYS = ["code", "token", "signed"] as const;
export type Way = (typeof WAYS)[number];
const FILE = "picture.jpg";

export interface CallSnippets {
  curl: string;
  python: string;
  javascript: string;
}

export const addressOf = (base: string, url: string) => base.replace(/\/$/, "") + (url === "/" ? "" : url);

export function snippetsOfCall(base: string, declared: Declared, way: Way = "code"): CallSnippets {
  const address = addressOf(base, declared.url);
  return { curl: curlOf(address, declared, way), python: pythonSnippet(address, declared, way), javascript: javascriptOf(address, declared, way) };
}

/** The line of Maquette's own command, which knows who is signed in. */
export function commandOf(service: string, declared: Declared): string {
  const path = declared.url === "/" ? "" : ` --path ${shell(declared.url)}`;
  if (!declared.form) return `maquette predict ${shell(service)}${path} --json ${shell(JSON.stringify(declared.sample))}`;
  const parts = declared.inputs.map((one) => ` \\\n  ${one.kind === "file" ? "--file" : "--field"} ${shell(`${one.name}=${one.kind === "file" ? FILE : exampleOf(one)}`)}`);
  return `maquette predict ${shell(service)}${path}${parts.join("")}`;
}

/** A value that is as good as any: fields without one of their own are told what to put there. */
function exampleOf(input: Input): string {
  if (input.usual !== undefined) return input.usual;
  if (input.choices?.[0] !== undefined) return input.choices[0];
  if (input.kind === "number" || input.kind === "integer") return String(input.least ?? 0);
  if (input.kind === "boolean") return "false";
  return input.kind === "json" ? "{}" : "text";
}

const text = (value: unknown) => JSON.stringify(value);
const CONTINUED = " \\\n  ";

// ── curl ────────────────────────────────────────────────────────────────────────────────────────────

function curlOf(address: string, declared: Declared, way: Way): string {
  const before = way === "signed" ? signing.curl(address) : way === "token" ? tokens.curl(address) : "";
  const sent = declared.form
    ? declared.inputs.map((one) => (one.kind === "file" ? `-F ${shell(`${one.name}=@${FILE}`)}` : `--form-string ${shell(`${one.name}=${exampleOf(one)}`)}`))
    : ["-H 'Content-Type: application/json'", `-d '${JSON.stringify(declared.sample).replaceAll("'", `'\\''`)}'`];
  return before + [`curl ${shell(address)}`, ...header[way].curl, ...sent].join(CONTINUED);
}

// ── Python ──────────────────────────────────────────────────────────────────────────────────────────

function pythonSnippet(address: string, declared: Declared, way: Way): string {
  const files = declared.inputs.filter((one) => one.kind === "file");
  const others = declared.inputs.filter((one) => one.kind !== "file");
  const sent = declared.form
    ? [
        ...(files.length > 0 ? [`files={${files.map((one) => `${text(one.name)}: open(${text(FILE)}, "rb")`).join(", ")}}`] : []),
        ...(others.length > 0 ? [`data={${others.map((one) => `${text(one.name)}: ${text(exampleOf(one))}`).join(", ")}}`] : []),
      ]
    : [`json=${pythonOf(declared.sample)}`];
  const given = [text(address), header[way].python, ...sent, "timeout=60"].filter(Boolean);
  const before = way === "signed" ? signing.python : way === "token" ? tokens.python(address) : "import requests\n";
  return `${before}\nanswer = requests.post(\n    ${given.join(",\n    ")},\n)\nif not answer.ok:\n    raise SystemExit(answer.text)\nprint(answer.json())\n`;
}

/** As Python writes it. */
export function pythonOf(value: unknown): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(pythonOf).join(", ")}]`;
  if (typeof value === "object") return `{${Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}: ${pythonOf(one)}`).join(", ")}}`;
  return JSON.stringify(value);
}

// ── JavaScript ──────────────────────────────────────────────────────────────────────────────────────

function javascriptOf(address: string, declared: Declared, way: Way): string {
  const file = declared.form && declared.inputs.some((one) => one.kind === "file");
  const imports = [
    ...(way === "signed" ? ['import { createHash, createHmac } from "node:crypto";'] : []),
    ...(file ? ['import { openAsBlob } from "node:fs"; // in a browser: the file of an <input>'] : []),
  ];
  const body = declared.form
    ? ["const body = new FormData();", ...declared.inputs.map((one) => `body.append(${text(one.name)}, ${one.kind === "file" ? `await openAsBlob(${text(FILE)}), ${text(FILE)}` : text(exampleOf(one))});`)]
    : [`const body = JSON.stringify(${text(declared.sample)});`];
  const before = way === "signed" ? signing.javascript : way === "token" ? tokens.javascript(address) : "";
  const type = declared.form ? "" : ', "Content-Type": "application/json"';
  return [
    ...(imports.length > 0 ? [...imports, ""] : []), `const address = ${text(address)};`, ...(before ? [before] : []), ...body,
    `const answer = await fetch(address, { method: "POST", headers: { ${header[way].javascript}${type} }, body });`,
    "if (!answer.ok) throw new Error(await answer.text());", "console.log(JSON.stringify(await answer.json(), null, 2));", "",
  ].join("\n");
}
