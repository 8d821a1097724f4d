/** Whether somebody is on the tour in this browser: then every page shows the way back, and Home offers to go on. */

import { useSyncExternalStore } from "react";

const KEPT = "maquette-tour";
export type Underway = "" | "on" | "left";
const listeners = new Set<() => void>();

function read(): Underway {
  const kept = localStorage.getItem(KEPT);
  return kept === "on" || kept === "left" ? kept : "";
}

/** `left` is for who wants to hear no more of it. */
export function keepUnderway(underway: Underway): void {
  if (underway) localStorage.setItem(KEPT, underway);
  else localStorage.removeItem(KEPT);
  for (const one of listeners) one();
}

export function useUnderway(): Underway {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, read);
}
