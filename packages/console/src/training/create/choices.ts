/** What there is to choose from: engines by their framework, flavours by their size. */

import { useTranslation } from "react-i18next";

import { call } from "../../api/call";

export interface EngineGroup {
  name: string;
  engines: string[];
}

export async function readEngines(signal: AbortSignal): Promise<EngineGroup[]> {
  const told = (await call("GET /v2/{project_id}/training-job-engines", { signal })) as unknown as { items: { engine_id: string; engine_name: string }[] };
  const groups = new Map<string, string[]>();
  for (const { engine_id: id, engine_name: name } of told.items) groups.set(name, [...(groups.get(name) ?? []), id]);
  // The plain names, which the newest have, stand before those of ModelArts' images.
  const plain = (id: string) => Number(/^[a-z]+-[\d.]+$/.test(id));
  return [...groups].map(([name, engines]) => ({ name, engines: engines.sort((one, other) => plain(other) - plain(one) || other.localeCompare(one, "en", { numeric: true })) }));
}

export interface Flavour {
  id: string;
  cores: number;
  /** Gigabytes. */
  memory: number;
  gpus: number;
}

export async function readFlavours(signal: AbortSignal): Promise<Flavour[]> {
  const told = (await call("GET /v2/{project_id}/training-job-flavors", { signal })) as unknown as {
    flavors: { flavor_id: string; flavor_info: { cpu: { core_num: number }; memory: { size: number }; gpu?: { unit_num: number } } }[];
  };
  return told.flavors.map(({ flavor_id: id, flavor_info: info }) => ({ id, cores: info.cpu.core_num, memory: info.memory.size, gpus: info.gpu?.unit_num ?? 0 }));
}

/** Flavours in words, to choose from. */
export function useSizes(flavours: Flavour[] | undefined): { value: string; label: string }[] {
  const { t } = useTranslation();
  return (flavours ?? []).map(({ id, cores, memory, gpus }) => ({ value: id, label: `${t("create.cores", { count: cores })} · ${memory} GB${gpus ? ` · ${gpus} GPU` : ""}` }));
}
