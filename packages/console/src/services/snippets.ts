/** Lines that call a service from elsewhere, filled with its address and what its model takes. */

import { shell } from "../training/create/form";
import type { Declared, Input } from "./predict/inputs";

/** Stands for an app code, which is shown once only, when it is made. */
export const KEY = "YOUR-APP-CODE";
const HEADER = "X-Apig-AppCode";
const FILE = "picture.jpg";

export interface CallSnippets {
  curl: string;
  python: string;
  javascript: string;
}

export const addressOf = (base: string, url: string) => base.replace(/\/$/, "") + (url === "/" ? "" : url);

export function snippetsOfCall(base: string, declared: Declared): CallSnippets {
  const address = addressOf(base, declared.url);
  return declared.form ? ofForm(address, declared.inputs) : ofJson(address, declared.sample);
}

/** A value that is as good as any: fields without one of their own are told what to put there. */
function exampleOf(input: Input): string {
  if (input.usual !== undefined) return input.usual;
  if (input.choices?.[0] !== undefined) return input.choices[0];
  if (input.kind === "number" || input.kind === "integer") return String(input.least ?? 0);
  if (input.kind === "boolean") return "false";
  return input.kind === "json" ? "{}" : "text";
}

function ofForm(address: string, inputs: Input[]): CallSnippets {
  const files = inputs.filter((one) => one.kind === "file");
  const others = inputs.filter((one) => one.kind !== "file");
  const text = (value: unknown) => JSON.stringify(value);
  const curl = [
    `curl ${shell(address)}`, `-H ${shell(`${HEADER}: ${KEY}`)}`,
    ...inputs.map((one) => `-F ${shell(`${one.name}=${one.kind === "file" ? `@${FILE}` : exampleOf(one)}`)}`),
  ].join(" \\\n  ");
  const given = [
    text(address), `headers={${text(HEADER)}: ${text(KEY)}}`,
    ...(files.length > 0 ? [`files={${files.map((one) => `${text(one.name)}: open(${text(FILE)}, "rb")`).join(", ")}}`] : []),
    ...(others.length > 0 ? [`data={${others.map((one) => `${text(one.name)}: ${text(exampleOf(one))}`).join(", ")}}`] : []),
  ];
  const python = `import requests\n\nanswer = requests.post(\n    ${given.join(",\n    ")},\n    timeout=40,\n)\nanswer.raise_for_status()\nprint(answer.json())\n`;
  const javascript = [
    ...(files.length > 0 ? ['import { openAsBlob } from "node:fs"; // in a browser: the file of an <input>', ""] : []),
    "const body = new FormData();",
    ...inputs.map((one) => (one.kind === "file"
      ? `body.append(${text(one.name)}, await openAsBlob(${text(FILE)}), ${text(FILE)});`
      : `body.append(${text(one.name)}, ${text(exampleOf(one))});`)),
    ...fetched(address, `{ ${text(HEADER)}: ${text(KEY)} }`, "body"),
  ].join("\n");
  return { curl, python, javascript };
}

function ofJson(address: string, sample: unknown): CallSnippets {
  const text = (value: unknown) => JSON.stringify(value);
  const body = JSON.stringify(sample);
  const curl = [`curl ${shell(address)}`, `-H ${shell(`${HEADER}: ${KEY}`)}`, "-H 'Content-Type: application/json'", `-d '${body.replaceAll("'", `'\\''`)}'`].join(" \\\n  ");
  const python = `import requests\n\nanswer = requests.post(\n    ${text(address)},\n    headers={${text(HEADER)}: ${text(KEY)}},\n    json=${pythonOf(sample)},\n    timeout=40,\n)\nanswer.raise_for_status()\nprint(answer.json())\n`;
  const javascript = [
    `const body = JSON.stringify(${body});`,
    ...fetched(address, `{ ${text(HEADER)}: ${text(KEY)}, "Content-Type": "application/json" }`, "body"),
  ].join("\n");
  return { curl, python, javascript };
}

function fetched(address: string, headers: string, body: string): string[] {
  return [
    `const answer = await fetch(${JSON.stringify(address)}, {`, '  method: "POST",', `  headers: ${headers},`, `  ${body},`, "});",
    "if (!answer.ok) throw new Error(await answer.text());", "console.log(await answer.json());", "",
  ];
}

/** As Python writes it. */
export function pythonOf(value: unknown): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(pythonOf).join(", ")}]`;
  if (typeof value === "object") return `{${Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}: ${pythonOf(one)}`).join(", ")}}`;
  return JSON.stringify(value);
}
