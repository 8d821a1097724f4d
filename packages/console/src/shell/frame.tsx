/** What stands around every page: the menu, the bar above, and who is signed in. */

import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Drawer, Dropdown } from "antd";
import { Suspense, lazy, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Outlet, useLocation, useNavigate, useNavigation } from "react-router";

import { call } from "../api/call";
import { signOut, useLoadedSession, useSession } from "../api/session";
import { useWorking } from "../buckets/uploads/queue";
import { useUnderway } from "../home/tour/underway";
import { Failure, Loading } from "../kit/faces";
import {
  DownOutlined, GlobalOutlined, LogoutOutlined, MenuOutlined, MoonOutlined, QuestionCircleOutlined, SettingOutlined, SunOutlined, UserOutlined,
} from "../kit/icons";
import { forgetAll } from "../kit/kept";
import { keepLanguage, readLanguage, speak, type Language } from "../words";
import { tellError } from "../words/errors";
import { useAppearance } from "./appearance";
import { useChoices } from "./choices";
import { Lost } from "./lost";
import { usePlace } from "./place";
import { Rail } from "./rail";
import { THEMES } from "./theme";

/** Fetched once somebody uploads: most visits need none of it. */
const Uploads = lazy(() => import("../buckets/uploads/panel"));
/** For whoever is on the tour and looks at another page. */
const Strip = lazy(() => import("../home/tour/strip"));
const TOUR = "/console/tour";

export function Frame() {
  const session = useLoadedSession();
  useProfile(session.data?.language, session.data?.theme);
  if (session.error) return <main className="alone"><Failure error={session.error} again={() => void session.refetch()} /></main>;
  if (!session.data) return <main className="alone"><Loading /></main>;
  return <Inside />;
}

/** Once, when the session has come: what was chosen on another machine counts here too. */
function useProfile(language?: string, theme?: string): void {
  const appearance = useAppearance();
  useEffect(() => {
    const chosen = readLanguage(language ?? "");
    if (chosen) void speak(chosen).then(() => keepLanguage(chosen));
  }, [language]);
  useEffect(() => {
    const known = THEMES.find((one) => one === theme);
    if (known) appearance.choose(known);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the choice of this page stays until the profile changes
  }, [theme]);
}

function Inside() {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const { pathname } = useLocation();
  const moving = useNavigation().state !== "idle";
  const uploading = useWorking();
  const touring = useUnderway() === "on" && pathname !== TOUR;
  const main = useRef<HTMLElement>(null);
  const beside = useRef<HTMLDivElement>(null);
  const first = useRef(true);
  usePlace(beside, main);
  useEffect(() => {
    setOpen(false);
    // Whoever reads by ear or goes by keyboard begins at the new page; where it begins in a field, there.
    const inField = document.activeElement instanceof HTMLInputElement && main.current?.contains(document.activeElement);
    if (!first.current && !inField) main.current?.focus({ preventScroll: true });
    first.current = false;
  }, [pathname]);
  return (
    <div className="frame">
      <a className="skip" href="#main">{t("shell.skip")}</a>
      <aside className="rail"><Rail /></aside>
      <Drawer
        open={open} onClose={() => setOpen(false)} placement="left" size={248} closable={false} aria-label={t("shell.menu")}
        rootClassName="rail-drawer"
      >
        <Rail />
      </Drawer>
      <div className="beside" ref={beside}>
        <header className="bar">
          <Button
            className="bar-menu" type="text" icon={<MenuOutlined />} aria-label={t("shell.menu")}
            onClick={() => setOpen(true)}
          />
          <Workspace />
          <span className="spring" />
          <Languages />
          <Themes />
          <Help />
          <Account />
        </header>
        <div className={moving ? "moving on" : "moving"} />
        {touring && <Suspense fallback={null}><Strip /></Suspense>}
        <main id="main" ref={main} tabIndex={-1}><Outlet /></main>
      </div>
      <Lost />
      {uploading && <Suspense fallback={null}><Uploads /></Suspense>}
    </div>
  );
}

function Workspace() {
  const { t } = useTranslation();
  const session = useSession();
  const { message } = App.useApp();
  const mine = session.workspaces.find((one) => one.id === session.project_id);
  const words = <><span className="quiet">{t("shell.workspace")}</span> <b>{mine?.name}</b></>;
  if (session.workspaces.length < 2) return <span className="workspace" title={session.project_id}>{words}</span>;
  const enter = async (workspace: string) => {
    try {
      await call("PUT /maquette/session/workspace", { body: { workspace } });
      location.assign("/console/"); // nothing that was loaded is of the other one
    } catch (error) {
      void message.error(tellError(error, t));
    }
  };
  const items = session.workspaces.map((one) => ({ key: one.id ?? "", label: one.name, onClick: () => void enter(one.id ?? "") }));
  return (
    <Dropdown menu={{ items, selectable: true, selectedKeys: [session.project_id] }} trigger={["click"]}>
      <Button type="text" className="workspace">{words} <DownOutlined /></Button>
    </Dropdown>
  );
}

function Languages() {
  const { t, i18n } = useTranslation();
  const { chooseLanguage } = useChoices();
  const other: Language = i18n.language === "en" ? "zh-CN" : "en";
  return (
    <Button
      type="text" icon={<GlobalOutlined />} onClick={() => chooseLanguage(other)} lang={other}
      aria-label={t("shell.otherLanguage")}
    >
      <span className="bar-word">{t("shell.otherLanguage")}</span>
    </Button>
  );
}

function Themes() {
  const { t } = useTranslation();
  const { theme, dark } = useAppearance();
  const { chooseTheme } = useChoices();
  const items = THEMES.map((one) => ({ key: one, label: t(`shell.themes.${one}`), onClick: () => chooseTheme(one) }));
  return (
    <Dropdown menu={{ items, selectable: true, selectedKeys: [theme] }} trigger={["click"]}>
      <Button type="text" icon={dark ? <MoonOutlined /> : <SunOutlined />} aria-label={t("shell.theme")} />
    </Dropdown>
  );
}

function Help() {
  const { t } = useTranslation();
  const go = useNavigate();
  const items = [
    { key: "tour", label: t("tour.title"), onClick: () => void go(TOUR) },
    { key: "about", label: t("shell.about"), onClick: () => void go("/console/settings/about") },
  ];
  return (
    <Dropdown menu={{ items }} trigger={["click"]}>
      <Button type="text" icon={<QuestionCircleOutlined />} aria-label={t("shell.help")} />
    </Dropdown>
  );
}

function Account() {
  const { t } = useTranslation();
  const session = useSession();
  const queries = useQueryClient();
  const go = useNavigate();
  const items = [
    { key: "who", type: "group" as const, label: `${session.user_name} · ${t(`roles.${session.role as "owner"}`)}` },
    { key: "settings", icon: <SettingOutlined />, label: t("menu.settings"), onClick: () => void go("/console/settings") },
    { key: "leave", icon: <LogoutOutlined />, label: t("shell.signOut"), onClick: () => void signOut(queries).then(forgetAll) },
  ];
  return (
    <Dropdown menu={{ items }} trigger={["click"]} placement="bottomRight">
      <Button type="text" icon={<UserOutlined />} aria-label={t("shell.account", { name: session.user_name })}>
        <span className="bar-word">{session.user_name}</span>
      </Button>
    </Dropdown>
  );
}
