/** From what a thing was made, and what became of it: boxes that lead to each thing, with lines between them. */

import { useQuery } from "@tanstack/react-query";
import { useLayoutEffect, useMemo, useRef, useState, type CSSProperties } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { call } from "../api/call";
import type { LineageBody, NodeBody } from "../api/calls";
import { bucketPage } from "../training/jobs";
import { Chip } from "./chip";
import { Failure, Loading } from "./faces";
import { AppstoreOutlined, CloudServerOutlined, CodeOutlined, DatabaseOutlined, ExperimentOutlined, FolderOutlined, FunctionOutlined, SettingOutlined, type Icon } from "./icons";
import { layersOf, placeTall, placeWide, TALL, tallLine, WIDE, wideLine, type Placed } from "./layers";
import { Card } from "./page";
import "./lineage.css";

export type Of = { model_id: string } | { job_id: string; version: string };

const ICONS: Record<NodeBody["kind"], Icon> = {
  data: DatabaseOutlined, code: CodeOutlined, algorithm: FunctionOutlined, engine: SettingOutlined, job: ExperimentOutlined,
  place: FolderOutlined, model: AppstoreOutlined, service: CloudServerOutlined,
};

export function Lineage({ of, live = 10_000 }: { of: Of; live?: number }) {
  const { t } = useTranslation();
  const found = useQuery({
    queryKey: ["lineage", of], refetchInterval: live,
    queryFn: ({ signal }) => call("GET /maquette/{project_id}/lineage", { query: of, signal }),
  });
  return (
    <Card title={t("lineage.title")} about={t("lineage.about")}>
      {found.error && !found.data ? <Failure error={found.error} again={() => void found.refetch()} /> : !found.data ? <Loading /> : <Graph told={found.data} />}
    </Card>
  );
}

function Graph({ told }: { told: LineageBody }) {
  const { t } = useTranslation();
  const room = useRef<HTMLDivElement>(null);
  const width = useWidth(room);
  const [near, setNear] = useState("");
  const layers = useMemo(() => layersOf(told.nodes.map((one) => one.id), told.edges), [told]);
  const wide = placeWide(layers, width);
  const placed = wide ?? placeTall(layers, width);
  const nodes = layers.flat().flatMap((id) => told.nodes.find((one) => one.id === id) ?? []);
  return (
    <div ref={room} className="lineage">
      <div className="lineage-room" style={{ height: placed.height }}>
        <Lines told={told} placed={placed} tall={wide === null} near={near} />
        <ol aria-label={t("lineage.title")} onMouseLeave={() => setNear("")}>
          {nodes.map((node) => {
            const box = placed.boxes.get(node.id);
            return box && <Thing key={node.id} node={node} told={told} at={{ left: box.x, top: box.y, width: placed.width, minHeight: wide ? WIDE.height : TALL.height }} onNear={setNear} />;
          })}
        </ol>
      </div>
      {told.left_out > 0 && <p className="quiet lineage-more">{t("lineage.leftOut", { count: told.left_out })}</p>}
    </div>
  );
}

/** The width that the graph may have; it is drawn upright where that is not enough. */
function useWidth(room: React.RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    if (!room.current) return;
    const watch = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 0));
    setWidth(room.current.clientWidth);
    watch.observe(room.current);
    return () => watch.disconnect();
  }, [room]);
  return width;
}

function Lines({ told, placed: { boxes, width, height }, tall, near }: { told: LineageBody; placed: Placed; tall: boolean; near: string }) {
  const targets = [...new Set(told.edges.map((edge) => edge.target))];
  return (
    <svg aria-hidden width="100%" height={height}>
      {told.edges.map(({ source, target }) => {
        const [from, to] = [boxes.get(source), boxes.get(target)];
        if (!from || !to) return null;
        const line = tall ? tallLine(from, to, targets.indexOf(target)) : wideLine(from, to, width);
        return <g key={`${source} ${target}`} className={near === source || near === target ? "on" : undefined}><path d={line} /><circle cx={to.x} cy={tall ? to.y + TALL.height / 2 - 6 : to.y + WIDE.height / 2} r={3} /></g>;
      })}
    </svg>
  );
}

function Thing({ node, told, at, onNear }: { node: NodeBody; told: LineageBody; at: CSSProperties; onNear: (id: string) => void }) {
  const { t } = useTranslation();
  const Icon = ICONS[node.kind];
  const here = node.id === told.focus;
  const nameOf = (one: NodeBody) => one.name || t("lineage.gone");
  const before = told.edges.flatMap((edge) => (edge.target === node.id ? told.nodes.filter((one) => one.id === edge.source).map(nameOf) : []));
  const page = pageOf(node);
  const name = nameOf(node);
  return (
    <li className={`thing ${here ? "here" : ""} ${node.gone ? "gone" : ""}`} style={at} onMouseEnter={() => onNear(node.id)} onFocus={() => onNear(node.id)} onBlur={() => onNear("")}>
      <span className="thing-kind"><Icon />{t(`lineage.kinds.${node.kind}`)}</span>
      {page && !here
        ? <Link className="thing-name" to={page} title={node.address || name}>{name}</Link>
        : <span className="thing-name" tabIndex={0} title={node.address || name} aria-current={here ? "true" : undefined}>{name}</span>}
      <span className="thing-foot"><span className="thing-about quiet small" title={node.refers.hash ?? node.about}>{node.gone ? t("lineage.gone") : (node.about || node.address)}</span>{node.state && <Chip state={node.state} />}</span>
      {before.length > 0 && <span className="unseen">{t("lineage.madeOf", { names: before.join(", ") })}</span>}
    </li>
  );
}

/** Where one sees the thing itself; empty where there is no such page. */
export function pageOf(node: Pick<NodeBody, "kind" | "gone" | "address" | "refers">): string {
  if (node.gone) return "";
  const { job_id: job, version = "", algorithm_id: algorithm, model_id: model, service_id: service } = node.refers as Partial<Record<string, string>>;
  if (job) return `/console/training/${job}?${new URLSearchParams({ version })}`;
  if (algorithm) return `/console/algorithms/${algorithm}`;
  if (model) return `/console/models/${model}`;
  if (service) return `/console/services/${service}`;
  if (node.kind === "engine") return "/console/settings/engines";
  return bucketPage(node.address) ?? "";
}
