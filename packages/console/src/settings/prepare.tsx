/** Makes an engine now: what it takes, then what is told while it is made, and what has come to be in it. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Modal } from "antd";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { call } from "../api/call";
import type { EngineBody } from "../api/calls";
import { useSession } from "../api/session";
import { Chip } from "../kit/chip";
import { bytes } from "../kit/size";
import { tellError } from "../words/errors";
import { tell, type Told } from "../words/told";

const MEGABYTE = 1e6;
const LIVE = 1000;
const GOING = new Set(["queued", "preparing", "running"]);
export const isBeingMade = (state: string | null) => state !== null && GOING.has(state);

export function Prepare({ engine, onClose }: { engine: EngineBody; onClose: () => void }) {
  const { t } = useTranslation();
  const { administrator } = useSession();
  const queries = useQueryClient();
  const [asked, setAsked] = useState(engine.making !== null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const path = { name: engine.engine };
  const key = ["preparation", engine.engine];
  const found = useQuery({
    queryKey: key, queryFn: ({ signal }) => call("GET /maquette/{project_id}/engines/{name}/preparation", { path, signal }), enabled: asked,
    refetchInterval: ({ state }) => (state.data?.over ? false : LIVE),
  });
  const attempt = async (what: () => Promise<unknown>) => {
    setBusy(true);
    setProblem("");
    try {
      await what();
      setAsked(true);
      await queries.invalidateQueries({ queryKey: key });
    } catch (error) {
      setProblem(tellError(error, t));
    }
    setBusy(false);
  };
  const start = () => attempt(() => call("POST /maquette/{project_id}/engines/{name}/preparation", { path }));
  const stop = () => attempt(() => call("DELETE /maquette/{project_id}/engines/{name}/preparation", { path }));
  const going = asked && (!found.data || isBeingMade(found.data.state));
  return (
    <Modal
      open title={t("engines.prepareTitle", { name: engine.engine })} onCancel={onClose} width={640}
      footer={
        <div className="buttons">
          <Button onClick={onClose}>{t("kit.close")}</Button>
          {administrator && going && <Button danger loading={busy} onClick={() => void stop()}>{t("engines.stop")}</Button>}
          {administrator && !going && found.data?.state !== "succeeded" && <Button type="primary" loading={busy} onClick={() => void start()}>{t(asked ? "kit.again" : "engines.prepare")}</Button>}
        </div>
      }
    >
      <div className="stack">
        <p>{t("engines.prepareAbout", { download: bytes(engine.download_mb * MEGABYTE), disk: bytes(engine.disk_mb * MEGABYTE) })}</p>
        {found.data && <div className="copied"><Chip state={found.data.state} /></div>}
        {asked && <Lines lines={(found.data?.lines ?? []).map((line, at) => tell(found.data?.lines_told[at] as Told | null, line))} />}
        {problem && <p className="problem" role="alert">{problem}</p>}
      </div>
    </Modal>
  );
}

/** It stays at its end while it grows. */
function Lines({ lines }: { lines: string[] }) {
  const { t } = useTranslation();
  const place = useRef<HTMLPreElement>(null);
  useEffect(() => {
    place.current?.scrollTo(0, place.current.scrollHeight);
  }, [lines.length]);
  return <pre ref={place} className="told-lines" role="log" aria-label={t("engines.log")} tabIndex={0}>{lines.join("\n") || t("tour.wait")}</pre>;
}
