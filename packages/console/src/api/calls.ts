// Made by `python packages/console/api.py` from the server's OpenAPI; make it again when routes change.
/* eslint-disable */

export interface About {
  version: string;
  store_port: number;
}

export interface Advanced {
  auto_search?: Record<string, unknown> | null;
}

export interface Again {
  schedule?: Schedule | Array<Schedule> | null;
}

export interface AlgorithmMetadata {
  name: string;
  description?: string;
  workspace_id?: string;
}

export interface AppCodeBody {
  id: string;
  name: string;
  created_at: number;
  last_used_at: number | null;
  code?: string | null;
}

export interface AuditBody {
  number: number;
  at: number;
  user_name: string;
  proof: string;
  address: string;
  action: string;
  subject: string;
  status: number;
}

export interface AuthBody {
  identity: IdentityBody;
  scope?: ScopeBody | null;
}

export interface BinBody {
  le_ms: number;
  count: number;
}

export interface BucketBody {
  name: string;
  policy: string;
  created_at: number;
}

export interface ByTags {
  workspace_id?: string;
  tags?: Array<KeyFilter>;
  without_any_tag?: boolean;
  matches?: Array<Match>;
}

export interface CandidateBody {
  address: string;
  sound: boolean;
  has_config: boolean;
  model_type: string | null;
  service_class: string | null;
  model_path: string | null;
  mode: string | null;
  engine: EngineFoundBody | null;
  requirements: Array<string>;
  counts: Record<string, number>;
  findings: Array<FindingBody>;
  config: Record<string, unknown>;
  files: number;
  size_bytes: number;
}

export interface ChangeOfMetadata {
  annotation?: Record<string, string>;
  annotations?: Record<string, string>;
}

export interface ChangeOfSpec {
  schedule_policy?: SchedulePolicy | null;
}

export interface ChangedInstance {
  description?: string | null;
  spec?: Specification | null;
}

export interface Config {
  worker_server_num?: number;
  app_url?: string;
  boot_file_url?: string;
  parameter?: Array<Labelled>;
  data_url?: string;
  dataset_id?: string;
  dataset_version_id?: string;
  data_source?: Array<DataSource>;
  spec_id?: number | string;
  spec_code?: string;
  engine_id?: number | string;
  engine_name?: string;
  engine_version?: string;
  model_id?: number | string;
  train_url?: string;
  log_url?: string;
  user_image_url?: string;
  user_command?: string;
  create_version?: boolean;
  volumes?: Array<Record<string, unknown>>;
  pool_id?: string;
  pool_name?: string;
  nas_type?: string;
  nas_share_addr?: string;
  nas_mount_path?: string;
  pre_version_id?: number | string;
}

export interface Content {
  worker_server_num?: number;
  app_url?: string;
  boot_file_url?: string;
  parameter?: Array<Labelled>;
  data_url?: string;
  dataset_id?: string;
  dataset_version_id?: string;
  data_source?: Array<DataSource>;
  spec_id?: number | string;
  spec_code?: string;
  engine_id?: number | string;
  engine_name?: string;
  engine_version?: string;
  model_id?: number | string;
  train_url?: string;
  log_url?: string;
  user_image_url?: string;
  user_command?: string;
  create_version?: boolean;
  volumes?: Array<Record<string, unknown>>;
  pool_id?: string;
  pool_name?: string;
  nas_type?: string;
  nas_share_addr?: string;
  nas_mount_path?: string;
  pre_version_id?: number | string;
  config_desc?: string;
}

export interface Credentials {
  name: string;
  password: string;
  workspace?: string | null;
}

export interface Customized {
  cpu_core_num?: number;
  mem_size?: number;
  accelerator_num?: number;
}

export interface DataSource {
  type?: string;
  data_url?: string;
  dataset_id?: string;
  dataset_version?: string;
}

export interface DeploymentBody {
  model_id: string;
  service_id: string;
  service_name: string;
  infer_type: InferType;
  status: string;
  asleep: boolean;
}

export interface Described {
  job_desc: string;
}

export interface Doc {
  doc_name: string;
  doc_url: string;
}

export interface EdgeBody {
  source: string;
  target: string;
}

export interface Endpoint {
  service?: string;
  key_pair_names?: Array<string> | null;
}

export interface Endpoints {
  ssh?: Ssh;
}

export interface EngineBody {
  engine: string;
  framework: string;
  versions: Array<string>;
  match: string;
  reason: string;
  python: string;
  ready: Array<string>;
  download_mb: number;
  disk_mb: number;
  making: string | null;
}

export interface EngineFoundBody {
  asked: string;
  name: string | null;
  match: string;
  reason: string;
  told: Record<string, unknown> | null;
  python: string | null;
  era?: string | null;
  notes?: Array<string>;
}

export interface EnginesBody {
  engines: Array<EngineBody>;
  environments: Array<EnvironmentBody>;
}

export interface Entering {
  workspace: string;
}

export interface EnvironmentBody {
  name: string;
  engine: string;
  ready: boolean;
  in_use: boolean;
  bytes: number;
  last_used: number;
  apart: Array<string>;
}

export interface EventBody {
  number: number;
  at: number;
  level: string;
  code: string;
  message: string;
  parameters: Record<string, unknown>;
  told: Record<string, unknown> | null;
  attempt: number;
}

export interface Experiment {
  id?: string;
  name?: string;
  description?: string;
}

export interface ExperimentChange {
  name?: string | null;
  description?: string | null;
}

export interface FailureBody {
  source: string;
  status: number;
  message: string;
  told: Record<string, unknown> | null;
  row: number | null;
}

export interface FiguresBody {
  model_id: string;
  model_name: string;
  model_version: string;
  weight: number;
  calls: number;
  failures: number;
  mean_ms: number | null;
  p50_ms: number | null;
  p95_ms: number | null;
  p99_ms: number | null;
  in_flight: number;
  instances: number;
  histogram: Array<BinBody>;
}

export interface Filter {
  key: string;
  operator?: "between" | "like" | "in" | "not";
  value?: Array<string | number | boolean>;
}

export interface FindingBody {
  level: string;
  code: string;
  message: string;
  fix: string;
  file: string | null;
  line: number | null;
  column: number | null;
  field: string | null;
  repairable: boolean;
  parameters?: Record<string, unknown>;
}

export interface FoundBody {
  lines: Array<FoundLine>;
  next_line: number | null;
}

export interface FoundLine {
  line: number;
  text: string;
}

export interface IdentityBody {
  methods: Array<string>;
  password?: PasswordMethod | null;
  hw_ak_sk?: KeyMethod | null;
}

export type InferType = "real-time" | "batch";

export interface InstanceBody {
  run_id: string;
  model_id: string;
  model_version: string;
  state: string;
  ready: boolean;
  leaving: boolean;
  created_at: number;
  ready_at: number | null;
  message: string;
  told: Record<string, unknown> | null;
}

