/** Icons beside words: nobody reads them out. A button that has nothing but an icon has a label of its own. */

import {
  AppstoreOutlined as AppstoreOutlinedDrawn,
  ArrowRightOutlined as ArrowRightOutlinedDrawn,
  BarChartOutlined as BarChartOutlinedDrawn,
  CheckCircleFilled as CheckCircleFilledDrawn,
  CheckCircleOutlined as CheckCircleOutlinedDrawn,
  CheckOutlined as CheckOutlinedDrawn,
  ClockCircleOutlined as ClockCircleOutlinedDrawn,
  CloseCircleFilled as CloseCircleFilledDrawn,
  CloseCircleOutlined as CloseCircleOutlinedDrawn,
  CloseOutlined as CloseOutlinedDrawn,
  CloudServerOutlined as CloudServerOutlinedDrawn,
  CodeOutlined as CodeOutlinedDrawn,
  CopyOutlined as CopyOutlinedDrawn,
  DatabaseOutlined as DatabaseOutlinedDrawn,
  DeleteOutlined as DeleteOutlinedDrawn,
  DownOutlined as DownOutlinedDrawn,
  DownloadOutlined as DownloadOutlinedDrawn,
  EditOutlined as EditOutlinedDrawn,
  ExperimentOutlined as ExperimentOutlinedDrawn,
  FolderAddOutlined as FolderAddOutlinedDrawn,
  FolderOutlined as FolderOutlinedDrawn,
  FunctionOutlined as FunctionOutlinedDrawn,
  GlobalOutlined as GlobalOutlinedDrawn,
  HomeOutlined as HomeOutlinedDrawn,
  InboxOutlined as InboxOutlinedDrawn,
  KeyOutlined as KeyOutlinedDrawn,
  LeftOutlined as LeftOutlinedDrawn,
  LockOutlined as LockOutlinedDrawn,
  LogoutOutlined as LogoutOutlinedDrawn,
  MenuOutlined as MenuOutlinedDrawn,
  MinusCircleOutlined as MinusCircleOutlinedDrawn,
  MoonOutlined as MoonOutlinedDrawn,
  MoreOutlined as MoreOutlinedDrawn,
  PauseCircleFilled as PauseCircleFilledDrawn,
  PauseCircleOutlined as PauseCircleOutlinedDrawn,
  PlusOutlined as PlusOutlinedDrawn,
  QuestionCircleOutlined as QuestionCircleOutlinedDrawn,
  RedoOutlined as RedoOutlinedDrawn,
  ReloadOutlined as ReloadOutlinedDrawn,
  RightOutlined as RightOutlinedDrawn,
  RocketOutlined as RocketOutlinedDrawn,
  SafetyOutlined as SafetyOutlinedDrawn,
  SearchOutlined as SearchOutlinedDrawn,
  SettingOutlined as SettingOutlinedDrawn,
  StopOutlined as StopOutlinedDrawn,
  SunOutlined as SunOutlinedDrawn,
  SyncOutlined as SyncOutlinedDrawn,
  UpOutlined as UpOutlinedDrawn,
  UploadOutlined as UploadOutlinedDrawn,
  UserAddOutlined as UserAddOutlinedDrawn,
  UserDeleteOutlined as UserDeleteOutlinedDrawn,
  UserOutlined as UserOutlinedDrawn,
  UsergroupAddOutlined as UsergroupAddOutlinedDrawn,
  WarningOutlined as WarningOutlinedDrawn,
} from "@ant-design/icons";
import type { ComponentType } from "react";

export type Icon = ComponentType<{ spin?: boolean; className?: string }>;

function unread(Drawn: ComponentType<{ spin?: boolean; className?: string; "aria-hidden"?: boolean }>): Icon {
  return (how) => <Drawn aria-hidden {...how} />;
}

