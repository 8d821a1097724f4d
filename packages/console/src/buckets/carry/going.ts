/** A copy or a move while it is under way: looked at, asked, gone on with, stopped, tried again. */

import { useEffect, useRef, useState } from "react";

import type { Line } from "../lines";
import { carry, look, type Outcome, type Piece, type Plan, type Way } from "./carrying";

export type Stage = "place" | "looking" | "asked" | "going" | "ended";

export interface Sum {
  done: number;
  left: number;
  failed: { piece: Piece; error: unknown }[];
  stopped: boolean;
}

const NOTHING: Sum = { done: 0, left: 0, failed: [], stopped: false };

/** `onDone` when nothing is left to be done or decided. */
export function useCarrying(move: boolean, onDone: (sum: Sum) => void) {
  const [stage, setStage] = useState<Stage>("place");
  const [plan, setPlan] = useState<Plan>();
  const [sum, setSum] = useState<Sum>(NOTHING);
  const [problem, setProblem] = useState<unknown>();
  const ends = useRef<AbortController | null>(null);
  /** What still has to go. */
  const rest = useRef<Piece[]>([]);
  useEffect(() => () => ends.current?.abort(), []);
  useStaying(stage === "going");

  const forget = () => {
    ends.current?.abort();
    setStage("place");
    setPlan(undefined);
    setProblem(undefined);
    setSum(NOTHING);
  };
  const go = async (way: Way, replace: boolean) => {
    const mine = new AbortController();
    ends.current = mine;
    const told: Sum = { ...sum, failed: [], stopped: false };
    const left = new Set(rest.current);
    setStage("going");
    setSum({ ...told });
    const tell = (piece: Piece, outcome: Outcome) => {
      if (typeof outcome === "string") left.delete(piece);
      if (outcome === "done") told.done += 1;
      else if (outcome === "left") told.left += 1;
      else told.failed = [...told.failed, outcome];
      setSum({ ...told });
    };
    await carry([...left], way, { move, replace, signal: mine.signal, tell });
    rest.current = [...left];
    told.stopped = mine.signal.aborted && left.size > told.failed.length;
    setSum({ ...told });
    if (left.size === 0) onDone(told);
    else setStage("ended");
  };
  const begin = async (lines: readonly Line[], way: Way) => {
    const mine = new AbortController();
    ends.current = mine;
    setStage("looking");
    setProblem(undefined);
    try {
      const found = await look(lines, way, mine.signal);
      if (mine.signal.aborted) return setStage("place");
      rest.current = found.pieces;
      setPlan(found);
      if (found.taken.size > 0) setStage("asked");
      else await go(way, false);
    } catch (error) {
      if (!mine.signal.aborted) setProblem(error);
      setStage("place");
    }
  };
  return { stage, plan, sum, problem, forget, look: (lines: readonly Line[], way: Way) => void begin(lines, way), go: (way: Way, replace: boolean) => void go(way, replace), stop: () => ends.current?.abort() };
}

/** Whoever leaves the console is asked first. */
function useStaying(busy: boolean): void {
  useEffect(() => {
    if (!busy) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [busy]);
}
