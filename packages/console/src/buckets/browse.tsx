/** A bucket from inside: its folders and objects, what is dropped onto it, what is chosen in it. */

import { Button } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { useMay } from "../api/session";
import { CopyButton } from "../kit/copy";
import { Empty, Failure, Loading } from "../kit/faces";
import { FolderAddOutlined, ReloadOutlined, UploadOutlined } from "../kit/icons";
import { useNarrow } from "../kit/list-cards";
import { Search } from "../kit/list-table";
import { LongList } from "../kit/long-list";
import { Card, Page } from "../kit/page";
import { count } from "../kit/size";
import { Cells, Head } from "./cells";
import type { Verb } from "./carry/carry";
import { Chosen } from "./chosen";
import { useFolder, type Folder } from "./folder";
import { crumbsOf, shortName, type Line } from "./lines";
import { NewFolder } from "./new-folder";
import { RemoveObjects } from "./remove";
import { obsPath } from "./store";
import { useDrop, UploadButton } from "./uploads/ways";
import "./browse.css";

const Carry = lazy(() => import("./carry/carry").then((found) => ({ default: found.Carry })));
const Preview = lazy(() => import("./preview/preview"));
type Keys = ReadonlySet<string>;
const ROW = 44;
const CARD = 78;

export function Component() {
  const { t } = useTranslation();
  const may = useMay("member");
  const at = useFolder();
  const [removing, setRemoving] = useState<Keys>(new Set());
  const [naming, setNaming] = useState(false);
  const [carrying, setCarrying] = useState<Verb | null>(null);
  const drop = useDrop(at.upload, may);
  const remove = may ? (keys: Keys) => setRemoving(keys) : null;
  return (
    <Page
      title={at.folder ? shortName(at.folder) : at.bucket} crumbs={crumbsOf(at.bucket, at.folder, t("menu.buckets"))}
      about={<span className="copied"><code>{at.path}</code><CopyButton text={at.path} /></span>}
      tools={may && <Button icon={<FolderAddOutlined />} onClick={() => setNaming(true)}>{t("buckets.newFolder")}</Button>}
      primary={may && <UploadButton onFound={at.upload} />}
    >
      <div className="drop-room" {...drop.handlers}>
        <Card flush>
          <Tools at={at} onDelete={remove} onCarry={may ? setCarrying : null} />
          <Content at={at} onDelete={remove} />
        </Card>
        {drop.over && <div className="drop-here"><UploadOutlined /> {t("buckets.dropHere", { name: at.path })}</div>}
      </div>
      {at.object && (
        <Suspense fallback={null}>
          <Preview bucket={at.bucket} name={at.object} lines={at.lines} onName={at.show} onDelete={remove && ((key) => remove(new Set([key])))} />
        </Suspense>
      )}
      {removing.size > 0 && <Removing at={at} keys={removing} onClose={() => setRemoving(new Set())} />}
      {carrying && <Suspense fallback={null}><Carrying at={at} verb={carrying} onClose={() => setCarrying(null)} /></Suspense>}
      {naming && <NewFolder bucket={at.bucket} folder={at.folder} onClose={() => setNaming(false)} onMade={at.refresh} />}
    </Page>
  );
}

type Delete = ((keys: Keys) => void) | null;

/** What one may do with all, or with what is chosen. */
function Tools({ at, onDelete, onCarry }: { at: Folder; onDelete: Delete; onCarry: ((verb: Verb) => void) | null }) {
  const { t } = useTranslation();
  const there = at.listing.hasNextPage ? "buckets.loaded" : "buckets.there";
  return (
    <div className="list-tools beside-search">
      {at.chosen.size > 0
        ? <Chosen bucket={at.bucket} lines={at.lines} chosen={at.chosen} onCarry={onCarry} onDelete={onDelete && (() => onDelete(at.chosen))} onNone={() => at.choose(new Set())} />
        : <Search text={at.text} onSearch={at.search} label={t("buckets.beginsWith")} />}
      <span className="spring" />
      <span className="quiet small" role="status">{at.listing.data && t(there, { count: at.lines.length, told: count(at.lines.length) })}</span>
      <Button
        type="text" icon={<ReloadOutlined spin={at.listing.isRefetching && !at.listing.isFetchingNextPage} />}
        aria-label={t("kit.refresh")} onClick={() => void at.refresh()}
      />
    </div>
  );
}

function Content({ at, onDelete }: { at: Folder; onDelete: Delete }) {
  const { t } = useTranslation();
  const narrow = useNarrow();
  const { listing, lines, chosen } = at;
  if (listing.error && !listing.data) return <Failure error={listing.error} again={() => void at.refresh()} />;
  if (!listing.data) return <Loading />;
  if (lines.length === 0) return <Nothing at={at} may={onDelete !== null} />;
  return (
    <LongList<Line>
      // Another folder begins at its top.
      key={`${at.path} ${at.text}`} name={`${at.path} ${at.text}`} rows={lines} rowKey={(line) => line.key} rowHeight={narrow ? CARD : ROW} label={t("buckets.contents", { name: at.path })}
      chosen={chosen} onOpen={at.open} onEnd={at.more} onToggle={at.toggle}
      {...(onDelete && { onDelete: () => chosen.size > 0 && onDelete(chosen) })}
      head={<Head all={chosen.size === lines.length} some={chosen.size > 0} onAll={at.chooseAll} />}
      row={(line) => <Cells bucket={at.bucket} line={line} chosen={chosen.has(line.key)} onOpen={at.open} onToggle={(range) => at.toggle(line, range)} />}
      foot={listing.isFetchingNextPage && <Loading />}
    />
  );
}

function Nothing({ at, may }: { at: Folder; may: boolean }) {
  const { t } = useTranslation();
  if (at.text) return <Empty title={t("buckets.noneBegins", { text: at.text })} />;
  return (
    <Empty
      icon={<UploadOutlined />} title={t("buckets.empty")} about={may ? t("buckets.emptyAbout") : undefined}
      action={may ? <UploadButton onFound={at.upload} /> : <Link to="/console/buckets">{t("menu.buckets")}</Link>}
      command={`maquette cp -r ./images ${obsPath(at.bucket, at.folder)}`}
    />
  );
}

function Carrying({ at, verb, onClose }: { at: Folder; verb: Verb; onClose: () => void }) {
  const [lines] = useState(() => at.lines.filter((line) => at.chosen.has(line.key)));
  const close = async (changed: boolean) => {
    if (changed) {
      at.choose(new Set());
      await at.refresh();
    }
    onClose();
  };
  return <Carry verb={verb} bucket={at.bucket} folder={at.folder} lines={lines} onClose={(changed) => void close(changed)} />;
}

function Removing({ at, keys, onClose }: { at: Folder; keys: Keys; onClose: () => void }) {
  const [lines] = useState(() => at.lines.filter((line) => keys.has(line.key)));
  const gone = () => {
    at.choose(new Set());
    at.show("");
    return at.refresh();
  };
  return (
    <RemoveObjects
      bucket={at.bucket} folders={lines.filter((line) => !line.object).map((line) => line.key)}
      objects={lines.flatMap((line) => line.object ?? [])} onGone={gone} onClose={onClose}
    />
  );
}
