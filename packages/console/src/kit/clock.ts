/** Clocks that pages share: one for each pace, and it ticks only while somebody looks. */

export interface Clock {
  listen: (listener: () => void) => () => void;
  /** Seconds since 1970, as of the last tick. */
  read: () => number;
}

export function clockOf(milliseconds: number): Clock {
  let now = Date.now() / 1000;
  const listeners = new Set<() => void>();
  let ticking: ReturnType<typeof setInterval> | undefined;
  const listen = (listener: () => void) => {
    listeners.add(listener);
    ticking ??= setInterval(() => {
      now = Date.now() / 1000;
      for (const one of listeners) one();
    }, milliseconds);
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0) return;
      clearInterval(ticking);
      ticking = undefined;
    };
  };
  return { listen, read: () => now };
}
