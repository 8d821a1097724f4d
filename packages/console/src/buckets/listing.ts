/** The pages of a folder that are loaded: more as one scrolls, anew when files arrive. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect } from "react";

import { listPage, type Listing } from "./store";
import { onArrival } from "./uploads/queue";

const MOST_PAGES_TO_LOAD_AGAIN = 3;

export function useListing(bucket: string, prefix: string) {
  const listing = useInfiniteQuery({
    queryKey: ["objects", bucket, prefix],
    queryFn: ({ pageParam, signal }) => listPage(bucket, prefix, pageParam, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (last: Listing) => last.next,
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) <= 1 ? 10_000 : false),
  });
  const { refetch, data } = listing;
  const pages = data?.pages.length ?? 0;
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = onArrival((job) => {
      if (job.bucket !== bucket || pages > MOST_PAGES_TO_LOAD_AGAIN) return;
      clearTimeout(timer);
      timer = setTimeout(() => void refetch(), 400);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [bucket, pages, refetch]);
  return listing;
}
