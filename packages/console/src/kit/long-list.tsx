/** A list of any length in rows of one height, for hand and keyboard; it asks for more when its end comes near. */

import { memo, useEffect, useId, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { useNavigationType } from "react-router";

import { scrolledTo, sight } from "./window";

/** What stays above the rows while they go by. */
const HEAD = 40;

/** Where each list was left, by its name. */
const PLACES = new Map<string, number>();

export function LongList<T>({ name, rows, rowKey, row, rowHeight, head, label, chosen, onToggle, onOpen, onDelete, onEnd, foot }: {
  /** Of what it lists: who goes back finds it where they left it. */
  name: string;
  rows: readonly T[];
  rowKey: (row: T) => string;
  /** The cells of a row, each a `role="gridcell"`. They are drawn anew while one scrolls: plain elements, nothing big. */
  row: (row: T) => ReactNode;
  /** Of every row, in pixels. */
  rowHeight: number;
  head: ReactNode;
  label: string;
  chosen: ReadonlySet<string>;
  onToggle: (row: T, range: boolean) => void;
  onOpen: (row: T) => void;
  onDelete?: () => void;
  /** The end is near. */
  onEnd: () => void;
  foot?: ReactNode;
}) {
  const id = useId();
  const place = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  const [active, setActive] = useState(0);
  useLayoutEffect(() => {
    const box = place.current;
    if (!box) return;
    const watch = new ResizeObserver(() => setHeight(box.clientHeight));
    watch.observe(box);
    return () => watch.disconnect();
  }, []);
  const back = useNavigationType() === "POP";
  useLayoutEffect(() => {
    if (place.current && back) place.current.scrollTop = PLACES.get(name) ?? 0;
  }, [name]); // eslint-disable-line react-hooks/exhaustive-deps -- once, as it is come to
  const before = useRef(rowHeight);
  useLayoutEffect(() => {
    // A telephone that is turned shows what it showed.
    if (place.current && rowHeight !== before.current) place.current.scrollTop = (top * rowHeight) / before.current;
    before.current = rowHeight;
  }, [rowHeight]); // eslint-disable-line react-hooks/exhaustive-deps -- where it was when the height changed
  const { first, end } = sight(top, height, rowHeight, rows.length);
  const near = end >= rows.length - 50;
  useEffect(() => {
    if (near) onEnd();
  }, [near, rows.length, onEnd]);

  const scrolled = (to: number) => {
    PLACES.set(name, to);
    setTop(to);
  };
  const go = (to: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, to));
    setActive(next);
    if (place.current) place.current.scrollTop = scrolledTo(next, place.current.scrollTop, height - HEAD, rowHeight);
  };
  const press = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    const page = Math.max(1, Math.floor((height - HEAD) / rowHeight));
    const steps: Record<string, number> = {
      ArrowDown: active + 1, ArrowUp: active - 1, PageDown: active + page, PageUp: active - page, Home: 0, End: rows.length - 1,
    };
    const here = rows[active];
    if (event.key in steps) go(steps[event.key] ?? 0);
    else if (event.key === "Enter" && here) onOpen(here);
    else if (event.key === " " && here) onToggle(here, event.shiftKey);
    else if (event.key === "Delete" && onDelete) onDelete();
    else return;
    event.preventDefault();
  };
  return (
    <div
      ref={place} className="long" role="grid" aria-label={label} aria-rowcount={rows.length + 1} aria-multiselectable tabIndex={0}
      aria-activedescendant={rows.length ? `${id}-${active}` : undefined}
      onScroll={(event) => scrolled(event.currentTarget.scrollTop)} onKeyDown={press}
    >
      <div className="long-head" role="row" aria-rowindex={1}>{head}</div>
      <div className="long-body" role="rowgroup" style={{ height: rows.length * rowHeight }}>
        {rows.slice(first, end).map((one, at) => {
          const index = first + at;
          const key = rowKey(one);
          return (
            <Row
              key={key} id={`${id}-${index}`} one={one} index={index} height={rowHeight} active={index === active} chosen={chosen.has(key)}
              cells={row as (row: unknown) => ReactNode} onActive={setActive}
            />
          );
        })}
      </div>
      {foot}
    </div>
  );
}

/** Drawn once while it stays in sight. */
const Row = memo(function Row({ id, one, index, height, active, chosen, cells, onActive }: {
  id: string; one: unknown; index: number; height: number; active: boolean; chosen: boolean; cells: (row: unknown) => ReactNode; onActive: (index: number) => void;
}) {
  return (
    <div
      id={id} role="row" aria-rowindex={index + 2} aria-selected={chosen} onMouseDown={() => onActive(index)}
      className={`long-row ${active ? "active" : ""} ${chosen ? "chosen" : ""}`} style={{ height, transform: `translateY(${index * height}px)` }}
    >
      {cells(one)}
    </div>
  );
});
