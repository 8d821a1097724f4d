/** Settings: one page of many parts, each with an address. */

import { useEffect, useRef, type ComponentType } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";

import { useSession, type Session } from "../api/session";
import { Page } from "../kit/page";
import { About } from "./about";
import { AppCodes } from "./app-codes";
import { Audit } from "./audit";
import { Engines } from "./engines";
import { Keys } from "./keys";
import { Members } from "./members";
import { Profile } from "./profile";
import { Storage } from "./storage";
import { Users } from "./users";
import "./settings.css";

interface Part {
  word: "profile" | "keys" | "appCodes" | "members" | "users" | "audit" | "engines" | "storage" | "about";
  show: ComponentType;
  /** Who sees it in the menu; the server decides who may. */
  for?: (session: Session) => boolean;
}

const PARTS: Part[] = [
  { word: "profile", show: Profile },
  { word: "keys", show: Keys },
  { word: "appCodes", show: AppCodes },
  { word: "members", show: Members },
  { word: "users", show: Users, for: (session) => session.administrator },
  { word: "audit", show: Audit, for: (session) => session.role === "owner" },
  { word: "engines", show: Engines },
  { word: "storage", show: Storage },
  { word: "about", show: About },
];

export function Component() {
  const { t } = useTranslation();
  const session = useSession();
  const { part = "profile" } = useParams();
  const parts = PARTS.filter((one) => one.for?.(session) ?? true);
  const here = parts.find((one) => one.word === part) ?? parts[0];
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    nav.current?.querySelector("[aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
  }, [here]);
  if (!here) return null;
  return (
    <Page title={t("menu.settings")}>
      <div className="settings">
        <nav className="settings-parts" ref={nav} aria-label={t("menu.settings")}>
          {parts.map((one) => (
            <Link key={one.word} to={`/console/settings/${one.word}`} aria-current={one === here ? "page" : undefined}>{t(`settings.parts.${one.word}`)}</Link>
          ))}
        </nav>
        <div className="settings-part"><here.show /></div>
      </div>
    </Page>
  );
}
