/** Of what is looked at while something works: asked every so often, and once more when that has ended. */

import { keepPreviousData } from "@tanstack/react-query";

/** Whether it is live is a part of the key: what came between the last look and the end is read too. */
export const following = (key: readonly unknown[], live: boolean, milliseconds: number) => ({
  queryKey: [...key, live], refetchInterval: live ? milliseconds : (false as const), placeholderData: keepPreviousData,
});
