/** About: which Maquette this is, where it listens, and what it is made of. */

import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import parts from "virtual:parts";

import { call } from "../api/call";
import { CopyButton } from "../kit/copy";
import { Failure, Loading } from "../kit/faces";
import { Card } from "../kit/page";
import { count } from "../kit/size";

export function About() {
  const { t } = useTranslation();
  const found = useQuery({ queryKey: ["about"], queryFn: ({ signal }) => call("GET /maquette/about", { signal }), staleTime: Infinity });
  if (found.error) return <Card><Failure error={found.error} again={() => void found.refetch()} /></Card>;
  if (!found.data) return <Card><Loading /></Card>;
  const licences = [...new Set(parts.map((one) => one.licence))].map((licence) => [licence, parts.filter((one) => one.licence === licence)] as const);
  const store = `${location.protocol}//${location.hostname}:${found.data.store_port}`;
  return (
    <>
      <Card title="Maquette" about={t("about.what")}>
        <dl className="facts">
          <dt>{t("about.version")}</dt><dd>{found.data.version}</dd>
          <dt>{t("about.server")}</dt><dd><span className="copied"><code>{location.origin}</code><CopyButton text={location.origin} /></span></dd>
          {found.data.store_port > 0 && <><dt>{t("settings.store")}</dt><dd><span className="copied"><code>{store}</code><CopyButton text={store} /></span></dd></>}
          <dt>{t("about.licence")}</dt><dd>Apache-2.0</dd>
        </dl>
      </Card>
      <Card title={t("about.parts")} about={t("about.partsAbout")}>
        {licences.map(([licence, those]) => (
          <section key={licence} className="licence">
            <h3>{licence} <span className="quiet">{t("about.count", { count: those.length, told: count(those.length) })}</span></h3>
            <ul>{those.map((one) => <li key={`${one.name} ${one.version}`}>{one.name} <span className="quiet">{one.version}</span></li>)}</ul>
          </section>
        ))}
      </Card>
    </>
  );
}
