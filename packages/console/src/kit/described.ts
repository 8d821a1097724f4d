/** What somebody wrote of a thing, as they wrote it; what `maquette demo` writes, in the reader's language. */

import type { TFunction } from "i18next";

export const DEMO = "Made by `maquette demo`";

export const described = (text: string, t: TFunction): string => (text === DEMO ? t("kit.byDemo") : text);
