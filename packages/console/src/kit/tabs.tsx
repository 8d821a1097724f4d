/** Parts of a page of which one is shown: a strip that scrolls where it is too long, for hand and keyboard. */

import { useEffect, useId, useRef, type KeyboardEvent, type ReactNode } from "react";

import "./tabs.css";

export interface Tab<K extends string> {
  key: K;
  label: string;
  part: ReactNode;
}

export function TabParts<K extends string>({ tabs, here, onHere, label }: { tabs: Tab<K>[]; here: K; onHere: (key: K) => void; label: string }) {
  const id = useId();
  const strip = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Only the strip moves: one that lies below what is in sight would take the page along.
    const tab = strip.current?.querySelector<HTMLElement>("[aria-selected=true]");
    if (strip.current && tab) strip.current.scrollLeft = tab.offsetLeft - strip.current.offsetLeft - (strip.current.clientWidth - tab.offsetWidth) / 2;
  }, [here]);
  const press = (event: KeyboardEvent) => {
    // From where the focus is: the part may not be shown yet when the next key comes.
    const at = tabs.findIndex((tab) => tab.key === (event.target as HTMLElement).dataset.key);
    const to: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 };
    const next = tabs[((to[event.key] ?? at) + tabs.length) % tabs.length];
    if (!(event.key in to) || !next) return;
    event.preventDefault();
    onHere(next.key);
    strip.current?.querySelector<HTMLElement>(`[data-key="${next.key}"]`)?.focus();
  };
  const shown = tabs.find((tab) => tab.key === here);
  return (
    <div className="tab-parts">
      <div ref={strip} role="tablist" aria-label={label} className="tab-strip" onKeyDown={press}>
        {tabs.map((tab) => (
          <button
            key={tab.key} type="button" role="tab" id={`${id}-${tab.key}`} data-key={tab.key} aria-selected={tab.key === here}
            aria-controls={tab.key === here ? `${id}-part` : undefined} tabIndex={tab.key === here ? 0 : -1} onClick={() => onHere(tab.key)}
          >
            {tab.label}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-part`} aria-labelledby={`${id}-${here}`} key={here}>{shown?.part}</div>
    </div>
  );
}