export interface JobAlgorithm {
  id?: string;
  subscription_id?: string;
  item_version_id?: string;
  code_dir?: string;
  boot_file?: string;
  command?: string;
  parameters?: Array<SentParameter> | null;
  inputs?: Array<SentPlace>;
  outputs?: Array<SentPlace>;
  engine?: SentEngine;
  policies?: SentPolicies;
  environments?: Record<string, string | number | boolean>;
  local_code_dir?: string;
  working_dir?: string;
  autosearch_config_path?: string;
  summary?: Record<string, unknown>;
}

export interface JobConfig {
  code_dir?: string;
  boot_file?: string;
  command?: string;
  parameters?: Array<SentParameter>;
  inputs?: Array<SentChannel>;
  outputs?: Array<SentChannel>;
  engine?: SentEngine;
  parameters_customization?: boolean;
}

export interface JobMetadata {
  name: string;
  description?: string;
  workspace_id?: string;
  annotations?: Record<string, string>;
  training_experiment_reference?: Experiment | null;
}

export interface JobSpec {
  resource?: SentResource;
  volumes?: Array<Record<string, unknown>>;
  log_export_path?: LogPath;
  auto_stop?: maquette__training__dialect_v2__bodies__AutoStop;
  schedule_policy?: SchedulePolicy;
}

export interface JobToRemove {
  kind?: string;
  metadata: NamedJob;
}

export interface JobsToRemove {
  jobs: Array<JobToRemove>;
}

export interface Key {
  access: string;
  description: string;
  created_at: number;
  last_used_at: number | null;
  disabled: boolean;
  secret?: string | null;
}

export interface KeyAccess {
  key: string;
}

export interface KeyChange {
  disabled: boolean;
}

export interface KeyFilter {
  key: string;
  values?: Array<string>;
}

export interface KeyMethod {
  access: KeyAccess;
  secret: KeyAccess;
}

export type Kind = "data" | "code" | "algorithm" | "engine" | "job" | "place" | "model" | "service";

export interface Labelled {
  label: string;
  value?: string | number | boolean;
}

export interface Lease {
  duration?: number;
  type?: "timing";
}

export interface LineageBody {
  focus: string;
  nodes: Array<NodeBody>;
  edges: Array<EdgeBody>;
  left_out: number;
}

export interface LinesBody {
  text: string;
  first_line: number;
  last_line: number;
}

export interface LinkCredentials {
  link: string;
  password: string;
}

export interface Location {
  path?: string | null;
  volume_size?: number | null;
  volume_unit?: string | null;
}

export interface LogPath {
  obs_url?: string;
  host_path?: string;
}

export interface MachineBody {
  capacity: Needed;
  held: Needed;
  left: Needed;
  free_memory_bytes: number;
  running: number;
  served: number;
  queue: number;
  waiting: Array<WaitingBody>;
}

export interface Match {
  key: string;
  value?: string;
}

export interface MemberBody {
  user_id: string;
  user_name: string;
  role: string;
}

export interface Metadata {
  name: string;
  description?: string;
  workspace_id?: string;
}

export interface ModelChange {
  description?: string;
  tags?: Array<Record<string, string>>;
  model_docs?: Array<Doc> | null;
}

export interface Named {
  name?: string | null;
  id?: string | null;
}

export interface NamedJob {
  id: string;
}

export interface Needed {
  cores: number;
  memory_bytes: number;
  gpus: number;
}

export interface NewAppCode {
  name: string;
}

export interface NewConfiguration {
  worker_server_num?: number;
  app_url?: string;
  boot_file_url?: string;
  parameter?: Array<Labelled>;
  data_url?: string;
  dataset_id?: string;
  dataset_version_id?: string;
  data_source?: Array<DataSource>;
  spec_id?: number | string;
  spec_code?: string;
  engine_id?: number | string;
  engine_name?: string;
  engine_version?: string;
  model_id?: number | string;
  train_url?: string;
  log_url?: string;
  user_image_url?: string;
  user_command?: string;
  create_version?: boolean;
  volumes?: Array<Record<string, unknown>>;
  pool_id?: string;
  pool_name?: string;
  nas_type?: string;
  nas_share_addr?: string;
  nas_mount_path?: string;
  pre_version_id?: number | string;
  config_desc?: string;
  config_name: string;
}

export interface NewExperiment {
  metadata: Metadata;
}

export interface NewInstance {
  name: string;
  profile_id?: string;
  description?: string;
  flavor?: string;
  spec?: Specification;
}

export interface NewKey {
  description?: string;
}

export interface NewMember {
  user_name: string;
  role: string;
}

export interface NewNotebook {
  name: string;
  image_id?: string;
  flavor?: string;
  description?: string | null;
  feature?: "NOTEBOOK" | "DEFAULT";
  volume?: Volume | null;
  duration?: number | null;
  lease?: Lease | null;
  endpoints?: Array<Endpoint> | null;
  workspace_id?: string | null;
  pool_id?: string | null;
}

export interface NewUser {
  name: string;
  role?: string;
  administrator?: boolean;
}

export interface NewVersion {
  job_desc?: string;
  config: Config;
  pre_version_id?: number | string;
}

export interface NewWorkspace {
  name: string;
  description?: string;
  auth_type?: string;
}

export interface NodeBody {
  id: string;
  kind: Kind;
  name: string;
  about: string;
  state: string;
  address: string;
  gone: boolean;
  refers: Record<string, string>;
}

export interface PasswordMethod {
  user: PasswordUser;
}

export interface PasswordUser {
  name?: string | null;
  id?: string | null;
  password: string;
  domain?: Named | null;
}

export interface Passwords {
  old_password: string;
  new_password: string;
}

export interface PreparationBody {
  state: string;
  over: boolean;
  message: string;
  told: Record<string, unknown> | null;
  lines: Array<string>;
  lines_told: Array<Record<string, unknown> | null>;
}

export interface Profile {
  language?: string | null;
  theme?: string | null;
}

export interface ProgressBody {
  phase: string;
  percent: number;
  total: number;
  done: number;
  failed: number;
  requests: number;
  failed_requests: number;
  rate: number;
  began_at: number | null;
  ended_at: number | null;
  seconds_left: number | null;
}

export interface Refusal {
  error_code: string;
  error_msg: string;
  code: string;
  parameters: Record<string, unknown>;
  told?: unknown;
}

export interface Report {
  type?: string;
}

export interface ResultBody {
  source: string;
  address: string;
  size: number | null;
  text: string | null;
}

export interface RollingBack {
  revision?: number | null;
}

export interface RoomBody {
  kind: string;
  name: string;
  bytes: number;
  files: number;
}

export interface RoomsBody {
  at: number | null;
  going: boolean;
  rooms: Array<RoomBody>;
}

export interface RunBody {
  id: string;
  kind: string;
  subject: string;
  name: string;
  node: number;
  state: string;
  attempt: number;
  restarts: number;
  created_at: number;
  moments: Record<string, number>;
  split: Record<string, number>;
  wish: string;
  code: number | null;
  cause: string | null;
  message: string;
  told: Record<string, unknown> | null;
  needs: Needed;
  gpu_ids: Array<number>;
  peak_memory_bytes: number;
  ready: boolean;
  settled: boolean;
  log_bytes: number;
}

