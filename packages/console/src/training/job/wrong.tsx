/** Samples that were told wrongly: a list, and their pictures large where they lie in a bucket. */

import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { kindOf } from "../../buckets/preview/kinds";
import { addressOf } from "../../buckets/store";
import { readPlace } from "../../kit/bucket-picker";
import { PlainTable, type PlainColumn } from "../../kit/plain-table";
import { bucketPage } from "../jobs";
import "./gallery.css";
import { Gallery, type Picture } from "./gallery";
import type { Operation } from "./report";

const MOST = 20;

type Sample = Operation["wrong"][number] & { at: number; picture: Picture | null };

export function Wrong({ all }: { all: Operation["wrong"] }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState<number>();
  const told = (one: Operation["wrong"][number]): Picture["told"] => [[t("analysis.truth"), one.truth], [t("analysis.predicted"), one.predicted], [t("analysis.score"), one.score]];
  const samples: Sample[] = all.slice(0, MOST).map((one, at) => ({ ...one, at, picture: pictureAt(one.sample, told(one)) }));
  const pictures = samples.flatMap(({ picture }) => picture ?? []);
  const columns: PlainColumn<Sample>[] = [
    { key: "sample", title: t("analysis.sample"), render: (one) => <Named sample={one} onOpen={(picture) => setOpen(pictures.indexOf(picture))} /> },
    { key: "truth", title: t("analysis.truth"), render: ({ truth }) => truth },
    { key: "predicted", title: t("analysis.predicted"), render: ({ predicted }) => predicted },
    { key: "score", title: t("analysis.score"), align: "right", render: ({ score }) => score },
  ];
  return (
    <>
      <PlainTable rows={samples} columns={columns} rowKey={({ at }) => String(at)} label={t("analysis.sample")} />
      {open !== undefined && <Gallery pictures={pictures} at={open} onAt={setOpen} onClose={() => setOpen(undefined)} />}
    </>
  );
}

const inBucket = (address: string) => (/^(obs|s3):/.test(address) ? readPlace(address) : null);

function pictureAt(address: string, told: Picture["told"]): Picture | null {
  const [place, page] = [inBucket(address), bucketPage(address)];
  if (!place || !page || kindOf(place.key) !== "picture") return null;
  return { name: place.key.split("/").pop() ?? place.key, src: addressOf(place.bucket, place.key), page, told };
}

function Named({ sample: { sample, picture }, onOpen }: { sample: Sample; onOpen: (picture: Picture) => void }) {
  const { t } = useTranslation();
  const [place, page] = [inBucket(sample), bucketPage(sample)];
  if (!place || !page) return <>{sample || "–"}</>;
  return (
    <span className="sample">
      {picture && (
        <button type="button" className="sample-picture" aria-label={t("analysis.large", { name: picture.name })} onClick={() => onOpen(picture)}>
          <img src={picture.src} alt="" loading="lazy" width={48} height={48} />
        </button>
      )}
      <Link to={page} title={sample}>{place.key.split("/").pop()}</Link>
    </span>
  );
}
