/** The language and the theme that somebody chooses: shown once the server keeps them, so that a reload shows the same. */

import { App } from "antd";
import { useTranslation } from "react-i18next";

import { call } from "../api/call";
import { keepLanguage, SERVERS, speak, type Language } from "../words";
import { tellError } from "../words/errors";
import { useAppearance } from "./appearance";
import type { Theme } from "./theme";

export function useChoices() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const { choose } = useAppearance();
  const attempt = (work: () => Promise<void>) => void work().catch((error: unknown) => message.error(tellError(error, t)));
  const chooseLanguage = (language: Language) => attempt(async () => {
    await call("PUT /maquette/session/profile", { body: { language: SERVERS[language] } });
    keepLanguage(language);
    await speak(language);
  });
  const chooseTheme = (theme: Theme) => attempt(async () => {
    await call("PUT /maquette/session/profile", { body: { theme } });
    choose(theme);
  });
  return { chooseLanguage, chooseTheme };
}