export interface Schedule {
  type?: "stop";
  time_unit?: "HOURS";
  duration?: number;
}

export interface SchedulePolicy {
  priority?: number;
  preemptible?: boolean;
}

export interface ScopeBody {
  project?: Named | null;
  domain?: Named | null;
}

export interface Searched {
  offset?: number;
  limit?: number;
  sort_by?: string;
  order?: "asc" | "desc" | "";
  group_by?: string;
  workspace_id?: string;
  train_type?: string;
  tags?: Array<TagFilter>;
  filters?: Array<Filter>;
}

export interface SentAlgorithm {
  metadata: AlgorithmMetadata;
  job_config: JobConfig;
  resource_requirements?: Array<SentRequirement>;
  advanced_config?: Advanced;
}

export interface SentChange {
  description?: string | null;
  status?: "running" | "stopped" | null;
  config?: Array<SentConfig> | null;
  schedule?: Array<SentSchedule> | null;
  additional_properties?: Record<string, unknown> | null;
}

export interface SentChannel {
  name: string;
  description?: string;
  remote_constraints?: Array<SentConstraintOfPlace>;
}

export interface SentConfig {
  model_id: string;
  weight?: number | null;
  specification?: string;
  custom_spec?: SentSpec | null;
  instance_count?: number;
  envs?: Record<string, string> | null;
  src_type?: string | null;
  src_path?: string;
  dest_path?: string;
  req_uri?: string | null;
  mapping_type?: string | null;
  mapping_rule?: Record<string, unknown> | null;
}

export interface SentConstraint {
  type?: string;
  editable?: boolean;
  required?: boolean;
  sensitive?: boolean;
  valid_type?: string;
  valid_range?: Array<string | number | boolean>;
}

export interface SentConstraintOfPlace {
  data_type: string;
  attributes?: Array<Record<string, string>>;
}

export interface SentDataset {
  id?: string;
  version_id?: string;
  obs_url?: string;
}

export interface SentEngine {
  engine_id?: string;
  engine_name?: string;
  engine_version?: string;
  image_url?: string;
}

export interface SentJob {
  kind?: string;
  metadata: JobMetadata;
  algorithm?: JobAlgorithm;
  tasks?: Array<Record<string, unknown>>;
  spec?: JobSpec;
  endpoints?: Endpoints;
  tags?: Array<SentTag>;
}

export interface SentModel {
  model_name: string;
  model_version?: string;
  source_location?: string;
  source_job_id?: string | number | null;
  source_job_version?: string | null;
  source_type?: string | null;
  model_type?: string | null;
  runtime?: string | null;
  description?: string;
  model_algorithm?: string | null;
  execution_code?: string | null;
  input_params?: Array<SentParam> | null;
  output_params?: Array<SentParam> | null;
  dependencies?: Array<Record<string, unknown>> | null;
  model_metrics?: string | null;
  apis?: string | Array<Record<string, unknown>> | null;
  initial_config?: string | null;
  workspace_id?: string;
  model_docs?: Array<Doc> | null;
  install_type?: Array<string> | null;
  template?: SentTemplate | null;
  tags?: Array<Record<string, string>> | null;
}

export interface SentObs {
  obs_url?: string;
}

export interface SentParam {
  url?: string;
  param_name: string;
  param_type?: string;
  min?: number | string | null;
  max?: number | string | null;
  param_desc?: string | null;
  protocol?: string | null;
  method?: string | null;
}

export interface SentParameter {
  name: string;
  value?: string | number | boolean;
  description?: string;
  constraint?: SentConstraint | null;
  i18n_description?: Record<string, string> | Array<Record<string, string>> | null;
}

export interface SentPlace {
  name: string;
  description?: string;
  local_dir?: string;
  access_method?: "parameter" | "env" | "";
  remote?: SentRemote;
  prefetch_to_local?: boolean;
}

export interface SentPolicies {
  auto_search?: Record<string, unknown> | null;
}

export interface SentQuota {
  resource: string;
  quota?: number;
}

export interface SentQuotas {
  user_id?: string;
  quotas?: Array<SentQuota>;
}

export interface SentRemote {
  obs?: SentObs | null;
  dataset?: SentDataset | null;
}

export interface SentRequirement {
  key: string;
  values?: Array<string>;
  operator?: "in";
}

export interface SentResource {
  flavor_id?: string;
  node_count?: number;
  pool_id?: string;
  main_container_customized_flavor?: Customized | null;
}

export interface SentSchedule {
  type?: "stop";
  time_unit?: "DAYS" | "HOURS" | "MINUTES";
  duration: number;
}

export interface SentService {
  service_name: string;
  infer_type?: string;
  description?: string | null;
  config: Array<SentConfig>;
  schedule?: Array<SentSchedule> | null;
  workspace_id?: string | number | null;
  additional_properties?: Record<string, unknown> | null;
}

export interface SentSpec {
  cpu: number;
  memory: number;
  gpu_p4?: number | null;
  ascend_a310?: number | null;
}

export interface SentTag {
  key: string;
  value?: string;
}

export interface SentTags {
  tags: Array<SentTag>;
}

export interface SentTemplate {
  infer_format?: string;
  template_id?: string;
  template_inputs?: Array<Record<string, string>>;
}

export interface SessionBody {
  user_id: string;
  user_name: string;
  project_id: string;
  role: string;
  administrator: boolean;
  language: string;
  theme: string;
  change_token: string;
  workspaces: Array<Record<string, string>>;
}

export interface Specification {
  storage?: Storage;
  auto_stop?: maquette__notebooks__instances__AutoStop | null;
}

export interface Ssh {
  key_pair_names?: Array<string>;
}

export interface StandingBody {
  service_id: string;
  status: string;
  revision: number;
}

export interface StatisticsBody {
  versions: Array<FiguresBody>;
  total: FiguresBody;
}

export type Status = "CREATING" | "STARTING" | "RUNNING" | "STOPPING" | "STOPPED" | "START_FAILED" | "ERROR";

export interface Stopping {
  now?: boolean;
}

export interface Storage {
  type?: "obs" | "obsfs" | "evs" | "efs";
  location?: Location;
}

export interface Sync {
  direction: "to_bucket" | "from_bucket";
  folder?: string;
  path?: string;
}

export interface TagFilter {
  key: string;
  values?: Array<string>;
}

export interface Tags {
  tags: Array<SentTag>;
}

export interface TokenRequest {
  auth: AuthBody;
}

export interface TourBody {
  name: string;
  bucket: string;
  filled: boolean;
  unseen: Array<string>;
  engine: string;
  engine_ready: boolean;
  cores: number;
}

export interface UseBody {
  cores: number;
  load: number;
  memory_bytes: number;
  free_memory_bytes: number;
  disk_bytes: number;
  free_disk_bytes: number;
}

export interface UserBody {
  id: string;
  name: string;
  administrator: boolean;
  disabled: boolean;
  has_password: boolean;
  created_at: number;
  link?: string | null;
}

export interface UserChange {
  disabled?: boolean | null;
  administrator?: boolean | null;
}

