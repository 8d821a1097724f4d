/** In which order the sides of a service's boxes are read: what was chosen for one answer counts for the next, also after a reload. */

import { useCallback, useSyncExternalStore } from "react";

import { keep, kept } from "../../kit/kept";
import { ORDERS, type Order } from "./detections";

const listeners = new Set<() => void>();
const nameOf = (service: string) => `boxes-${service}`;

/** null: as such a name usually means; so is what an older console, or a hand, has written down. */
export const known = (told: { order?: unknown } | null): Order | null => ORDERS.find((one) => one === told?.order) ?? null;

function listen(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useOrder(service: string): [Order | null, (order: Order) => void] {
  const order = useSyncExternalStore(listen, () => known(kept(nameOf(service))));
  const choose = useCallback((wanted: Order) => {
    keep(nameOf(service), { order: wanted });
    for (const listener of listeners) listener();
  }, [service]);
  return [order, choose];
}
