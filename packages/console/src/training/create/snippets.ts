/** The same from elsewhere: a job or a version as a command line, as Python, and as a call. */

import type { Ways } from "../../kit/snippets";
import type { Changes } from "../jobs";
import { asFolder, filledIn, jobBody, shell, type Named, type Wanted } from "./form";
import { searchBody } from "./search";

const python = (value: unknown) => JSON.stringify(value);
const CONTINUED = " \\\n    ";
const SEARCH_FILE = "search.json";

export function snippetsOfJob(wanted: Wanted, server: string, project: string): Ways {
  const rest = curl(`${server}/v2/${project}/training-jobs`, jobBody(wanted));
  return { cli: cliOfJob(wanted), sdk: sdkOfJob(wanted), rest };
}

function cliOfJob(wanted: Wanted): string {
  const places = (option: string, rows: Named[]) => filledIn(rows).map(({ name, value }) => `${option} ${shell(`${name}=${asFolder(value)}`)}`);
  const what = wanted.by === "algorithm" ? `--algorithm ${shell(wanted.algorithm)}` : `${shell(asFolder(wanted.code))} --boot ${shell(wanted.boot_file)}`;
  const parts = [
    `maquette jobs submit ${what} --name ${shell(wanted.name)}`,
    ...places("--data", wanted.inputs), ...places("--output", wanted.outputs),
    ...(engineOf(wanted) ? [`--engine ${shell(engineOf(wanted))}`] : []),
    ...(wanted.flavour ? [`--flavour ${shell(wanted.flavour)}`] : []),
    ...(wanted.nodes > 1 && !wanted.searching ? [`--nodes ${wanted.nodes}`] : []),
    ...(wanted.searching ? [`--search ${SEARCH_FILE}`] : []),
    ...(wanted.restarts > 0 ? [`--restarts ${wanted.restarts}`] : []),
    ...(wanted.hours ? [`--hours ${wanted.hours}`] : []),
    ...(wanted.priority > 1 ? [`--priority ${wanted.priority}`] : []),
    ...filledIn(wanted.environment).map(({ name, value }) => `--env ${shell(`${name}=${value}`)}`),
    ...(wanted.log ? [`--log ${shell(asFolder(wanted.log))}`] : []),
    ...(wanted.description ? [`--description ${shell(wanted.description)}`] : []),
  ];
  const given = filledIn(wanted.parameters).map(({ name, value }) => shell(`--${name}=${value}`));
  const file = wanted.searching ? `cat > ${SEARCH_FILE} <<'END'\n${JSON.stringify(searchBody(wanted.search), null, 2)}\nEND\n` : "";
  return file + parts.join(CONTINUED) + (given.length > 0 ? `${CONTINUED}-- ${given.join(" ")}` : "");
}

/** An algorithm has one of its own. */
const engineOf = (wanted: Wanted) => (wanted.by === "algorithm" ? "" : wanted.engine);

const HEAD = "from maquette_sdk import Client\n\nclient = Client()\n";

function sdkOfJob(wanted: Wanted): string {
  const dict = (rows: Named[], folders = false) => python(Object.fromEntries(filledIn(rows).map(({ name, value }) => [name, folders ? asFolder(value) : value])));
  const what = wanted.by === "algorithm" ? [`algorithm=${python(wanted.algorithm)}`] : [python(asFolder(wanted.code)), `boot=${python(wanted.boot_file)}`];
  const lines = [
    ...what, `name=${python(wanted.name)}`,
    ...(filledIn(wanted.inputs).length > 0 ? [`data=${dict(wanted.inputs, true)}`] : []),
    ...(filledIn(wanted.outputs).length > 0 ? [`output=${dict(wanted.outputs, true)}`] : []),
    ...(filledIn(wanted.parameters).length > 0 ? [`parameters=${dict(wanted.parameters)}`] : []),
    ...(engineOf(wanted) ? [`engine=${python(engineOf(wanted))}`] : []),
    ...(wanted.flavour ? [`flavour=${python(wanted.flavour)}`] : []),
    ...(wanted.nodes > 1 && !wanted.searching ? [`nodes=${wanted.nodes}`] : []),
    ...(wanted.searching ? [`search=${JSON.stringify(searchBody(wanted.search), null, 4).replaceAll("\n", "\n    ")}`] : []),
    ...(wanted.restarts > 0 ? [`restarts=${wanted.restarts}`] : []),
    ...(wanted.hours ? [`hours=${wanted.hours}`] : []),
    ...(wanted.priority > 1 ? [`priority=${wanted.priority}`] : []),
    ...(filledIn(wanted.environment).length > 0 ? [`environment=${dict(wanted.environment)}`] : []),
    ...(wanted.log ? [`log=${python(asFolder(wanted.log))}`] : []),
    ...(wanted.description ? [`description=${python(wanted.description)}`] : []),
  ];
  return `${HEAD}job = client.jobs.submit(\n    ${lines.join(",\n    ")},\n)\nfor line in job.follow():\n    print(line)\n`;
}

/** `again` runs the newest version's code, so it says the same only where that is the one. */
export function snippetsOfVersion(changes: Changes, job: { id: string; name: string }, newest: boolean, server: string, project: string): Ways {
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