export interface Volume {
  category?: string;
  ownership?: string;
  capacity?: number | null;
  uri?: string | null;
}

export interface WaitingBody {
  turn: number;
  id: string;
  kind: string;
  name: string;
  priority: number;
  queued_at: number;
  needs: Needed;
}

export interface WorkspaceChange {
  name?: string | null;
  description?: string | null;
}

export interface maquette__notebooks__dialect__Changes {
  name?: string | null;
  image_id?: string | null;
  flavor?: string | null;
  description?: string | null;
  endpoints?: Array<Endpoint> | null;
}

export interface maquette__notebooks__instances__Action {
  action: string;
}

export interface maquette__notebooks__instances__AutoStop {
  enable?: boolean;
  duration?: number;
  prompt?: boolean;
}

export interface maquette__tensorboards__dialect__NewJob {
  job_name: string;
  job_desc?: string;
  train_url: string;
  job_type?: string;
  schedule?: Schedule | Array<Schedule> | null;
}

export interface maquette__training__dialect_v1__jobs__JobChange {
  job_desc: string;
}

export interface maquette__training__dialect_v1__jobs__NewJob {
  job_name: string;
  job_desc?: string;
  workspace_id?: string;
  config: Config;
}

export interface maquette__training__dialect_v2__bodies__Action {
  action_type: string;
}

export interface maquette__training__dialect_v2__bodies__AutoStop {
  time_unit?: "HOURS" | "MINUTES" | "";
  duration?: number;
}

export interface maquette__training__dialect_v2__bodies__JobChange {
  description?: string | null;
  metadata?: ChangeOfMetadata;
  spec?: ChangeOfSpec;
}

export interface maquette__training__routes__Changes {
  from?: string;
  code?: string | null;
  boot_file?: string | null;
  engine?: string | null;
  parameters?: Record<string, string | number | boolean | null>;
  inputs?: Record<string, string | null>;
  outputs?: Record<string, string | null>;
  environment?: Record<string, string | null>;
  flavour?: string | null;
  nodes?: number | null;
  seconds?: number | null;
  priority?: number | null;
  restarts?: number | null;
  log?: string | null;
  search?: Record<string, unknown> | null;
}

