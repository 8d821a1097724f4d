/** Colours and measures, once for light and once for dark; our own CSS reads them as variables, antd as tokens. */

import { theme, type ThemeConfig } from "antd";

export const THEMES = ["light", "dark", "system"] as const;
export type Theme = (typeof THEMES)[number];
const KEPT = "maquette-theme";

const LIGHT = {
  page: "#f4f5f8",
  card: "#ffffff",
  raised: "#ffffff",
  line: "#e2e5ec",
  text: "#1a2130",
  quiet: "#566074",
  accent: "#2f57d6",
  accentHover: "#2447b8",
  link: "#2a50c8",
  soft: "#e9eefc",
  good: "#1a7a48",
  goodSoft: "#e2f4ea",
  bad: "#bf2b2b",
  badHover: "#9f2020",
  badSoft: "#fcebea",
  wait: "#8a5a00",
  waitSoft: "#fbf0d9",
  go: "#1f5fbf",
  goSoft: "#e4effc",
  off: "#566074",
  offSoft: "#eceef3",
};
const DARK: typeof LIGHT = {
  page: "#0f131a",
  card: "#171c26",
  raised: "#1e2532",
  line: "#2b3342",
  text: "#e5e9f0",
  quiet: "#9ca6b8",
  accent: "#3f66de",
  accentHover: "#456ce0",
  link: "#8fadff",
  soft: "#1f2b4d",
  good: "#6fd39b",
  goodSoft: "#17362a",
  bad: "#ff8f88",
  badHover: "#ffaaa5",
  badSoft: "#3f1f22",
  wait: "#e8bd62",
  waitSoft: "#3a2e15",
  go: "#86b7ff",
  goSoft: "#1a2f4f",
  off: "#9ca6b8",
  offSoft: "#262d3a",
};
const FONT =
  'system-ui, -apple-system, "Segoe UI", Roboto, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif';

export function keptTheme(): Theme {
  const kept = localStorage.getItem(KEPT);
  return kept === "light" || kept === "dark" ? kept : "system";
}

export function keepTheme(chosen: Theme): void {
  localStorage.setItem(KEPT, chosen);
}

export const darkWish = matchMedia("(prefers-color-scheme: dark)");

export function isDark(chosen: Theme): boolean {
  return chosen === "dark" || (chosen === "system" && darkWish.matches);
}

export function paint(dark: boolean): void {
  const root = document.documentElement;
  root.dataset.theme = dark ? "dark" : "light";
  root.style.setProperty("color-scheme", dark ? "dark" : "light");
  for (const [name, colour] of Object.entries(dark ? DARK : LIGHT)) root.style.setProperty(`--${name}`, colour);
  root.style.setProperty("--font", FONT);
}

/** Who asked for less motion gets none. */
const calm = matchMedia("(prefers-reduced-motion: reduce)");

export function tokens(dark: boolean): ThemeConfig {
  const colours = dark ? DARK : LIGHT;
  return {
    algorithm: dark ? theme.darkAlgorithm : theme.defaultAlgorithm,
    cssVar: { key: "maquette" },
    hashed: false,
    token: {
      colorPrimary: colours.accent,
      colorPrimaryHover: colours.accentHover,
      colorLink: colours.link,
      colorLinkHover: colours.link,
      colorText: colours.text,
      colorTextSecondary: colours.quiet,
      colorTextTertiary: colours.quiet,
      colorTextDescription: colours.quiet,
      colorTextPlaceholder: colours.quiet,
      colorBgLayout: colours.page,
      colorBgContainer: colours.card,
      colorBgElevated: colours.raised,
      colorBorderSecondary: colours.line,
      colorSuccess: colours.good,
      colorError: colours.bad,
      colorErrorHover: colours.badHover,
      colorWarning: dark ? colours.wait : "#b57700",
      fontFamily: FONT,
      fontSize: 14,
      borderRadius: 8,
      controlHeight: 34,
      wireframe: false,
      motion: !calm.matches,
    },
    components: {
      // What antd makes of a red for dark pages is too dark to be read on them.
      Form: { colorError: colours.bad },
      Dropdown: { colorError: colours.bad },
      Table: {
        headerBg: "transparent",
        headerColor: colours.quiet,
        headerSplitColor: "transparent",
        cellPaddingBlock: 11,
        headerSortActiveBg: "transparent",
        headerSortHoverBg: "transparent",
        bodySortBg: "transparent",
        rowHoverBg: colours.page,
      },
      Button: { colorError: colours.bad, primaryShadow: "none", defaultShadow: "none", dangerShadow: "none", fontWeight: 500 },
      Slider: { handleColor: colours.accent, handleActiveColor: colours.link, trackBg: colours.accent, trackHoverBg: colours.accent, railBg: colours.offSoft, railHoverBg: colours.line },
      Tabs: { itemSelectedColor: colours.link, itemHoverColor: colours.link, itemActiveColor: colours.link, inkBarColor: colours.link },
      Checkbox: { borderRadiusSM: 4 },
      Modal: { titleFontSize: 17 },
    },
  };
}
