/** What a model takes, read out of the apis that its config.json declares. */

export type Kind = "file" | "number" | "integer" | "boolean" | "text" | "choice" | "json";

export interface Input {
  name: string;
  kind: Kind;
  about: string;
  least?: number;
  most?: number;
  usual?: string;
  choices?: string[];
}

export interface Declared {
  /** The address of the api below the service's own. */
  url: string;
  form: boolean;
  inputs: Input[];
  /** A body to begin with, where no form is sent. */
  sample: unknown;
}

interface Schema {
  type?: string;
  description?: string;
  default?: unknown;
  minimum?: unknown;
  maximum?: unknown;
  enum?: unknown[];
  properties?: Record<string, Schema>;
  items?: Schema | Schema[];
}

interface Api {
  url?: string;
  method?: string;
  request?: Record<string, unknown> & { data?: Schema };
}

const KINDS: Record<string, Kind> = {
  file: "file", number: "number", float: "number", double: "number", integer: "integer", int: "integer", long: "integer",
  boolean: "boolean", bool: "boolean", object: "json", array: "json",
};
/** What a service takes whose model declares nothing. */
const USUAL: Declared = { url: "/", form: true, inputs: [{ name: "images", kind: "file", about: "" }], sample: {} };

/** The api that takes predictions: the first of a config.json that is posted to. */
export function readDeclared(config: string): Declared {
  let apis: Api[] | undefined;
  try {
    apis = (JSON.parse(config) as { apis?: Api[] } | null)?.apis;
  } catch {
    return USUAL; // of a package that was never read
  }
  if (!Array.isArray(apis)) return USUAL;
  const api = apis.find((one) => one?.request && (one.method ?? "post").toLowerCase() === "post");
  if (!api) return USUAL;
  const data = api.request?.data ?? {};
  const inputs = Object.entries(data.properties ?? {}).map(([name, schema]) => inputOf(name, schema ?? {}));
  const form = contentType(api.request ?? {}).includes("multipart") || inputs.some((one) => one.kind === "file");
  return { url: api.url || "/", form, inputs: form ? inputs : [], sample: sampleOf(data) };
}

function contentType(request: Record<string, unknown>): string {
  const name = Object.keys(request).find((one) => one.toLowerCase() === "content-type");
  return name ? String(request[name]).toLowerCase() : "";
}

function inputOf(name: string, schema: Schema): Input {
  const numeric = (value: unknown) => (value === undefined || value === "" || !Number.isFinite(Number(value)) ? undefined : Number(value));
  const [least, most] = [numeric(schema.minimum), numeric(schema.maximum)];
  const choices = Array.isArray(schema.enum) && schema.enum.length > 0 ? schema.enum.map(asText) : undefined;
  return {
    name, kind: choices ? "choice" : (KINDS[(schema.type ?? "").toLowerCase()] ?? "text"), about: schema.description ?? "",
    ...(least !== undefined && { least }), ...(most !== undefined && { most }), ...(choices && { choices }),
    ...(schema.default !== undefined && schema.default !== null && { usual: asText(schema.default) }),
  };
}

const asText = (value: unknown) => (typeof value === "object" ? JSON.stringify(value) : String(value));

/** A value as the schema wants one. */
export function sampleOf(schema: Schema): unknown {
  if (schema.default !== undefined) return schema.default;
  if (schema.properties) return Object.fromEntries(Object.entries(schema.properties).map(([name, one]) => [name, sampleOf(one ?? {})]));
  const item = Array.isArray(schema.items) ? schema.items[0] : schema.items;
  if (item) return [sampleOf(item)];
  const kind = KINDS[(schema.type ?? "").toLowerCase()];
  if (kind === "number" || kind === "integer") return Number(schema.minimum ?? 0) || 0;
  if (kind === "boolean") return false;
  if ((schema.type ?? "").toLowerCase() === "array") return [];
  return (schema.type ?? "").toLowerCase() === "string" ? "" : {};
}
