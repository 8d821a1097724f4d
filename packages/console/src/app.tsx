/** The console: what every page stands on, and the pages. */

import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { App as Surroundings, ConfigProvider } from "antd";
import type { Locale } from "antd/es/locale";
import english from "antd/es/locale/en_US";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { RouterProvider } from "react-router/dom";

import { Refusal } from "./api/call";
import { leadToSignIn, worthAnotherTry } from "./api/session";
import { router } from "./menu";
import { AppearanceContext, type Appearance } from "./shell/appearance";
import { pageNonce } from "./shell/nonce";
import { darkWish, isDark, keepTheme, keptTheme, paint, tokens, type Theme } from "./shell/theme";
import type { Language } from "./words";

const LOCALES: Record<Language, () => Promise<{ default: Locale }>> = {
  "zh-CN": () => import("antd/es/locale/zh_CN"),
  en: () => Promise.resolve({ default: english }),
};
const CSP = { nonce: pageNonce() };

const queries = new QueryClient({
  queryCache: new QueryCache({
    onError: (error) => {
      if (error instanceof Refusal && error.status === 401) leadToSignIn();
    },
  }),
  defaultOptions: { queries: { staleTime: 2000, retry: worthAnotherTry }, mutations: { retry: false } },
});

export function App() {
  const { i18n } = useTranslation();
  const [locale, setLocale] = useState<Locale>(english);
  const appearance = useAppearance();
  const language = i18n.language as Language;
  useEffect(() => {
    void LOCALES[language]().then((found) => setLocale(found.default));
  }, [language]);
  return (
    <ConfigProvider
      csp={CSP}
      locale={locale} // never none: antd would build the whole page anew once it comes, and lose what was begun
      theme={tokens(appearance.dark)}
      button={{ autoInsertSpace: false }}
      // A ring that runs away from a button says nothing that its own change of colour does not.
      wave={{ disabled: true }}
    >
      <AppearanceContext value={appearance}>
        <QueryClientProvider client={queries}>
          <Surroundings component={false} message={{ maxCount: 3 }}>
            <RouterProvider router={router} />
          </Surroundings>
        </QueryClientProvider>
      </AppearanceContext>
    </ConfigProvider>
  );
}

function useAppearance(): Appearance {
  const [theme, setTheme] = useState<Theme>(keptTheme);
  const [dark, setDark] = useState(() => isDark(theme));
  useEffect(() => {
    const look = () => setDark(isDark(theme));
    look();
    darkWish.addEventListener("change", look);
    return () => darkWish.removeEventListener("change", look);
  }, [theme]);
  useEffect(() => paint(dark), [dark]);
  const choose = (chosen: Theme) => {
    keepTheme(chosen);
    setTheme(chosen);
  };
  return { theme, dark, choose };
}
