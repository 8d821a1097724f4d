/** Signs for the rows of long lists: a drawing and no more, so that a thousand of them cost nothing. */

import type { ReactNode } from "react";

function Sign({ children, filled = false }: { children: ReactNode; filled?: boolean }) {
  return (
    <svg
      className="sign" viewBox="0 0 16 16" width="16" height="16" aria-hidden fill={filled ? "currentColor" : "none"}
      stroke={filled ? "none" : "currentColor"} strokeWidth="1.3" strokeLinecap="round" strokeLinejoin="round"
    >
      {children}
    </svg>
  );
}

export const FOLDER = <Sign filled><path d="M1.5 4A1.5 1.5 0 0 1 3 2.5h3.2l1.6 1.8H13A1.5 1.5 0 0 1 14.5 5.8V12a1.5 1.5 0 0 1-1.5 1.5H3A1.5 1.5 0 0 1 1.5 12z" /></Sign>;
export const FILE = <Sign><path d="M9.5 1.5h-5A1 1 0 0 0 3.5 2.500v11a1 1 0 0 0 1 1h7a1 1 0 0 0 1-1v-9zM9.5 1.500v3h3" /></Sign>;
export const TEXT = <Sign><path d="M9.5 1.5h-5a1 1 0 0 0-1 1v11a1 1 0 0 0 1 1h7a1 1 0 0 0 1-1v-9zM9.5 1.5v3h3M6 8h4M6 11h4" /></Sign>;
export const PICTURE = <Sign><path d="M3 2.500h10a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H3a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1zM2 11.500l3.5-3.5 3 3 2-2 3.5 3.5" /><circle cx="10.7" cy="5.7" r="1" /></Sign>;
export const DOWNLOAD = <Sign><path d="M8 2v8M4.8 7 8 10.2 11.2 7M2.5 13.500h11" /></Sign>;
export const COPY = <Sign><path d="M5.5 5.500h7a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1h-7a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1zM2.5 11V3a1.5 1.5 0 0 1 1.5-1.500h7" /></Sign>;
