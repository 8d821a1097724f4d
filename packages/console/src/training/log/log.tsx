/** The log of a run: live, of any length, with colours; one searches, wraps, follows and downloads. */

import { Button, Checkbox, Input } from "antd";
import { memo, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";

import { call, filled } from "../../api/call";
import { Empty, Loading } from "../../kit/faces";
import { DownloadOutlined, DownOutlined, SearchOutlined, UpOutlined } from "../../kit/icons";
import { count } from "../../kit/size";
import { sight } from "../../kit/window";
import { tellError } from "../../words/errors";
import type { VersionRun } from "../jobs";
import { useRun } from "../job/run";
import { marked, pieces } from "./ansi";
import { useLog, type Followed } from "./follow";
import { Rows } from "./lines";
import "./log.css";

const ROW = 20;
const BESIDE = 72 + 16;
const MOST_FOUND = 1000;

export function Log({ runs, names }: { runs: VersionRun[]; names: (run: VersionRun) => string }) {
  const { t } = useTranslation();
  const { run, choice } = useRun(runs, names);
  if (!run) return <Empty title={t("log.none")} about={t("log.noneAbout")} />;
  return <OneLog key={run.id} run={run} choice={choice} />;
}

function OneLog({ run, choice }: { run: VersionRun; choice: React.ReactNode }) {
  const { t } = useTranslation();
  const log = useLog(run.id);
  const [wrap, setWrap] = useState(true);
  const [follow, setFollow] = useState(true);
  const [line, setLine] = useState(0);
  const [wanted, setWanted] = useState("");
  const go = useCallback((to: number) => {
    setFollow(false);
    setLine(to);
  }, []);
  const download = `${filled("/maquette/{project_id}/runs/{id}/log", { id: run.id })}?download=true`;
  return (
    <div className="log-card">
      <div className="log-tools">
        {choice}
        <Find runId={run.id} changes={log.over ? 0 : Math.floor(log.changes / 50)} wanted={wanted} onWanted={setWanted} onLine={go} />
        <span className="spring" />
        <Checkbox checked={wrap} onChange={(event) => setWrap(event.target.checked)}>{t("log.wrap")}</Checkbox>
        <Checkbox checked={follow} onChange={(event) => setFollow(event.target.checked)}>{t("log.follow")}</Checkbox>
        <Button icon={<DownloadOutlined />} href={download}>{t("buckets.download")}</Button>
      </div>
      {log.left > 0 && <p className="log-note">{t("log.onlyEnd")}</p>}
      {!log.ready && log.lines.all.length === 0 ? <Loading />
        : log.lines.all.length === 0 ? <Empty title={t("log.empty")} about={t(log.over ? "log.emptyOver" : run.state === "queued" ? "log.emptyQueued" : run.state === "preparing" ? "log.emptyPreparing" : "log.emptyYet")} />
        : <Text log={log} wrap={wrap} follow={follow} onFollow={setFollow} line={line} wanted={wanted} />}
      <div className="log-foot">
        <span>{t("log.lines", { count: log.lines.last, told: count(log.lines.last) })}</span>
        <span role="status">{t(log.broken ? "log.broken" : log.over ? "log.over" : log.ready ? "log.live" : "kit.loading")}</span>
      </div>
    </div>
  );
}

/** Where the log's window is, how large, and how many signs of one width it holds. */
function useWindow() {
  const place = useRef<HTMLDivElement>(null);
  const probe = useRef<HTMLSpanElement>(null);
  const [top, setTop] = useState(0);
  const [size, setSize] = useState({ height: 500, columns: 100 });
  useLayoutEffect(() => {
    const box = place.current;
    if (!box) return;
    const measure = () => {
      const sign = (probe.current?.getBoundingClientRect().width ?? 750) / 100;
      setSize({ height: box.clientHeight, columns: Math.max(10, Math.floor((box.clientWidth - BESIDE) / sign)) });
    };
    const watch = new ResizeObserver(measure);
    watch.observe(box);
    return () => watch.disconnect();
  }, []);
  return { place, probe, top, setTop, ...size };
}

function Text({ log, wrap, follow, onFollow, line, wanted }: {
  log: Followed; wrap: boolean; follow: boolean; onFollow: (follow: boolean) => void; line: number; wanted: string;
}) {
  const { t } = useTranslation();
  const { place, probe, top, setTop, height, columns } = useWindow();
  const { lines } = log;
  const rows = useMemo(() => new Rows(lines, wrap ? columns : Infinity), [lines, wrap, columns]);
  rows.measure();
  const inSight = sight(top, height, ROW, rows.total);
  const [first, last] = [rows.at(inSight.first), rows.at(Math.max(0, inSight.end - 1))];
  useLayoutEffect(() => {
    const box = place.current;
    if (follow && box) box.scrollTop = box.scrollHeight;
  }, [place, follow, log.changes, rows, height]);
  useEffect(() => {
    const box = place.current;
    if (box && line >= lines.first) box.scrollTop = Math.max(0, rows.top(line - lines.first) * ROW - height / 3);
  }, [place, line, lines, rows, height]);
  const scrolled = (box: HTMLDivElement) => {
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < ROW;
    if (!atEnd && follow && box.scrollTop < top) onFollow(false);
    setTop(box.scrollTop);
  };
  return (
    <div
      ref={place} className={wrap ? "log wrapped" : "log"} tabIndex={0} role="log" aria-live="off" aria-label={t("jobs.tabs.log")}
      onScroll={(event) => scrolled(event.currentTarget)}
    >
      <span ref={probe} className="log-probe" aria-hidden>{"0".repeat(100)}</span>
      <div className="log-body" style={{ height: rows.total * ROW }}>
        {lines.all.slice(first, last + 1).map((text, at) => {
          const number = lines.first + first + at;
          return <Line key={number} number={number} text={text} top={rows.top(first + at)} here={number === line} wanted={wanted} />;
        })}
      </div>
    </div>
  );
}

const Line = memo(function Line({ number, text, top, here, wanted }: { number: number; text: string; top: number; here: boolean; wanted: string }) {
  return (
    <div className={here ? "log-line here" : "log-line"} style={{ transform: `translateY(${top * ROW}px)` }}>
      <span className="log-number" aria-hidden>{number}</span>
      <span className="log-text">
        {marked(pieces(text), wanted).map((piece, at) => (piece.looks ? <span key={at} className={piece.looks}>{piece.text}</span> : piece.text))}
      </span>
    </div>
  );
});

/** Looks through the whole log on the server, also through what is not shown. */
function Find({ runId, changes, wanted, onWanted, onLine }: {
  runId: string; changes: number; wanted: string; onWanted: (text: string) => void; onLine: (line: number) => void;
}) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [found, setFound] = useState<{ numbers: number[]; more: boolean; problem?: string }>();
  const [at, setAt] = useState(0);
  useEffect(() => {
    const timer = setTimeout(() => onWanted(text), 250);
    return () => clearTimeout(timer);
  }, [text, onWanted]);
  useEffect(() => setAt(0), [wanted]);
  useEffect(() => {
    if (!wanted) return setFound(undefined);
    const gone = new AbortController();
    const query = { text: wanted, limit: MOST_FOUND };
    call("GET /maquette/{project_id}/runs/{id}/log/search", { path: { id: runId }, query, signal: gone.signal })
      .then((told) => setFound({ numbers: told.lines.map((one) => one.line), more: told.next_line !== null }))
      .catch((error: unknown) => {
        if (!gone.signal.aborted) setFound({ numbers: [], more: false, problem: tellError(error, t) });
      });
    return () => gone.abort();
  }, [runId, wanted, changes, t]);
  const total = found?.numbers.length ?? 0;
  const step = (by: number) => {
    if (!total) return;
    const next = at === 0 && by < 0 ? total : ((at - 1 + by + total) % total) + 1;
    setAt(next);
    onLine(found?.numbers[next - 1] ?? 0);
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "Enter") step(event.shiftKey ? -1 : 1);
  };
  return (
    <>
      <Input
        className="search" allowClear prefix={<SearchOutlined />} value={text} placeholder={t("kit.search")} aria-label={t("log.find")}
        onChange={(event) => setText(event.target.value)} onKeyDown={press}
      />
      {wanted && found && (
        <span className="log-find" role="status">
          {total === 0 ? (found.problem ?? t("kit.nothingFound")) : t("log.place", { at: count(at), total: count(total) + (found.more ? "+" : "") })}
          <Button type="text" size="small" icon={<UpOutlined />} disabled={!total} aria-label={t("log.previous")} onClick={() => step(-1)} />
          <Button type="text" size="small" icon={<DownOutlined />} disabled={!total} aria-label={t("log.next")} onClick={() => step(1)} />
        </span>
      )}
    </>
  );
}
