/** A call while it is under way. */

import { useCallback, useRef, useState } from "react";

import { Refusal } from "../../api/call";
import { leadToSignIn } from "../../api/session";
import { ask, type Sent } from "./ask";
import { keep } from "./history";

export interface Running {
  /** The moment, in milliseconds of the page; null while none is under way. */
  began: number | null;
  /** Why there was no answer at all. */
  problem: unknown;
  send: (sent: Sent) => Promise<void>;
  cancel: () => void;
}

export function useCall(service: string, onAnswer: () => void): Running {
  const [began, setBegan] = useState<number | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const ends = useRef<AbortController | null>(null);
  const send = useCallback(async (sent: Sent) => {
    if (ends.current) return;
    const mine = new AbortController();
    ends.current = mine;
    setBegan(performance.now());
    setProblem(null);
    try {
      keep(service, await ask(service, sent, mine.signal));
      onAnswer();
    } catch (error) {
      if (error instanceof Refusal && error.status === 401) leadToSignIn();
      setProblem(error);
    }
    ends.current = null;
    setBegan(null);
  }, [service, onAnswer]);
  const cancel = useCallback(() => ends.current?.abort(), []);
  return { began, problem, send, cancel };
}

export const wasCancelled = (problem: unknown) => problem instanceof DOMException && problem.name === "AbortError";
