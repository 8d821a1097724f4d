/** Whether the server answered when it was asked last: the frame says when it does not, and asks until it does. */

import { useSyncExternalStore } from "react";

let lost = false;
const watching = new Set<() => void>();

export function noteAnswer(answered: boolean): void {
  if (lost !== answered) return;
  lost = !answered;
  for (const told of watching) told();
}

export function useLost(): boolean {
  return useSyncExternalStore(watch, () => lost);
}

function watch(told: () => void): () => void {
  watching.add(told);
  return () => watching.delete(told);
}
