/** After a change: what is known of it is asked again, also what no page shows now. A page that is gone to then, or a list
 * below a window that closes then, shows nothing of before. */

import type { QueryClient } from "@tanstack/react-query";

export const readAnew = (queries: QueryClient, ...keys: (readonly unknown[])[]) =>
  Promise.all(keys.map((queryKey) => queries.invalidateQueries({ queryKey, refetchType: "all" })));
