/** What the address tells behind its "?": read as it is drawn, changed as it stands. Two changes at once, or one while the
 * page still draws the one before, are both kept; react-router's own setter begins with what was drawn last. */

import { useCallback } from "react";
import { useNavigate, useSearchParams } from "react-router";

/** By name; what is empty is taken away. */
export type Change = Record<string, string> | ((told: URLSearchParams) => URLSearchParams);

/** Where the last change leads, until the router has gone there. */
let asked: { path: string; search: string } | null = null;

/** With `back` who goes back finds what was shown before; else the change takes its place. */
export function useAddress(): [URLSearchParams, (change: Change, back?: boolean) => void] {
  const [told] = useSearchParams();
  const go = useNavigate();
  const change = useCallback((wanted: Change, back = false) => {
    const { pathname: path, search: drawn } = window.location;
    const mine = { path, search: changed(asked?.path === path ? asked.search : drawn, wanted) };
    asked = mine;
    const there = () => {
      if (asked === mine) asked = null;
    };
    void Promise.resolve(go({ search: mine.search }, { replace: !back })).finally(there);
  }, [go]);
  return [told, change];
}

export function changed(search: string, wanted: Change): string {
  const told = new URLSearchParams(search);
  if (typeof wanted === "function") return wanted(told).toString();
  for (const [name, value] of Object.entries(wanted)) value ? told.set(name, value) : told.delete(name);
  return told.toString();
}
