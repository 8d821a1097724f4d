/** What there is to choose from: engines by their framework, flavours by their size. */

import { useQuery } from "@tanstack/react-query";
import type { TFunction } from "i18next";
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
    flavors: { flavor_id: string; flavor_info: FlavourInfo }[];
  };
  return told.flavors.map(({ flavor_id: id, flavor_info: info }) => ({ id, ...figuresOf(info) }));
}

/** As ModelArts tells what a flavour has. */
export interface FlavourInfo {
  cpu: { core_num: number };
  memory: { size: number };
  gpu?: { unit_num: number };
}

export const figuresOf = ({ cpu, memory, gpu }: FlavourInfo) => ({ cores: cpu.core_num, memory: memory.size, gpus: gpu?.unit_num ?? 0 });

/** Flavours in words, to choose from. */
export function useSizes(flavours: Flavour[] | undefined): { value: string; label: string }[] {
  const { t } = useTranslation();
  return (flavours ?? []).map((one) => ({ value: one.id, label: sizeOf(one, t) }));
}

export function sizeOf({ cores, memory, gpus }: Omit<Flavour, "id">, t: TFunction): string {
  return `${t("create.cores", { count: cores })} · ${memory} GB${gpus ? ` · ${gpus} GPU` : ""}`;
}

/** A flavour in words, and one that is not known by its id. */
export function useSizeOf(id: string): string {
  const { t } = useTranslation();
  const flavours = useQuery({ queryKey: ["job-flavours"], staleTime: 60_000, queryFn: ({ signal }) => readFlavours(signal) });
  const found = flavours.data?.find((one) => one.id === id);
  return found ? sizeOf(found, t) : id;
}
