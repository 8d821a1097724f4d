/** Storage: what the disk has left, and what frees some. */

import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { call } from "../api/call";
import { useSession } from "../api/session";
import { Meter } from "../home/machine";
import { Command, Failure, Loading } from "../kit/faces";
import { WarningOutlined } from "../kit/icons";
import { Card } from "../kit/page";
import { bytes } from "../kit/size";
import { Rooms } from "./rooms";

const FREEING = [
  ["runs", "maquette storage prune-runs --dry-run"],
  ["engines", "maquette engines prune --dry-run"],
] as const;
/** Of the whole disk: with less, work is about to fail. */
const SCARCE = 0.1;

export function Storage() {
  const { t } = useTranslation();
  const { administrator } = useSession();
  const found = useQuery({ queryKey: ["machine", "use"], queryFn: ({ signal }) => call("GET /maquette/{project_id}/machine/use", { signal }), refetchInterval: 15_000 });
  if (found.error) return <Card><Failure error={found.error} again={() => void found.refetch()} /></Card>;
  if (!found.data) return <Card><Loading /></Card>;
  const { disk_bytes: disk, free_disk_bytes: free } = found.data;
  return (
    <>
      <Card title={t("machine.disk")} about={t("storage.about")}>
        <Meter name={t("storage.used", { size: bytes(disk - free) })} share={(disk - free) / disk} told={t("storage.freeOf", { free: bytes(free), all: bytes(disk) })} scarce />
        {free < SCARCE * disk && <p className="scarce"><WarningOutlined /> {t("storage.scarce")}</p>}
      </Card>
      {administrator && <Rooms />}
      <Card title={t("storage.free")} about={t("storage.freeAbout")}>
        <ul className="freeing">
          {FREEING.map(([word, command]) => <li key={word}><div><b>{t(`storage.what.${word}`)}</b><p className="quiet">{t(`storage.does.${word}`)}</p></div><Command text={command} /></li>)}
        </ul>
      </Card>
    </>
  );
}
