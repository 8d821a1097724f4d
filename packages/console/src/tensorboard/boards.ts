/** TensorBoards, as the server's calls tell them. */

import { call } from "../api/call";
import type { ListState, Part } from "../kit/list-state";
import { tell, type Told } from "../words/told";

export interface Board {
  job_id: number;
  job_name: string;
  job_desc: string;
  status: number;
  /** Milliseconds. */
  create_time: number;
  train_url: string;
  /** Seconds. */
  remaining_duration: number;
  schedule: { duration: number } | null;
  service_url: string;
  /** Of who made it. */
  user_id: string;
  message: string;
  told: Told | null;
}

/** ModelArts' numbers. */
const STATES: Record<number, string> = { 1: "starting", 7: "queued", 8: "running", 9: "stopping", 10: "completed", 11: "failed", 12: "stopped", 14: "lost" };
const ENDED = new Set(["completed", "failed", "stopped", "lost"]);
const PATIENCE = 120_000;
export const LONGEST_NAME = 20;
export const NAME = /^[A-Za-z0-9_-]{1,20}$/;

export const stateOf = (board: Board) => STATES[board.status] ?? String(board.status);
export const isOver = (board: Board) => ENDED.has(stateOf(board));

export async function listBoards(state: ListState, signal?: AbortSignal): Promise<Part<Board>> {
  const query = {
    page: state.page, per_page: state.size, search_content: state.text,
    sortBy: state.sort === "name" ? "job_name" : "create_time", order: state.sort && !state.descending ? ("asc" as const) : ("desc" as const),
  };
  const found = (await call("GET /v1/{project_id}/visualization-jobs", { query, ...(signal && { signal }) })) as unknown as { job_total_count: number; jobs: Board[] };
  return { rows: found.jobs, total: found.job_total_count };
}

export async function makeBoard(name: string, folder: string, hours: number): Promise<number> {
  const body = { job_name: name, train_url: folder, job_desc: "", job_type: "tensorboard", schedule: { duration: hours } };
  return ((await call("POST /v1/{project_id}/visualization-jobs", { body })) as unknown as Board).job_id;
}

const readBoard = async (id: number) => (await call("GET /v1/{project_id}/visualization-jobs/{job_id}", { path: { job_id: id } })) as unknown as Board;
export const stopBoard = (id: number) => call("POST /v1/{project_id}/visualization-jobs/{job_id}/stop", { path: { job_id: id } });
export const startBoard = (id: number) => call("POST /v1/{project_id}/visualization-jobs/{job_id}/restart", { path: { job_id: id }, body: null });
export const removeBoard = (id: number) => call("DELETE /v1/{project_id}/visualization-jobs/{job_id}", { path: { job_id: id } });

/** The address of the TensorBoard on this folder, once it answers; one is made or started again where it must be. */
export async function openBoard(folder: string, name: string): Promise<string> {
  const wanted = placeOf(folder);
  const { rows } = await listBoards({ page: 1, size: 100, sort: "", descending: true, text: "" });
  const known = rows.find((board) => placeOf(board.train_url) === wanted);
  const id = known?.job_id ?? await makeBoard(freeName(name, rows.map((board) => board.job_name)), wanted, 4);
  if (known && isOver(known)) await startBoard(id);
  return addressWhenReady(id);
}

export async function addressWhenReady(id: number): Promise<string> {
  const until = Date.now() + PATIENCE;
  for (;;) {
    const board = await readBoard(id);
    if (stateOf(board) === "running" && board.service_url) return board.service_url;
    if (isOver(board) || Date.now() > until) throw new Error(tell(board.told, board.message) || stateOf(board));
    await new Promise((again) => setTimeout(again, 700));
  }
}

/** `/bucket/folder/`, as the first generation writes places. */
export function placeOf(address: string): string {
  return address.replace(/^(?:obs|s3):\//, "").replace(/\/?$/, "/");
}

/** A name that is allowed and not taken. */
export function freeName(wanted: string, taken: string[]): string {
  const plain = wanted.replace(/[^A-Za-z0-9_-]/g, "-").slice(0, LONGEST_NAME) || "board";
  for (let number = 1; ; number += 1) {
    const end = number === 1 ? "" : `-${number}`;
    const name = plain.slice(0, LONGEST_NAME - end.length) + end;
    if (!taken.includes(name)) return name;
  }
}
