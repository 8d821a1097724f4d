/** A folder as its page sees it: where it is, what is in it, what is chosen, and where one can go from there. */

import { useCallback, useEffect, useMemo, useState } from "react";
import { useParams } from "react-router";

import { useAddress } from "../kit/address";
import { linesOf, toggled, type Line } from "./lines";
import { useListing } from "./listing";
import { obsPath } from "./store";
import type { Found } from "./uploads/dropped";
import { uploads } from "./uploads/queue";

export type Folder = ReturnType<typeof useFolder>;

export function useFolder() {
  const { bucket = "" } = useParams();
  const [told, tell] = useAddress();
  const folder = told.get("folder") ?? "";
  const text = told.get("q") ?? "";
  const listing = useListing(bucket, folder + text);
  const lines = useMemo(() => linesOf(listing.data?.pages ?? []), [listing.data]);
  const [chosen, choose] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => choose(new Set()), [bucket, folder, text]);
  const search = useCallback((q: string) => tell({ q }), [tell]);
  const more = useCallback(() => {
    if (listing.hasNextPage && !listing.isFetching) void listing.fetchNextPage();
  }, [listing]);
  /** An object beside the list; none for "". */
  const show = (object: string) => tell({ object }, !told.has("object"));
  return {
    bucket, folder, text, path: obsPath(bucket, folder), object: told.get("object"),
    listing, lines, chosen, choose, search, more, show,
    refresh: () => listing.refetch(),
    open: (line: Line) => (line.object ? show(line.key) : tell({ folder: line.key, q: "", object: "" }, true)),
    toggle: (line: Line, range: boolean) => choose(toggled(chosen, lines, line.key, range)),
    chooseAll: (all: boolean) => choose(new Set(all ? lines.map((line) => line.key) : [])),
    upload: (found: Found[]) => uploads.add(found.map(({ path, file }) => ({ bucket, key: folder + path, file }))),
  };
}
