/** Who is signed in. Whoever is not, is led to the page by which one signs in, and back. */

import { useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";

import { call, caller, Refusal } from "./call";
import type { SessionBody } from "./calls";

export type Session = SessionBody;
export const SESSION = ["session"];
const RANKS = ["viewer", "member", "owner"];

export function useLoadedSession() {
  return useQuery({ queryKey: SESSION, queryFn: readSession, staleTime: 5 * 60_000, retry: worthAnotherTry });
}

async function readSession(): Promise<Session> {
  const session = await call("GET /maquette/session", {});
  caller.projectId = session.project_id;
  caller.changeToken = session.change_token;
  return session;
}

/** The session, inside the frame: it is there before any page is. */
export function useSession(): Session {
  const session = useQueryClient().getQueryData<Session>(SESSION);
  const { data } = useLoadedSession();
  const found = data ?? session;
  if (!found) throw new Error("useSession is for pages inside the frame.");
  return found;
}

/** Whether who is signed in may do what needs this role. */
export function useMay(role: "viewer" | "member" | "owner"): boolean {
  return RANKS.indexOf(useSession().role) >= RANKS.indexOf(role);
}

export function worthAnotherTry(count: number, error: unknown): boolean {
  return count < 2 && !(error instanceof Refusal && error.status >= 400 && error.status < 500);
}

export function leadToSignIn(): void {
  const here = location.pathname + location.search;
  location.replace(`/sign-in?next=${encodeURIComponent(here)}`);
}

export async function signOut(queries: QueryClient): Promise<void> {
  await call("DELETE /maquette/session", {});
  queries.clear();
  location.replace("/sign-in");
}
