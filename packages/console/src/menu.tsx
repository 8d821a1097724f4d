/** The menu: one line for each page, its word, its address and its room. Add a page here and nowhere else. */

import type { ComponentType } from "react";
import { createBrowserRouter, Navigate, type RouteObject } from "react-router";

import { Broken, Loading } from "./kit/faces";
import {
  AppstoreOutlined, BarChartOutlined, CloudServerOutlined, CodeOutlined, DatabaseOutlined, ExperimentOutlined, FunctionOutlined, HomeOutlined, InboxOutlined, SettingOutlined,
} from "./kit/icons";
import { Frame } from "./shell/frame";
import { startTelling } from "./words";

export type Word = "home" | "buckets" | "notebooks" | "algorithms" | "training" | "tensorboard" | "models" | "services" | "batches" | "settings";
export type Group = "data" | "develop" | "train" | "deploy";
type Room = () => Promise<{ Component: ComponentType }>;

export interface Entry {
  word: Word;
  path: string;
  icon: ComponentType;
  room: Room;
  group?: Group;
  /** Further addresses below this entry's. */
  below?: Record<string, Room>;
}

export const MENU: Entry[] = [
  { word: "home", path: "/console", icon: HomeOutlined, room: () => import("./home/home"), below: { tour: () => import("./home/tour/tour") } },
  {
    word: "buckets", path: "/console/buckets", icon: DatabaseOutlined, group: "data",
    room: () => import("./buckets/list"), below: { ":bucket": () => import("./buckets/browse") },
  },
  { word: "notebooks", path: "/console/notebooks", icon: CodeOutlined, group: "develop", room: () => import("./notebooks/list") },
  {
    word: "algorithms", path: "/console/algorithms", icon: FunctionOutlined, group: "train", room: () => import("./training/algorithms/list"),
    below: { new: () => import("./training/algorithms/edit"), ":algorithm": () => import("./training/algorithms/edit") },
  },
  {
    word: "training", path: "/console/training", icon: ExperimentOutlined, group: "train",
    room: () => import("./training/list"), below: { new: () => import("./training/create"), ":job": () => import("./training/job") },
  },
  { word: "tensorboard", path: "/console/tensorboard", icon: BarChartOutlined, group: "train", room: () => import("./tensorboard/list") },
  {
    word: "models", path: "/console/models", icon: AppstoreOutlined, group: "deploy",
    room: () => import("./models/list"), below: { import: () => import("./models/import"), ":model": () => import("./models/model") },
  },
  {
    word: "services", path: "/console/services", icon: CloudServerOutlined, group: "deploy", room: () => import("./services/list"),
    below: { new: () => import("./services/deploy"), ":service": () => import("./services/service"), ":service/change": () => import("./services/deploy") },
  },
  {
    word: "batches", path: "/console/batches", icon: InboxOutlined, group: "deploy", room: () => import("./batches/list"),
    below: { new: () => import("./batches/create"), ":service": () => import("./services/service"), ":service/change": () => import("./batches/create") },
  },
  {
    word: "settings", path: "/console/settings", icon: SettingOutlined, room: () => import("./settings/settings"),
    below: { ":part": () => import("./settings/settings") },
  },
];

/** The entry that an address belongs to. */
export function entryAt(address: string): Entry | undefined {
  const inside = (path: string) => address === path || address.startsWith(`${path}/`);
  return MENU.filter((entry) => inside(entry.path)).sort((one, other) => other.path.length - one.path.length)[0];
}

function routesOf(entry: Entry): RouteObject[] {
  const below = Object.entries(entry.below ?? {});
  // The first page comes without what the server tells, and has it a moment later.
  const opened = (room: Room) => async () => {
    const telling = startTelling();
    return (await Promise.all([room(), entry.word === "home" ? null : telling]))[0];
  };
  return [
    { path: entry.path, lazy: opened(entry.room) },
    ...below.map(([path, room]) => ({ path: `${entry.path}/${path}`, lazy: opened(room) })),
  ];
}

export const router = createBrowserRouter([
  {
    element: <Frame />,
    errorElement: <Broken />,
    // The frame stands while the first page is loaded.
    hydrateFallbackElement: <Loading />,
    children: [
      { errorElement: <Broken />, children: MENU.flatMap(routesOf) },
      { path: "*", element: <Navigate to="/console" replace /> },
    ],
  },
]);
