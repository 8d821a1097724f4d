/** What a list shows of all there is, kept in the address: who goes back, or sends the link, sees the same. */

import { useAddress } from "./address";

export interface ListState {
  page: number;
  size: number;
  sort: string;
  descending: boolean;
  text: string;
}

export const SIZES = [20, 50, 100];
const DEFAULT: ListState = { page: 1, size: 20, sort: "", descending: false, text: "" };

export function readListState(told: URLSearchParams, first: Partial<ListState> = {}): ListState {
  const usual = { ...DEFAULT, ...first };
  const page = Number(told.get("page"));
  const size = Number(told.get("size"));
  return {
    page: Number.isInteger(page) && page > 0 ? page : usual.page,
    size: SIZES.includes(size) ? size : usual.size,
    sort: told.get("sort") ?? usual.sort,
    descending: told.has("order") ? told.get("order") === "desc" : usual.descending,
    text: told.get("q") ?? usual.text,
  };
}

/** Only what differs from the usual is written; what else stands in the address stays. */
export function writeListState(told: URLSearchParams, state: ListState, first: Partial<ListState> = {}): URLSearchParams {
  const usual = { ...DEFAULT, ...first };
  const next = new URLSearchParams(told);
  const set = (name: string, value: string, same: boolean) => (same ? next.delete(name) : next.set(name, value));
  set("page", String(state.page), state.page === usual.page);
  set("size", String(state.size), state.size === usual.size);
  set("sort", state.sort, state.sort === usual.sort);
  set("order", state.descending ? "desc" : "asc", state.descending === usual.descending && state.sort === usual.sort);
  set("q", state.text, state.text === usual.text);
  return next;
}

export function useListState(first: Partial<ListState> = {}): [ListState, (change: Partial<ListState>) => void] {
  const [told, tell] = useAddress();
  const change = (wanted: Partial<ListState>) => tell((now) => writeListState(now, { ...readListState(now, first), page: 1, ...wanted }, first));
  return [readListState(told, first), change];
}

export interface Part<T> {
  rows: T[];
  total: number;
}

/** A page of a list that the server sends as a whole. */
export function partOf<T>(all: readonly T[], state: ListState, words: (row: T) => string, by: Record<string, (row: T) => string | number>): Part<T> {
  const wanted = state.text.trim().toLocaleLowerCase();
  const found = wanted ? all.filter((row) => words(row).toLocaleLowerCase().includes(wanted)) : [...all];
  const key = by[state.sort];
  if (key) {
    const sign = state.descending ? -1 : 1;
    found.sort((one, other) => sign * compare(key(one), key(other)));
  }
  return { rows: found.slice((state.page - 1) * state.size, state.page * state.size), total: found.length };
}

function compare(one: string | number, other: string | number): number {
  if (typeof one === "number" && typeof other === "number") return one - other;
  return String(one).localeCompare(String(other), undefined, { numeric: true });
}
