/** How busy the machine is: cores, memory, disk, GPUs, and what waits for them. */

import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { call } from "../api/call";
import { Failure } from "../kit/faces";
import { Card } from "../kit/page";
import { bytes, count } from "../kit/size";

export function Machine() {
  const { t } = useTranslation();
  const found = useQuery({ queryKey: ["machine"], queryFn: ({ signal }) => readMachine(signal), refetchInterval: 5000 });
  return (
    <Card title={t("machine.title")}>
      {found.error && !found.data ? <Failure error={found.error} again={() => void found.refetch()} /> : <Meters {...(found.data ?? UNKNOWN)} />}
    </Card>
  );
}

type Found = Awaited<ReturnType<typeof readMachine>>;
/** Drawn until the first answer is there, so that nothing moves when it comes. */
const UNKNOWN: { standing?: Found["standing"]; use?: Found["use"] } = {};

async function readMachine(signal: AbortSignal) {
  const [standing, use] = await Promise.all([
    call("GET /maquette/{project_id}/machine", { signal }),
    call("GET /maquette/{project_id}/machine/use", { signal }),
  ]);
  return { standing, use };
}

function Meters({ standing, use }: { standing?: Found["standing"]; use?: Found["use"] }) {
  const { t } = useTranslation();
  const of = (part: string, whole: string) => t("machine.of", { part, whole });
  const gpus = standing?.capacity.gpus ?? 0;
  return (
    <>
      <div className="meters">
        {use ? <Used use={use} /> : (["cores", "memory", "disk"] as const).map((one) => <Meter key={one} name={t(`machine.${one}`)} share={0} told="…" />)}
        {gpus > 0 && standing
          ? <Meter name={t("machine.gpus")} share={standing.held.gpus / gpus} told={of(count(standing.held.gpus), count(gpus))} />
          : <p className="quiet small">{standing ? t("machine.noGpu") : "…"}</p>}
      </div>
      <dl className="queue">
        <div><dt>{t("machine.running")}</dt><dd>{standing ? count(standing.running) : "…"}</dd></div>
        <div><dt>{t("machine.served")}</dt><dd>{standing ? count(standing.served) : "…"}</dd></div>
        <div><dt>{t("machine.waiting")}</dt><dd>{standing ? count(standing.queue) : "…"}</dd></div>
      </dl>
    </>
  );
}

function Used({ use }: { use: Found["use"] }) {
  const { t } = useTranslation();
  const busy = Math.min(use.load, use.cores);
  const memory = use.memory_bytes - use.free_memory_bytes;
  const disk = use.disk_bytes - use.free_disk_bytes;
  const of = (part: string, whole: string) => t("machine.of", { part, whole });
  return (
    <>
      <Meter name={t("machine.cores")} share={busy / use.cores} told={of(count(Math.round(busy * 10) / 10), count(use.cores))} />
      <Meter name={t("machine.memory")} share={memory / use.memory_bytes} told={of(bytes(memory), bytes(use.memory_bytes))} scarce />
      <Meter name={t("machine.disk")} share={disk / use.disk_bytes} told={t("machine.free", { size: bytes(use.free_disk_bytes) })} scarce />
    </>
  );
}

/** What is `scarce` is to be minded from nine tenths on; cores are there to be busy. */
export function Meter({ name, share, told, scarce = false }: { name: string; share: number; told: string; scarce?: boolean }) {
  const percent = Math.round(Math.max(0, Math.min(1, share)) * 100);
  return (
    <div className="meter-line">
      <div><span>{name}</span><span className="quiet">{told}</span></div>
      <div className={scarce && percent >= 90 ? "meter full" : "meter"} role="meter" aria-label={name} aria-valuenow={percent} aria-valuemin={0} aria-valuemax={100} aria-valuetext={told}>
        <span style={{ width: `${percent}%` }} />
      </div>
    </div>
  );
}
