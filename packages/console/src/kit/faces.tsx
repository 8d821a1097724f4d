/** The faces of a page that has nothing to show: loading, empty, failed, not allowed. */

import { Button, Spin } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useRouteError } from "react-router";

import { Refusal } from "../api/call";
import { tellError } from "../words/errors";
import { CopyButton } from "./copy";
import { CloseCircleOutlined, InboxOutlined, LockOutlined } from "./icons";

export function Loading() {
  const { t } = useTranslation();
  return <div className="face" role="status" aria-label={t("kit.loading")}><Spin delay={200} /></div>;
}

/** Tells the one button, or the one command, that fills the page. */
export function Empty({ title, about, command, action, icon }: {
  title: string; about?: ReactNode; command?: string; action?: ReactNode; icon?: ReactNode;
}) {
  return (
    <div className="face">
      <span className="face-icon" aria-hidden>{icon ?? <InboxOutlined />}</span>
      <p className="face-title">{title}</p>
      {about && <p className="quiet">{about}</p>}
      {action}
      {command && <Command text={command} />}
    </div>
  );
}

/** A line for the terminal, to copy. */
export function Command({ text }: { text: string }) {
  return <div className="command"><code>{text}</code><CopyButton text={text} /></div>;
}

export function Failure({ error, again }: { error: unknown; again?: () => void }) {
  const { t } = useTranslation();
  if (error instanceof Refusal && error.status === 403) return <NotAllowed error={error} />;
  return (
    <div className="face" role="alert">
      <span className="face-icon bad" aria-hidden><CloseCircleOutlined /></span>
      <p className="face-title">{tellError(error, t)}</p>
      {error instanceof Refusal && error.request && <p className="quiet small">{t("kit.request", { id: error.request })}</p>}
      {again && <Button onClick={again}>{t("kit.again")}</Button>}
    </div>
  );
}

function NotAllowed({ error }: { error: Refusal }) {
  const { t } = useTranslation();
  return (
    <div className="face" role="alert">
      <span className="face-icon" aria-hidden><LockOutlined /></span>
      <p className="face-title">{t("kit.notAllowed")}</p>
      <p className="quiet">{tellError(error, t)}</p>
    </div>
  );
}

/** A page that broke, or whose files are of a console that was replaced meanwhile. */
export function Broken() {
  const { t } = useTranslation();
  const error = useRouteError();
  return (
    <div className="face" role="alert">
      <span className="face-icon bad" aria-hidden><CloseCircleOutlined /></span>
      <p className="face-title">{t("kit.broken")}</p>
      <p className="quiet small">{isUnfetched(error) ? t("kit.unfetched") : error instanceof Error ? error.message : String(error)}</p>
      <Button type="primary" onClick={() => location.reload()}>{t("kit.reload")}</Button>
    </div>
  );
}

/** As browsers say that a part of the page did not come: the server is gone, or has other files by now. */
const UNFETCHED = /dynamically imported module|Importing a module script failed|Unable to preload/i;
const isUnfetched = (error: unknown) => error instanceof Error && UNFETCHED.test(error.message);
