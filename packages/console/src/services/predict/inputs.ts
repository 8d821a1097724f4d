/** What a model takes, read out of the apis that its config.json declares. */

export type Kind = "file" | "number" | "integer" | "boolean" | "text" | "choice" | "json";

export interface Input {
  name: string;
  kind: Kind;
  about: string;
  /** A call without it is none. */
  needed?: boolean;
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
  schema: Schema;
  /** What is declared of the answer. */
  answer: unknown;
}

export interface Schema {
  type?: string;
  description?: string;
  default?: unknown;
  example?: unknown;
  minimum?: unknown;
  maximum?: unknown;
  enum?: unknown[];
  required?: unknown;
  properties?: Record<string, Schema | null>;
  items?: Schema | Schema[];
  item?: Schema;
}

interface Api {
  url?: string;
  method?: string;
  request?: Record<string, unknown> & { data?: Schema };
  response?: { data?: unknown };
  input_params?: Schema;
  output_params?: unknown;
}

const KINDS: Record<string, Kind> = {
  file: "file", number: "number", float: "number", double: "number", integer: "integer", int: "integer", long: "integer",
  boolean: "boolean", bool: "boolean", object: "json", array: "json",
};
/** What a service takes whose model declares nothing: a picture, or rows. */
const PICTURE: Declared = { url: "/", form: true, inputs: [{ name: "images", kind: "file", about: "" }], sample: {}, schema: {}, answer: null };
const ROWS: Declared = { url: "/", form: false, inputs: [], sample: { data: { req_data: [{}] } }, schema: {}, answer: null };
const TAKE_ROWS = ["XGBoost", "Scikit_Learn", "Spark_MLlib"];

/** The apis that take predictions, those of a config.json that are posted to: one at least. */
export function readApis(config: string, modelType = ""): Declared[] {
  const usual = TAKE_ROWS.includes(modelType) ? ROWS : PICTURE;
  const apis = apisIn(config).filter((one) => (one.request ?? one.input_params) && (one.method ?? "post").toLowerCase() === "post");
  return apis.length > 0 ? apis.map((api) => declaredBy(api, usual)) : [usual];
}

export const readDeclared = (config: string, modelType = ""): Declared => readApis(config, modelType)[0] ?? PICTURE;

function apisIn(config: string): Api[] {
  try {
    const apis = (JSON.parse(config) as { apis?: (Api | null)[] } | null)?.apis;
    return Array.isArray(apis) ? apis.filter((one): one is Api => one !== null && typeof one === "object") : [];
  } catch {
    return []; // of a package that was never read
  }
}

function declaredBy(api: Api, usual: Declared): Declared {
  const request = api.request ?? {};
  const schema = asSchema(request.data) ?? asSchema(api.input_params) ?? (request.properties ? (request as Schema) : {});
  const needed = Array.isArray(schema.required) ? schema.required : [];
  const inputs = Object.entries(schema.properties ?? {}).map(([name, one]) => ({ ...inputOf(name, one ?? {}), ...(needed.includes(name) && { needed: true }) }));
  const form = contentType(request).includes("multipart") || inputs.some((one) => one.kind === "file");
  const answer = api.response?.data ?? api.output_params ?? null;
  const url = `/${(api.url ?? "").replace(/^\/+/, "")}`;
  const sample = sampleOf(schema);
  if (inputs.length === 0 && JSON.stringify(sample) === "{}") return { ...usual, url, answer };
  return { url, form, inputs: form ? inputs : [], sample, schema, answer };
}

const asSchema = (value: unknown) => (value !== null && typeof value === "object" && !Array.isArray(value) ? (value as Schema) : null);

function contentType(request: Record<string, unknown>): string {
  const name = Object.keys(request).find((one) => one.toLowerCase() === "content-type");
  return name ? String(request[name]).toLowerCase() : "";
}

function inputOf(name: string, schema: Schema): Input {
  const numeric = (value: unknown) => (value === undefined || value === null || value === "" || !Number.isFinite(Number(value)) ? undefined : Number(value));
  const [least, most] = [numeric(schema.minimum), numeric(schema.maximum)];
  const choices = Array.isArray(schema.enum) && schema.enum.length > 0 ? schema.enum.map(asText) : undefined;
  return {
    name, kind: choices ? "choice" : (KINDS[String(schema.type ?? "").toLowerCase()] ?? "text"), about: schema.description ?? "",
    ...(least !== undefined && { least }), ...(most !== undefined && { most }), ...(choices && { choices }),
    ...(schema.default !== undefined && schema.default !== null && { usual: asText(schema.default) }),
  };
}

const asText = (value: unknown) => (typeof value === "object" ? JSON.stringify(value) : String(value));

/** A value as the schema wants one. */
export function sampleOf(schema: Schema): unknown {
  for (const given of [schema.default, schema.example, schema.enum?.[0]]) if (given !== undefined) return given;
  if (schema.properties) return Object.fromEntries(Object.entries(schema.properties).map(([name, one]) => [name, sampleOf(one ?? {})]));
  const item = Array.isArray(schema.items) ? schema.items[0] : (schema.items ?? schema.item);
  if (item) return [sampleOf(item)];
  const type = String(schema.type ?? "").toLowerCase();
  const kind = KINDS[type];
  if (kind === "number" || kind === "integer") return Number(schema.minimum ?? 0) || 0;
  if (kind === "boolean") return false;
  if (type === "array") return [];
  return type === "string" || type === "file" ? "" : {};
}