export const AppstoreOutlined = /* @__PURE__ */ unread(AppstoreOutlinedDrawn);
export const ArrowRightOutlined = /* @__PURE__ */ unread(ArrowRightOutlinedDrawn);
export const BarChartOutlined = /* @__PURE__ */ unread(BarChartOutlinedDrawn);
export const CheckCircleFilled = /* @__PURE__ */ unread(CheckCircleFilledDrawn);
export const CheckCircleOutlined = /* @__PURE__ */ unread(CheckCircleOutlinedDrawn);
export const CheckOutlined = /* @__PURE__ */ unread(CheckOutlinedDrawn);
export const ClockCircleOutlined = /* @__PURE__ */ unread(ClockCircleOutlinedDrawn);
export const CloseCircleFilled = /* @__PURE__ */ unread(CloseCircleFilledDrawn);
export const CloseCircleOutlined = /* @__PURE__ */ unread(CloseCircleOutlinedDrawn);
export const CloseOutlined = /* @__PURE__ */ unread(CloseOutlinedDrawn);
export const CloudServerOutlined = /* @__PURE__ */ unread(CloudServerOutlinedDrawn);
export const CodeOutlined = /* @__PURE__ */ unread(CodeOutlinedDrawn);
export const CopyOutlined = /* @__PURE__ */ unread(CopyOutlinedDrawn);
export const DatabaseOutlined = /* @__PURE__ */ unread(DatabaseOutlinedDrawn);
export const DeleteOutlined = /* @__PURE__ */ unread(DeleteOutlinedDrawn);
export const DownOutlined = /* @__PURE__ */ unread(DownOutlinedDrawn);
export const DownloadOutlined = /* @__PURE__ */ unread(DownloadOutlinedDrawn);
export const EditOutlined = /* @__PURE__ */ unread(EditOutlinedDrawn);
export const ExperimentOutlined = /* @__PURE__ */ unread(ExperimentOutlinedDrawn);
export const FolderAddOutlined = /* @__PURE__ */ unread(FolderAddOutlinedDrawn);
export const FolderOutlined = /* @__PURE__ */ unread(FolderOutlinedDrawn);
export const FunctionOutlined = /* @__PURE__ */ unread(FunctionOutlinedDrawn);
export const GlobalOutlined = /* @__PURE__ */ unread(GlobalOutlinedDrawn);
export const HomeOutlined = /* @__PURE__ */ unread(HomeOutlinedDrawn);
export const InboxOutlined = /* @__PURE__ */ unread(InboxOutlinedDrawn);
export const KeyOutlined = /* @__PURE__ */ unread(KeyOutlinedDrawn);
export const LeftOutlined = /* @__PURE__ */ unread(LeftOutlinedDrawn);
export const LockOutlined = /* @__PURE__ */ unread(LockOutlinedDrawn);
export const LogoutOutlined = /* @__PURE__ */ unread(LogoutOutlinedDrawn);
export const MenuOutlined = /* @__PURE__ */ unread(MenuOutlinedDrawn);
export const MinusCircleOutlined = /* @__PURE__ */ unread(MinusCircleOutlinedDrawn);
export const MoonOutlined = /* @__PURE__ */ unread(MoonOutlinedDrawn);
export const MoreOutlined = /* @__PURE__ */ unread(MoreOutlinedDrawn);
export const PauseCircleFilled = /* @__PURE__ */ unread(PauseCircleFilledDrawn);
export const PauseCircleOutlined = /* @__PURE__ */ unread(PauseCircleOutlinedDrawn);
export const PlusOutlined = /* @__PURE__ */ unread(PlusOutlinedDrawn);
export const QuestionCircleOutlined = /* @__PURE__ */ unread(QuestionCircleOutlinedDrawn);
export const RedoOutlined = /* @__PURE__ */ unread(RedoOutlinedDrawn);
export const ReloadOutlined = /* @__PURE__ */ unread(ReloadOutlinedDrawn);
export const RightOutlined = /* @__PURE__ */ unread(RightOutlinedDrawn);
export const RocketOutlined = /* @__PURE__ */ unread(RocketOutlinedDrawn);
export const SafetyOutlined = /* @__PURE__ */ unread(SafetyOutlinedDrawn);
export const SearchOutlined = /* @__PURE__ */ unread(SearchOutlinedDrawn);
export const SettingOutlined = /* @__PURE__ */ unread(SettingOutlinedDrawn);
export const StopOutlined = /* @__PURE__ */ unread(StopOutlinedDrawn);
export const SunOutlined = /* @__PURE__ */ unread(SunOutlinedDrawn);
export const SyncOutlined = /* @__PURE__ */ unread(SyncOutlinedDrawn);
export const UpOutlined = /* @__PURE__ */ unread(UpOutlinedDrawn);
export const UploadOutlined = /* @__PURE__ */ unread(UploadOutlinedDrawn);
export const UserAddOutlined = /* @__PURE__ */ unread(UserAddOutlinedDrawn);
export const UserDeleteOutlined = /* @__PURE__ */ unread(UserDeleteOutlinedDrawn);
export const UserOutlined = /* @__PURE__ */ unread(UserOutlinedDrawn);
export const UsergroupAddOutlined = /* @__PURE__ */ unread(UsergroupAddOutlinedDrawn);
export const WarningOutlined = /* @__PURE__ */ unread(WarningOutlinedDrawn);