export interface Calls {
  "GET /health": { path: {}; query: {}; body: undefined; answer: Record<string, string> };
  "GET /maquette/about": { path: {}; query: {}; body: undefined; answer: About };
  "GET /maquette/openapi.json": { path: {}; query: {}; body: undefined; answer: Record<string, unknown> };
  "GET /maquette/session": { path: {}; query: {}; body: undefined; answer: SessionBody };
  "POST /maquette/session": { path: {}; query: {}; body: Credentials; answer: undefined };
  "DELETE /maquette/session": { path: {}; query: {}; body: undefined; answer: undefined };
  "POST /maquette/session/link": { path: {}; query: {}; body: LinkCredentials; answer: undefined };
  "PUT /maquette/session/password": { path: {}; query: {}; body: Passwords; answer: undefined };
  "PUT /maquette/session/profile": { path: {}; query: {}; body: Profile; answer: undefined };
  "PUT /maquette/session/workspace": { path: {}; query: {}; body: Entering; answer: undefined };
  "GET /maquette/{project_id}/access-keys": { path: {}; query: {}; body: undefined; answer: Array<Key> };
  "POST /maquette/{project_id}/access-keys": { path: {}; query: {}; body: NewKey; answer: Key };
  "PUT /maquette/{project_id}/access-keys/{access}": { path: { "access": string }; query: {}; body: KeyChange; answer: undefined };
  "DELETE /maquette/{project_id}/access-keys/{access}": { path: { "access": string }; query: {}; body: undefined; answer: undefined };
  "GET /maquette/{project_id}/app-codes": { path: {}; query: {}; body: undefined; answer: Array<AppCodeBody> };
  "POST /maquette/{project_id}/app-codes": { path: {}; query: {}; body: NewAppCode; answer: AppCodeBody };
  "DELETE /maquette/{project_id}/app-codes/{id}": { path: { "id": string }; query: {}; body: undefined; answer: undefined };
  "GET /maquette/{project_id}/audit": { path: {}; query: { "limit"?: number; "before"?: number | null }; body: undefined; answer: Array<AuditBody> };
  "GET /maquette/{project_id}/buckets": { path: {}; query: {}; body: undefined; answer: Array<BucketBody> };
  "GET /maquette/{project_id}/deployments": { path: {}; query: { "models": string }; body: undefined; answer: Array<DeploymentBody> };
  "GET /maquette/{project_id}/engines": { path: {}; query: {}; body: undefined; answer: EnginesBody };
  "DELETE /maquette/{project_id}/engines/{name}": { path: { "name": string }; query: {}; body: undefined; answer: undefined };
  "GET /maquette/{project_id}/engines/{name}/preparation": { path: { "name": string }; query: {}; body: undefined; answer: PreparationBody };
  "POST /maquette/{project_id}/engines/{name}/preparation": { path: { "name": string }; query: {}; body: undefined; answer: PreparationBody };
  "DELETE /maquette/{project_id}/engines/{name}/preparation": { path: { "name": string }; query: {}; body: undefined; answer: undefined };
  "GET /maquette/{project_id}/lineage": { path: {}; query: { "model_id"?: string; "job_id"?: string; "version"?: string }; body: undefined; answer: LineageBody };
  "GET /maquette/{project_id}/machine": { path: {}; query: {}; body: undefined; answer: MachineBody };
  "GET /maquette/{project_id}/machine/rooms": { path: {}; query: {}; body: undefined; answer: RoomsBody };
  "GET /maquette/{project_id}/machine/use": { path: {}; query: {}; body: undefined; answer: UseBody };
  "GET /maquette/{project_id}/members": { path: {}; query: {}; body: undefined; answer: Array<MemberBody> };
  "PUT /maquette/{project_id}/members": { path: {}; query: {}; body: NewMember; answer: MemberBody };
  "DELETE /maquette/{project_id}/members/{user_id}": { path: { "user_id": string }; query: {}; body: undefined; answer: undefined };
  "GET /maquette/{project_id}/metrics": { path: {}; query: {}; body: undefined; answer: unknown };
  "GET /maquette/{project_id}/models/check": { path: {}; query: { "source_location"?: string; "source_job_id"?: string; "source_job_version"?: string; "execution_code"?: string; "model_type"?: string; "runtime"?: string; "infer_format"?: string }; body: undefined; answer: CandidateBody };
  "GET /maquette/{project_id}/models/{model_id}/package": { path: { "model_id": string }; query: {}; body: undefined; answer: unknown };
  "POST /maquette/{project_id}/notebooks/{id}/sync": { path: { "id": string }; query: {}; body: Sync; answer: Record<string, unknown> };
  "GET /maquette/{project_id}/runs/{id}": { path: { "id": string }; query: {}; body: undefined; answer: RunBody };
  "GET /maquette/{project_id}/runs/{id}/events": { path: { "id": string }; query: { "after"?: number }; body: undefined; answer: Array<EventBody> };
  "GET /maquette/{project_id}/runs/{id}/log": { path: { "id": string }; query: { "start"?: number | null; "end"?: number | null; "tail"?: number | null; "download"?: boolean }; body: undefined; answer: unknown };
  "GET /maquette/{project_id}/runs/{id}/log/lines": { path: { "id": string }; query: { "base_line"?: number | null; "lines"?: number; "order"?: "asc" | "desc" }; body: undefined; answer: LinesBody };
  "GET /maquette/{project_id}/runs/{id}/log/search": { path: { "id": string }; query: { "text": string; "from_line"?: number; "limit"?: number }; body: undefined; answer: FoundBody };
  "GET /maquette/{project_id}/runs/{id}/log/stream": { path: { "id": string }; query: { "start"?: number | null; "tail"?: number | null }; body: undefined; answer: unknown };
  "POST /maquette/{project_id}/runs/{id}/stop": { path: { "id": string }; query: {}; body: Stopping | null; answer: RunBody };
  "GET /maquette/{project_id}/runs/{id}/usage": { path: { "id": string }; query: {}; body: undefined; answer: Record<string, unknown> };
  "GET /maquette/{project_id}/services/{service_id}/failures": { path: { "service_id": string }; query: { "offset"?: number; "limit"?: number }; body: undefined; answer: Array<FailureBody> };
  "GET /maquette/{project_id}/services/{service_id}/instances": { path: { "service_id": string }; query: {}; body: undefined; answer: Array<InstanceBody> };
  "GET /maquette/{project_id}/services/{service_id}/progress": { path: { "service_id": string }; query: {}; body: undefined; answer: ProgressBody };
  "GET /maquette/{project_id}/services/{service_id}/results": { path: { "service_id": string }; query: { "offset"?: number; "limit"?: number }; body: undefined; answer: Array<ResultBody> };
  "POST /maquette/{project_id}/services/{service_id}/retry": { path: { "service_id": string }; query: {}; body: undefined; answer: StandingBody };
  "POST /maquette/{project_id}/services/{service_id}/roll-back": { path: { "service_id": string }; query: {}; body: RollingBack | null; answer: StandingBody };
  "GET /maquette/{project_id}/services/{service_id}/statistics": { path: { "service_id": string }; query: {}; body: undefined; answer: StatisticsBody };
  "POST /maquette/{project_id}/services/{service_id}/stop": { path: { "service_id": string }; query: {}; body: undefined; answer: StandingBody };
  "GET /maquette/{project_id}/tour": { path: {}; query: {}; body: undefined; answer: TourBody };
  "POST /maquette/{project_id}/tour": { path: {}; query: {}; body: undefined; answer: TourBody };
  "GET /maquette/{project_id}/training-jobs/{job_id}/versions": { path: { "job_id": string }; query: {}; body: undefined; answer: Record<string, unknown> };
  "POST /maquette/{project_id}/training-jobs/{job_id}/versions": { path: { "job_id": string }; query: {}; body: maquette__training__routes__Changes; answer: Record<string, unknown> };
  "GET /maquette/{project_id}/training-jobs/{job_id}/versions/{version}": { path: { "job_id": string; "version": string }; query: {}; body: undefined; answer: Record<string, unknown> };
  "DELETE /maquette/{project_id}/training-jobs/{job_id}/versions/{version}": { path: { "job_id": string; "version": string }; query: {}; body: undefined; answer: undefined };
  "GET /maquette/{project_id}/training-jobs/{job_id}/versions/{version}/analysis": { path: { "job_id": string; "version": string }; query: { "evaluation"?: string }; body: undefined; answer: Record<string, unknown> };
  "GET /maquette/{project_id}/training-jobs/{job_id}/versions/{version}/analysis/{section}": { path: { "job_id": string; "version": string; "section": string }; query: { "evaluation"?: string; "language"?: string; "offset"?: number; "limit"?: number }; body: undefined; answer: Record<string, unknown> };
  "GET /maquette/{project_id}/training-jobs/{job_id}/versions/{version}/difference": { path: { "job_id": string; "version": string }; query: { "with": string }; body: undefined; answer: Record<string, unknown> };
  "GET /maquette/{project_id}/training-jobs/{job_id}/versions/{version}/metrics": { path: { "job_id": string; "version": string }; query: {}; body: undefined; answer: Record<string, unknown> };
  "POST /maquette/{project_id}/training-jobs/{job_id}/versions/{version}/stop": { path: { "job_id": string; "version": string }; query: { "now"?: boolean }; body: undefined; answer: Record<string, unknown> };
  "GET /maquette/{project_id}/training-logs/{run_id}": { path: { "run_id": string }; query: { "until"?: number; "signature"?: string; "download"?: boolean }; body: undefined; answer: unknown };
  "GET /maquette/{project_id}/users": { path: {}; query: {}; body: undefined; answer: Array<UserBody> };
  "POST /maquette/{project_id}/users": { path: {}; query: {}; body: NewUser; answer: UserBody };
  "PUT /maquette/{project_id}/users/{user_id}": { path: { "user_id": string }; query: {}; body: UserChange; answer: UserBody };
  "POST /maquette/{project_id}/users/{user_id}/link": { path: { "user_id": string }; query: {}; body: undefined; answer: UserBody };
  "GET /v1/{project_id}/built-in-algorithms": { path: {}; query: {}; body: undefined; answer: Record<string, unknown> };
  "GET /v1/{project_id}/clusters": { path: {}; query: {}; body: undefined; answer: Record<string, unknown> };
  "GET /v1/{project_id}/demanager/instances": { path: {}; query: { "offset"?: number; "limit"?: number; "status"?: Status | null; "sortby"?: string; "order"?: "asc" | "desc"; "name"?: string; "show_self"?: boolean }; body: undefined; answer: Record<string, unknown> };
  "POST /v1/{project_id}/demanager/instances": { path: {}; query: {}; body: NewInstance; answer: Record<string, unknown> };
  "GET /v1/{project_id}/demanager/instances/{id}": { path: { "id": string }; query: {}; body: undefined; answer: Record<string, unknown> };
  "PUT /v1/{project_id}/demanager/instances/{id}": { path: { "id": string }; query: {}; body: ChangedInstance; answer: Record<string, unknown> };
  "DELETE /v1/{project_id}/demanager/instances/{id}": { path: { "id": string }; query: {}; body: undefined; answer: Record<string, unknown> };
  "POST /v1/{project_id}/demanager/instances/{id}/action": { path: { "id": string }; query: {}; body: maquette__notebooks__instances__Action; answer: Record<string, unknown> };
  "GET /v1/{project_id}/images": { path: {}; query: { "offset"?: number; "limit"?: number; "name"?: string }; body: undefined; answer: Record<string, unknown> };
  "GET /v1/{project_id}/job/ai-engines": { path: {}; query: { "job_type"?: string }; body: undefined; answer: Record<string, unknown> };
  "GET /v1/{project_id}/job/resource-specs": { path: {}; query: { "job_type"?: string }; body: undefined; answer: Record<string, unknown> };
  "GET /v1/{project_id}/models": { path: {}; query: { "model_name"?: string; "exact_match"?: boolean; "model_version"?: string; "model_status"?: string; "model_type"?: string; "not_model_type"?: string; "offset"?: number; "limit"?: number; "sort_by"?: string; "order"?: "asc" | "desc" }; body: undefined; answer: Record<string, unknown> };
  "POST /v1/{project_id}/models": { path: {}; query: {}; body: SentModel; answer: Record<string, string> };
  "GET /v1/{project_id}/models/ai-engine-runtimes": { path: {}; query: { "model_type"?: string }; body: undefined; answer: Record<string, unknown> };
  "GET /v1/{project_id}/models/{model_id}": { path: { "model_id": string }; query: {}; body: undefined; answer: Record<string, unknown> };
  "PUT /v1/{project_id}/models/{model_id}": { path: { "model_id": string }; query: {}; body: ModelChange; answer: Record<string, unknown> };
  "DELETE /v1/{project_id}/models/{model_id}": { path: { "model_id": string }; query: { "cascade"?: boolean }; body: undefined; answer: Record<string, unknown> };
  "GET /v1/{project_id}/notebooks": { path: {}; query: { "offset"?: number; "limit"?: number; "name"?: string; "status"?: Status | null; "owner"?: string; "sort_key"?: string; "sort_dir"?: "ASC" | "DESC" | "asc" | "desc" }; body: undefined; answer: Record<string, unknown> };
  "POST /v1/{project_id}/notebooks": { path: {}; query: {}; body: NewNotebook; answer: Record<string, unknown> };
  "GET /v1/{project_id}/notebooks/all": { path: {}; query: { "offset"?: number; "limit"?: number; "name"?: string; "status"?: Status | null; "owner"?: string; "sort_key"?: string; "sort_dir"?: "ASC" | "DESC" | "asc" | "desc" }; body: undefined; answer: Record<string, unknown> };
  "GET /v1/{project_id}/notebooks/flavors": { path: {}; query: { "category"?: "CPU" | "GPU" | "ASCEND" | null; "offset"?: number; "limit"?: number }; body: undefined; answer: Record<string, unknown> };
  "GET /v1/{project_id}/notebooks/{id}": { path: { "id": string }; query: {}; body: undefined; answer: Record<string, unknown> };
  "PUT /v1/{project_id}/notebooks/{id}": { path: { "id": string }; query: {}; body: maquette__notebooks__dialect__Changes; answer: Record<string, unknown> };
  "DELETE /v1/{project_id}/notebooks/{id}": { path: { "id": string }; query: {}; body: undefined; answer: Record<string, unknown> };
  "GET /v1/{project_id}/notebooks/{id}/flavors": { path: { "id": string }; query: { "offset"?: number; "limit"?: number }; body: undefined; answer: Record<string, unknown> };
  "GET /v1/{project_id}/notebooks/{id}/lease": { path: { "id": string }; query: {}; body: undefined; answer: Record<string, unknown> };
  "PATCH /v1/{project_id}/notebooks/{id}/lease": { path: { "id": string }; query: { "duration"?: number | null }; body: Lease | null; answer: Record<string, unknown> };
  "POST /v1/{project_id}/notebooks/{id}/start": { path: { "id": string }; query: { "duration"?: number | null; "type"?: "timing" }; body: undefined; answer: Record<string, unknown> };
  "POST /v1/{project_id}/notebooks/{id}/stop": { path: { "id": string }; query: {}; body: undefined; answer: Record<string, unknown> };
  "GET /v1/{project_id}/services": { path: {}; query: { "service_id"?: string; "service_name"?: string; "model_id"?: string; "infer_type"?: string; "status"?: string; "offset"?: number; "limit"?: number; "sort_by"?: string; "order"?: "asc" | "desc" }; body: undefined; answer: Record<string, unknown> };
  "POST /v1/{project_id}/services": { path: {}; query: {}; body: SentService; answer: Record<string, unknown> };
  "GET /v1/{project_id}/services/specifications": { path: {}; query: { "infer_type"?: string; "is_personal_cluster"?: boolean; "offset"?: number; "limit"?: number }; body: undefined; answer: Record<string, unknown> };
  "GET /v1/{project_id}/services/tags": { path: {}; query: {}; body: undefined; answer: Record<string, unknown> };
  "GET /v1/{project_id}/services/{service_id}": { path: { "service_id": string }; query: {}; body: undefined; answer: Record<string, unknown> };
  "PUT /v1/{project_id}/services/{service_id}": { path: { "service_id": string }; query: {}; body: SentChange; answer: Record<string, unknown> };
  "DELETE /v1/{project_id}/services/{service_id}": { path: { "service_id": string }; query: {}; body: undefined; answer: Record<string, unknown> };
  "GET /v1/{project_id}/services/{service_id}/events": { path: { "service_id": string }; query: { "event_type"?: "" | "normal" | "abnormal"; "event_info"?: string; "start_time"?: number | null; "end_time"?: number | null; "offset"?: number; "limit"?: number; "sort_by"?: "occur_time"; "order"?: "asc" | "desc" }; body: undefined; answer: Record<string, unknown> };
  "GET /v1/{project_id}/services/{service_id}/logs": { path: { "service_id": string }; query: { "update_time"?: number | null }; body: undefined; answer: Record<string, unknown> };
  "GET /v1/{project_id}/services/{service_id}/monitor": { path: { "service_id": string }; query: { "node_id"?: string }; body: undefined; answer: Record<string, unknown> };
  "GET /v1/{project_id}/services/{service_id}/tags": { path: { "service_id": string }; query: {}; body: undefined; answer: Record<string, unknown> };
  "POST /v1/{project_id}/services/{service_id}/tags/create": { path: { "service_id": string }; query: {}; body: SentTags; answer: undefined };
  "DELETE /v1/{project_id}/services/{service_id}/tags/delete": { path: { "service_id": string }; query: {}; body: SentTags; answer: undefined };
  "GET /v1/{project_id}/training-job-configs": { path: {}; query: { "page"?: number; "per_page"?: number; "sortBy"?: string; "order"?: string; "search_content"?: string; "config_type"?: string }; body: undefined; answer: Record<string, unknown> };
  "POST /v1/{project_id}/training-job-configs": { path: {}; query: {}; body: NewConfiguration; answer: Record<string, unknown> };
  "GET /v1/{project_id}/training-job-configs/{config_name}": { path: { "config_name": string }; query: {}; body: undefined; answer: Record<string, unknown> };
  "PUT /v1/{project_id}/training-job-configs/{config_name}": { path: { "config_name": string }; query: {}; body: Content; answer: Record<string, unknown> };
  "DELETE /v1/{project_id}/training-job-configs/{config_name}": { path: { "config_name": string }; query: {}; body: undefined; answer: Record<string, unknown> };
  "GET /v1/{project_id}/training-jobs": { path: {}; query: { "status"?: string; "page"?: number; "per_page"?: number; "sortBy"?: string; "order"?: string; "search_content"?: string; "workspace_id"?: string }; body: undefined; answer: Record<string, unknown> };
  "POST /v1/{project_id}/training-jobs": { path: {}; query: {}; body: maquette__training__dialect_v1__jobs__NewJob; answer: Record<string, unknown> };
  "PUT /v1/{project_id}/training-jobs/{job_id}": { path: { "job_id": string }; query: {}; body: maquette__training__dialect_v1__jobs__JobChange; answer: Record<string, unknown> };
  "DELETE /v1/{project_id}/training-jobs/{job_id}": { path: { "job_id": string }; query: {}; body: undefined; answer: Record<string, unknown> };
  "GET /v1/{project_id}/training-jobs/{job_id}/versions": { path: { "job_id": string }; query: { "page"?: number; "per_page"?: number }; body: undefined; answer: Record<string, unknown> };
  "POST /v1/{project_id}/training-jobs/{job_id}/versions": { path: { "job_id": string }; query: {}; body: NewVersion; answer: Record<string, unknown> };
  "GET /v1/{project_id}/training-jobs/{job_id}/versions/{version_id}": { path: { "job_id": string; "version_id": string }; query: {}; body: undefined; answer: Record<string, unknown> };
  "DELETE /v1/{project_id}/training-jobs/{job_id}/versions/{version_id}": { path: { "job_id": string; "version_id": string }; query: {}; body: undefined; answer: Record<string, unknown> };
  "GET /v1/{project_id}/training-jobs/{job_id}/versions/{version_id}/aom-log": { path: { "job_id": string; "version_id": string }; query: { "log_file": string; "base_line"?: string; "lines"?: number; "order"?: string }; body: undefined; answer: Record<string, unknown> };
  "GET /v1/{project_id}/training-jobs/{job_id}/versions/{version_id}/log/file-names": { path: { "job_id": string; "version_id": string }; query: {}; body: undefined; answer: Record<string, unknown> };
  "POST /v1/{project_id}/training-jobs/{job_id}/versions/{version_id}/stop": { path: { "job_id": string; "version_id": string }; query: {}; body: undefined; answer: Record<string, unknown> };
  "GET /v1/{project_id}/visualization-jobs": { path: {}; query: { "status"?: string; "per_page"?: number; "page"?: number; "sortBy"?: string; "order"?: "asc" | "desc"; "search_content"?: string }; body: undefined; answer: Record<string, unknown> };
  "POST /v1/{project_id}/visualization-jobs": { path: {}; query: {}; body: maquette__tensorboards__dialect__NewJob; answer: Record<string, unknown> };
  "GET /v1/{project_id}/visualization-jobs/{job_id}": { path: { "job_id": number }; query: {}; body: undefined; answer: Record<string, unknown> };
  "PUT /v1/{project_id}/visualization-jobs/{job_id}": { path: { "job_id": number }; query: {}; body: Described; answer: Record<string, unknown> };
  "DELETE /v1/{project_id}/visualization-jobs/{job_id}": { path: { "job_id": number }; query: {}; body: undefined; answer: Record<string, unknown> };
  "POST /v1/{project_id}/visualization-jobs/{job_id}/restart": { path: { "job_id": number }; query: {}; body: Again | null; answer: Record<string, unknown> };
  "POST /v1/{project_id}/visualization-jobs/{job_id}/stop": { path: { "job_id": number }; query: {}; body: undefined; answer: Record<string, unknown> };
  "GET /v1/{project_id}/workspaces": { path: {}; query: { "offset"?: number; "limit"?: number; "name"?: string | null }; body: undefined; answer: Record<string, unknown> };
  "POST /v1/{project_id}/workspaces": { path: {}; query: {}; body: NewWorkspace; answer: Record<string, unknown> };
  "GET /v1/{project_id}/workspaces/{workspace_id}": { path: { "workspace_id": string }; query: {}; body: undefined; answer: Record<string, unknown> };
  "PUT /v1/{project_id}/workspaces/{workspace_id}": { path: { "workspace_id": string }; query: {}; body: WorkspaceChange; answer: Record<string, string> };
  "DELETE /v1/{project_id}/workspaces/{workspace_id}": { path: { "workspace_id": string }; query: {}; body: undefined; answer: Record<string, string> };
  "GET /v1/{project_id}/workspaces/{workspace_id}/quotas": { path: { "workspace_id": string }; query: {}; body: undefined; answer: Record<string, unknown> };
  "POST /v2/{project_id}/agency": { path: {}; query: {}; body: undefined; answer: Record<string, string> };
  "GET /v2/{project_id}/algorithms": { path: {}; query: { "offset"?: number; "limit"?: number; "sort_by"?: string; "order"?: string; "group_by"?: string; "searches"?: string; "workspace_id"?: string }; body: undefined; answer: Record<string, unknown> };
  "POST /v2/{project_id}/algorithms": { path: {}; query: {}; body: SentAlgorithm; answer: Record<string, unknown> };
  "GET /v2/{project_id}/algorithms/{algorithm_id}": { path: { "algorithm_id": string }; query: {}; body: undefined; answer: Record<string, unknown> };
  "PUT /v2/{project_id}/algorithms/{algorithm_id}": { path: { "algorithm_id": string }; query: {}; body: SentAlgorithm; answer: Record<string, unknown> };
  "DELETE /v2/{project_id}/algorithms/{algorithm_id}": { path: { "algorithm_id": string }; query: {}; body: undefined; answer: Record<string, unknown> };
  "GET /v2/{project_id}/authorizations": { path: {}; query: {}; body: undefined; answer: Record<string, unknown> };
  "POST /v2/{project_id}/authorizations": { path: {}; query: {}; body: undefined; answer: Record<string, unknown> };
  "DELETE /v2/{project_id}/authorizations": { path: {}; query: {}; body: undefined; answer: Record<string, unknown> };
  "POST /v2/{project_id}/modelarts-training-job/resource-instances/count": { path: {}; query: {}; body: ByTags; answer: Record<string, number> };
  "POST /v2/{project_id}/modelarts-training-job/resource-instances/filter": { path: {}; query: { "offset"?: number; "limit"?: number }; body: ByTags; answer: Record<string, unknown> };
  "GET /v2/{project_id}/modelarts-training-job/tags": { path: {}; query: { "offset"?: number; "limit"?: number }; body: undefined; answer: Record<string, unknown> };
  "GET /v2/{project_id}/modelarts-training-job/{job_id}/tags": { path: { "job_id": string }; query: {}; body: undefined; answer: Record<string, unknown> };
  "POST /v2/{project_id}/modelarts-training-job/{job_id}/tags/create": { path: { "job_id": string }; query: {}; body: Tags; answer: Record<string, unknown> };
  "DELETE /v2/{project_id}/modelarts-training-job/{job_id}/tags/delete": { path: { "job_id": string }; query: {}; body: Tags; answer: undefined };
  "GET /v2/{project_id}/search-algorithms": { path: {}; query: {}; body: undefined; answer: Record<string, unknown> };
  "GET /v2/{project_id}/training-experiment-names": { path: {}; query: { "experiment_name": string; "workspace_id"?: string }; body: undefined; answer: Record<string, boolean> };
  "GET /v2/{project_id}/training-experiments": { path: {}; query: { "workspace_id"?: string; "limit"?: number; "offset"?: number; "sort_by"?: string; "order"?: string }; body: undefined; answer: Record<string, unknown> };
  "POST /v2/{project_id}/training-experiments": { path: {}; query: {}; body: NewExperiment; answer: Record<string, unknown> };
  "GET /v2/{project_id}/training-experiments/{experiment_id}": { path: { "experiment_id": string }; query: {}; body: undefined; answer: Record<string, unknown> };
  "PUT /v2/{project_id}/training-experiments/{experiment_id}": { path: { "experiment_id": string }; query: {}; body: ExperimentChange; answer: Record<string, unknown> };
  "DELETE /v2/{project_id}/training-experiments/{experiment_id}": { path: { "experiment_id": string }; query: {}; body: undefined; answer: Record<string, unknown> };
  "GET /v2/{project_id}/training-job-engines": { path: {}; query: {}; body: undefined; answer: Record<string, unknown> };
  "GET /v2/{project_id}/training-job-flavors": { path: {}; query: { "flavor_type"?: string }; body: undefined; answer: Record<string, unknown> };
  "GET /v2/{project_id}/training-job-names": { path: {}; query: { "job_name": string; "workspace_id"?: string }; body: undefined; answer: Record<string, boolean> };
  "POST /v2/{project_id}/training-job-searches": { path: {}; query: {}; body: Searched; answer: Record<string, unknown> };
  "POST /v2/{project_id}/training-jobs": { path: {}; query: {}; body: SentJob; answer: Record<string, unknown> };
  "GET /v2/{project_id}/training-jobs/autosearch/yaml-templates": { path: {}; query: {}; body: undefined; answer: Record<string, unknown> };
  "GET /v2/{project_id}/training-jobs/autosearch/yaml-templates/{algorithm_type}/{algorithm_name}": { path: { "algorithm_type": string; "algorithm_name": string }; query: {}; body: undefined; answer: Record<string, string> };
  "POST /v2/{project_id}/training-jobs/batch-delete": { path: {}; query: {}; body: JobsToRemove; answer: Record<string, unknown> };
  "GET /v2/{project_id}/training-jobs/{job_id}": { path: { "job_id": string }; query: {}; body: undefined; answer: Record<string, unknown> };
  "PUT /v2/{project_id}/training-jobs/{job_id}": { path: { "job_id": string }; query: {}; body: maquette__training__dialect_v2__bodies__JobChange; answer: Record<string, unknown> };
  "DELETE /v2/{project_id}/training-jobs/{job_id}": { path: { "job_id": string }; query: {}; body: undefined; answer: Record<string, unknown> };
  "POST /v2/{project_id}/training-jobs/{job_id}/actions": { path: { "job_id": string }; query: {}; body: maquette__training__dialect_v2__bodies__Action; answer: Record<string, unknown> };
  "GET /v2/{project_id}/training-jobs/{job_id}/autosearch-parameter-analysis": { path: { "job_id": string }; query: { "version"?: string }; body: undefined; answer: Record<string, unknown> };
  "GET /v2/{project_id}/training-jobs/{job_id}/autosearch-parameter-analysis/{parameter_name}": { path: { "job_id": string; "parameter_name": string }; query: {}; body: undefined; answer: Record<string, string> };
  "POST /v2/{project_id}/training-jobs/{job_id}/autosearch-trial-earlystop/{trial_id}": { path: { "job_id": string; "trial_id": string }; query: {}; body: undefined; answer: Record<string, string> };
  "GET /v2/{project_id}/training-jobs/{job_id}/autosearch-trials": { path: { "job_id": string }; query: { "limit"?: number; "offset"?: number; "version"?: string }; body: undefined; answer: Record<string, unknown> };
  "GET /v2/{project_id}/training-jobs/{job_id}/autosearch-trials/{trial_id}": { path: { "job_id": string; "trial_id": string }; query: {}; body: undefined; answer: Record<string, unknown> };
  "GET /v2/{project_id}/training-jobs/{job_id}/events": { path: { "job_id": string }; query: { "offset"?: number; "limit"?: number; "order"?: string; "start_time"?: string; "end_time"?: string; "level"?: string; "pattern"?: string }; body: undefined; answer: Record<string, unknown> };
  "GET /v2/{project_id}/training-jobs/{job_id}/logs/{task_id}": { path: { "job_id": string; "task_id": string }; query: { "base_line"?: string; "lines"?: number; "order"?: string }; body: undefined; answer: Record<string, unknown> };
  "GET /v2/{project_id}/training-jobs/{job_id}/metrics/{task_id}": { path: { "job_id": string; "task_id": string }; query: {}; body: undefined; answer: Record<string, unknown> };
  "GET /v2/{project_id}/training-jobs/{job_id}/route_plan": { path: { "job_id": string }; query: {}; body: undefined; answer: Record<string, string> };
  "GET /v2/{project_id}/training-jobs/{job_id}/stages": { path: { "job_id": string }; query: {}; body: undefined; answer: Record<string, unknown> };
  "GET /v2/{project_id}/training-jobs/{job_id}/tasks": { path: { "job_id": string }; query: { "schedule_count"?: number | null }; body: undefined; answer: Array<Record<string, unknown>> };
  "GET /v2/{project_id}/training-jobs/{job_id}/tasks/{task_id}/logs/preview": { path: { "job_id": string; "task_id": string }; query: {}; body: undefined; answer: Record<string, unknown> };
  "GET /v2/{project_id}/training-jobs/{job_id}/tasks/{task_id}/logs/url": { path: { "job_id": string; "task_id": string }; query: { "Content-Type"?: string }; body: undefined; answer: Record<string, string> };
  "POST /v2/{project_id}/training-jobs/{job_id}/tasks/{task_id}/reports/{report_type}": { path: { "job_id": string; "task_id": string; "report_type": string }; query: {}; body: Report; answer: Record<string, unknown> };
  "GET /v2/{project_id}/training-pool-flavors": { path: {}; query: { "flavor_id"?: string; "pool_id"?: string }; body: undefined; answer: Record<string, unknown> };
  "GET /v2/{project_id}/training-quotas": { path: {}; query: { "user_id"?: string; "resource"?: string }; body: undefined; answer: Record<string, unknown> };
  "PUT /v2/{project_id}/training-quotas": { path: {}; query: {}; body: SentQuotas; answer: Record<string, unknown> };
  "GET /v3/auth/domains": { path: {}; query: {}; body: undefined; answer: Record<string, unknown> };
  "GET /v3/auth/projects": { path: {}; query: { "name"?: string | null }; body: undefined; answer: Record<string, unknown> };
  "GET /v3/auth/tokens": { path: {}; query: {}; body: undefined; answer: Record<string, unknown> };
  "POST /v3/auth/tokens": { path: {}; query: {}; body: TokenRequest; answer: Record<string, unknown> };
  "GET /v3/projects": { path: {}; query: { "name"?: string | null }; body: undefined; answer: Record<string, unknown> };
}
