/** Where each page of this tab's history was scrolled to: who goes back, or loads it anew, finds the place again. */

import { useLayoutEffect, useRef, type RefObject } from "react";
import { useLocation, useNavigationType } from "react-router";

const KEPT = "maquette-places";
const MOST = 200;
/** What somebody does who has gone on to read: from then on nothing moves under their eyes. */
const HANDS = ["wheel", "touchstart", "pointerdown", "keydown"] as const;

const places = new Map<string, number>(recalled());
addEventListener("pagehide", () => sessionStorage.setItem(KEPT, JSON.stringify([...places].slice(-MOST))));

/** `box` scrolls; `inside` grows as what the page shows arrives. */
export function usePlace(box: RefObject<HTMLElement | null>, inside: RefObject<HTMLElement | null>): void {
  const { key, pathname, search } = useLocation();
  const went = useNavigationType();
  const here = useRef({ key: "", pathname: "", page: "" });
  const leading = useRef<(() => void) | null>(null);
  useLayoutEffect(() => {
    const [scrolls, grows] = [box.current, inside.current];
    if (!scrolls || !grows) return;
    const page = new URLSearchParams(search).get("page") ?? "";
    const before = here.current;
    here.current = { key, pathname, page };
    const back = went === "POP" ? places.get(key) : undefined;
    const other = before.pathname !== pathname || before.page !== page;
    if (back === undefined && !other) return note(key, scrolls.scrollTop);
    leading.current?.();
    leading.current = lead(scrolls, grows, back ?? 0, () => {
      leading.current = null;
    });
  }, [box, inside, key, pathname, search, went]);
  useLayoutEffect(() => {
    const scrolls = box.current;
    const noted = () => leading.current ?? note(here.current.key, scrolls?.scrollTop ?? 0);
    scrolls?.addEventListener("scroll", noted, { passive: true });
    return () => {
      scrolls?.removeEventListener("scroll", noted);
      leading.current?.();
    };
  }, [box]);
}

function note(key: string, top: number): void {
  places.delete(key);
  places.set(key, top);
}

/** To the place, as soon as what is shown is long enough; the answer gives up. */
function lead(box: HTMLElement, inside: HTMLElement, top: number, then: () => void): (() => void) | null {
  const arrived = () => {
    box.scrollTop = top;
    return box.scrollTop > top - 2;
  };
  if (arrived()) return null;
  const ending = new AbortController();
  const grown = new ResizeObserver(() => arrived() && stop());
  const stop = () => {
    ending.abort();
    grown.disconnect();
    then();
  };
  grown.observe(inside);
  for (const hand of HANDS) addEventListener(hand, stop, { passive: true, capture: true, signal: ending.signal });
  return stop;
}

/** Of an address that is opened anew nothing is. */
function recalled(): [string, number][] {
  const [loaded] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  const kept = sessionStorage.getItem(KEPT);
  return kept && loaded && ["reload", "back_forward"].includes(loaded.type) ? (JSON.parse(kept) as [string, number][]) : [];
}
