/** For what must not be done twice: the second of two quick clicks comes before the button shows that the first one counts. */

import { useRef } from "react";

export function useOnce<Given extends unknown[]>(work: (...given: Given) => Promise<unknown>): (...given: Given) => Promise<void> {
  const under = useRef(false);
  return async (...given) => {
    if (under.current) return;
    under.current = true;
    try {
      await work(...given);
    } finally {
      under.current = false;
    }
  };
}
