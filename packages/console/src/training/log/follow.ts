/** A log as the server's events tell it: from the beginning where it is short, else its end; it misses nothing. */

import { useEffect, useMemo, useRef, useState } from "react";

import { call, filled } from "../../api/call";
import { Lines } from "./lines";

/** A longer log is shown from here on before its end. */
const MOST_BYTES = 24 << 20;

export interface Followed {
  lines: Lines;
  /** Grows with the lines. */
  changes: number;
  /** Bytes before the first one that is shown. */
  left: number;
  /** All that was there has come. */
  ready: boolean;
  /** The run has ended: nothing more will come. */
  over: boolean;
  broken: boolean;
}

export function useLog(runId: string): Followed {
  const lines = useMemo(() => new Lines(), [runId]); // eslint-disable-line
  const [changes, setChanges] = useState(0);
  const [state, setState] = useState({ left: 0, ready: false, over: false, broken: false });
  const frame = useRef(0);
  useEffect(() => {
    const change = (told: Partial<typeof state>) => setState((now) => ({ ...now, ...told }));
    setState({ left: 0, ready: false, over: false, broken: false });
    const draw = () => {
      frame.current ||= requestAnimationFrame(() => {
        frame.current = 0;
        setChanges(lines.changes);
      });
    };
    const gone = new AbortController();
    let source: EventSource | undefined;
    void call("GET /maquette/{project_id}/runs/{id}", { path: { id: runId }, signal: gone.signal }).then((run) => {
      const left = Math.max(0, run.log_bytes - MOST_BYTES);
      change({ left, ready: run.log_bytes === 0 });
      source = new EventSource(filled("/maquette/{project_id}/runs/{id}/log/stream", { id: runId }) + `?start=${left}`);
      let cut = left > 0;
      let caught = run.log_bytes === 0;
      source.onmessage = (event: MessageEvent<string>) => {
        lines.add((JSON.parse(event.data) as { text: string }).text);
        if (cut) lines.cutFirst();
        cut = false;
        if (!caught && Number(event.lastEventId) >= run.log_bytes) {
          caught = true;
          change({ ready: true, broken: false });
          if (left > 0) void countFrom(lines, runId, gone.signal).then(draw);
        }
        draw();
      };
      source.addEventListener("end", () => {
        source?.close();
        change({ over: true, ready: true, broken: false });
      });
      // Not for good: a browser comes back by itself, with the place where it was.
      source.onerror = () => change({ broken: true });
      source.onopen = () => change({ broken: false });
    }).catch(() => change({ broken: true, ready: true }));
    return () => {
      gone.abort();
      source?.close();
      cancelAnimationFrame(frame.current);
      frame.current = 0;
    };
  }, [runId, lines]);
  return { lines, changes, ...state };
}

/** Of a log whose beginning is left out, the server tells which line is its last. */
async function countFrom(lines: Lines, runId: string, signal: AbortSignal): Promise<void> {
  const held = lines.all.length;
  const found = await call("GET /maquette/{project_id}/runs/{id}/log/lines", { path: { id: runId }, query: { lines: 1, order: "desc" }, signal });
  lines.countFrom(found.last_line + lines.all.length - held);
}
