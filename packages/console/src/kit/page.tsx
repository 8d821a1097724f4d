/** The frame of a page: where it lies, what it is called, its one primary button. */

import { useEffect, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

export interface Crumb {
  label: string;
  to: string;
}

export function Page({ title, crumbs = [], about, primary, tools, children }: {
  title: ReactNode; crumbs?: Crumb[]; about?: ReactNode; primary?: ReactNode; tools?: ReactNode; children: ReactNode;
}) {
  const { t } = useTranslation();
  const name = typeof title === "string" ? title : "";
  useEffect(() => {
    if (name) document.title = `${name} · Maquette`;
  }, [name]);
  return (
    <div className="page">
      {crumbs.length > 0 && (
        <nav className="crumbs" aria-label={t("kit.crumbs")}>
          {crumbs.map((crumb) => <span key={crumb.to}><Link to={crumb.to}>{crumb.label}</Link><i aria-hidden>/</i></span>)}
        </nav>
      )}
      <div className="page-head">
        <div className="page-title">
          <h1>{title}</h1>
          {about && <p className="quiet">{about}</p>}
        </div>
        <div className="page-tools">{tools}{primary}</div>
      </div>
      {children}
    </div>
  );
}

/** One matter on a page. */
export function Card({ title, about, tools, children, className = "", flush = false }: {
  title?: ReactNode; about?: ReactNode; tools?: ReactNode; children: ReactNode; className?: string; flush?: boolean;
}) {
  return (
    <section className={`card ${flush ? "flush" : ""} ${className}`}>
      {(title ?? tools) && (
        <div className="card-head">
          <div><h2>{title}</h2>{about && <p className="quiet">{about}</p>}</div>
          {tools && <div className="card-tools">{tools}</div>}
        </div>
      )}
      {children}
    </section>
  );
}
