/** The menu at the left, in the order of ModelArts. */

import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "react-router";

import { entryAt, MENU } from "../menu";
import mark from "./mark.svg";

export function Rail() {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const here = entryAt(pathname);
  return (
    <nav aria-label={t("shell.menu")}>
      <Link to="/console" className="brand" aria-label={t("shell.toHome")}>
        <img src={mark} alt="" width={26} height={26} /> Maquette
      </Link>
      <ul>
        {MENU.map((entry, at) => (
          <Fragment key={entry.word}>
            {entry.group !== MENU[at - 1]?.group && (
              <li className="group" aria-hidden={!entry.group}>{entry.group && t(`groups.${entry.group}`)}</li>
            )}
            <li>
              <Link
                to={entry.path} aria-current={entry === here ? "page" : undefined}
                // Its files are there by the time the finger is up.
                onPointerEnter={() => void entry.room()} onFocus={() => void entry.room()}
              >
                <entry.icon /> {t(`menu.${entry.word}`)}
              </Link>
            </li>
          </Fragment>
        ))}
      </ul>
    </nav>
  );
}
