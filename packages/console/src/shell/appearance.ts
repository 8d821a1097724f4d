/** Whether it is light or dark here, and who chose that. */

import { createContext, useContext } from "react";

import type { Theme } from "./theme";

export interface Appearance {
  theme: Theme;
  dark: boolean;
  choose: (theme: Theme) => void;
}

export const AppearanceContext = createContext<Appearance>({ theme: "system", dark: false, choose: () => undefined });

export function useAppearance(): Appearance {
  return useContext(AppearanceContext);
}
