/** What a batch may send to a model: the apis of its config.json, and of one that takes JSON the parameters in it. */

export interface Schema {
  type?: string;
  description?: string;
  index?: number;
  properties?: Record<string, Schema>;
  items?: Schema | Schema[];
  [more: string]: unknown;
}

export interface Api {
  url: string;
  /** The names of its files: with exactly one a call is a file, with none a row of a csv. */
  files: string[];
  schema: Schema;
}

/** A parameter of a basic type, by the names on the way to it. */
export interface Leaf {
  path: string;
  kind: string;
  about: string;
}

const BASIC = new Set(["string", "number", "integer", "boolean"]);
/** What a package takes whose config.json declares nothing. */
const USUAL: Api[] = [{ url: "/", files: ["images"], schema: {} }];

export function readApis(config: string): Api[] {
  let told: { url?: string; request?: { data?: Schema } }[] | undefined;
  try {
    told = (JSON.parse(config) as { apis?: typeof told } | null)?.apis;
  } catch {
    return USUAL; // of a package that was never read
  }
  if (!Array.isArray(told) || told.length === 0) return USUAL;
  return told.map((one) => {
    const schema = one?.request?.data ?? {};
    return { url: one?.url || "/", files: Object.entries(propertiesOf(schema)).filter(([, of]) => of?.type === "file").map(([name]) => name), schema };
  });
}

const propertiesOf = (schema: Schema): Record<string, Schema> => schema.properties ?? {};
const itemsOf = (schema: Schema): Schema[] => (schema.items === undefined ? [] : Array.isArray(schema.items) ? schema.items : [schema.items]);

/** In the order in which they are the columns where nobody says otherwise. */
export function leavesOf(schema: Schema, path = ""): Leaf[] {
  if (schema.type && BASIC.has(schema.type)) return [{ path: path || "·", kind: schema.type, about: schema.description ?? "" }];
  const named = Object.entries(propertiesOf(schema)).flatMap(([name, one]) => leavesOf(one ?? {}, path ? `${path}.${name}` : name));
  const listed = itemsOf(schema).flatMap((one, at) => leavesOf(one ?? {}, itemsOf(schema).length > 1 ? `${path}[${at}]` : path));
  return [...named, ...listed];
}

/** The schema with the column of each parameter, counted from 0; a parameter without one has none. */
export function ruleOf(schema: Schema, columns: (number | null)[]): Schema {
  const left = [...columns];
  const walk = (one: Schema): Schema => {
    if (one.type && BASIC.has(one.type)) {
      const { index: _, ...rest } = one;
      const column = left.shift() ?? null;
      return column === null ? rest : { ...rest, index: column };
    }
    const properties = one.properties && Object.fromEntries(Object.entries(one.properties).map(([name, inner]) => [name, walk(inner ?? {})]));
    const items = one.items === undefined ? undefined : Array.isArray(one.items) ? one.items.map((inner) => walk(inner ?? {})) : walk(one.items);
    return { ...one, ...(properties && { properties }), ...(items && { items }) };
  };
  return walk(schema);
}

/** The columns that a rule names, in the order of the parameters. */
export function columnsOf(rule: Schema): (number | null)[] {
  if (rule.type && BASIC.has(rule.type)) return [isColumn(rule.index) ? rule.index : null];
  return [...Object.values(propertiesOf(rule)), ...itemsOf(rule)].flatMap((one) => columnsOf(one ?? {}));
}

const isColumn = (index: unknown): index is number => typeof index === "number" && Number.isInteger(index) && index >= 0;

/** Whether a cell can be what the parameter wants; an empty place is none of its columns. */
export function fits(kind: string, cell: string | undefined): boolean {
  if (cell === undefined) return false;
  const text = cell.trim();
  if (kind === "string") return true;
  if (kind === "boolean") return /^(true|false|1|0)$/i.test(text);
  if (text === "" || !Number.isFinite(Number(text))) return false;
  return kind === "number" || Number.isInteger(Number(text));
}

/** What a row is sent as, for the eye. Undefined for a parameter that its cell does not fit. */
export function requestOf(rule: Schema, row: string[]): unknown {
  const kind = rule.type ?? "";
  if (BASIC.has(kind)) {
    if (!isColumn(rule.index)) return undefined;
    const cell = row[rule.index];
    if (cell === undefined || !fits(kind, cell)) return undefined;
    if (kind === "string") return cell;
    return kind === "boolean" ? /^(true|1)$/i.test(cell.trim()) : Number(cell);
  }
  if (kind === "array" || rule.items !== undefined) return itemsOf(rule).map((one) => requestOf(one, row)).filter((one) => one !== undefined);
  return Object.fromEntries(Object.entries(propertiesOf(rule)).map(([name, one]) => [name, requestOf(one, row)]).filter(([, one]) => one !== undefined));
}
