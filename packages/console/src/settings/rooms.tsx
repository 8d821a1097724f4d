/** What takes how much of the disk: each part of the home, and where one frees some of it. */

import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { call } from "../api/call";
import type { RoomBody } from "../api/calls";
import { Failure, Loading } from "../kit/faces";
import { Card } from "../kit/page";
import { bytes, count } from "../kit/size";
import { Time } from "../kit/time";
import "./rooms.css";

/** The larger ones; of a bucket that is nearly empty nobody wants to know. */
const MOST_BUCKETS = 12;
const FRESH = 60_000;
const LOOKING = 1500;

interface Part {
  kind: string;
  bytes: number;
  files: number;
  buckets: RoomBody[];
}

export function Rooms() {
  const { t } = useTranslation();
  const found = useQuery({ queryKey: ["machine", "rooms"], staleTime: FRESH, queryFn: ({ signal }) => call("GET /maquette/{project_id}/machine/rooms", { signal }), refetchInterval: (query) => (query.state.data?.going ? LOOKING : false) });
  if (found.error) return <Card><Failure error={found.error} again={() => void found.refetch()} /></Card>;
  if (!found.data?.at) return <Card title={t("storage.rooms")} about={t("storage.looking")}><Loading /></Card>;
  const parts = partsOf(found.data.rooms);
  const all = parts.reduce((sum, one) => sum + one.bytes, 0);
  return (
    <Card title={t("storage.rooms")} about={<>{t("storage.roomsAbout", { size: bytes(all) })} <Time at={found.data.at} /></>}>
      <ul className="rooms">{parts.map((part) => <li key={part.kind}><Line part={part} all={all} /></li>)}</ul>
    </Card>
  );
}

/** Buckets as one, the largest part first. */
export function partsOf(rooms: readonly RoomBody[]): Part[] {
  const parts = new Map<string, Part>();
  for (const room of rooms) {
    const part = parts.get(room.kind) ?? { kind: room.kind, bytes: 0, files: 0, buckets: [] };
    parts.set(room.kind, { ...part, bytes: part.bytes + room.bytes, files: part.files + room.files, buckets: room.name ? [...part.buckets, room] : [] });
  }
  return [...parts.values()].sort((one, other) => other.bytes - one.bytes);
}

const PAGES: Record<string, string> = { bucket: "/console/buckets", engines: "/console/settings/engines", models: "/console/models" };

function Line({ part: { kind, bytes: size, files, buckets }, all }: { part: Part; all: number }) {
  const { t } = useTranslation();
  const name = t(`storage.kinds.${kind.replace(" ", "_") as "runs"}`);
  const page = PAGES[kind];
  const share = all > 0 ? size / all : 0;
  return (
    <>
      <div className="room-name">{page ? <Link className="strong" to={page}>{name}</Link> : <b>{name}</b>}</div>
      <div className="room-bar" aria-hidden><span style={{ width: `${100 * share}%` }} /></div>
      <div className="room-size"><b>{bytes(size)}</b> <span className="quiet small">{t("storage.files", { count: files, told: count(files) })}</span></div>
      <p className="room-about quiet small">{t(`storage.abouts.${kind.replace(" ", "_") as "runs"}`)}</p>
      {buckets.length > 1 && (
        <details className="room-about small">
          <summary>{t("storage.buckets", { count: buckets.length, told: count(buckets.length) })}</summary>
          <dl>{buckets.slice(0, MOST_BUCKETS).map((one) => <div key={one.name}><dt>{one.name}</dt><dd>{bytes(one.bytes)}</dd></div>)}</dl>
          {buckets.length > MOST_BUCKETS && <p className="quiet">{t("buckets.andMore", { count: buckets.length - MOST_BUCKETS, told: count(buckets.length - MOST_BUCKETS) })}</p>}
        </details>
      )}
    </>
  );
}
