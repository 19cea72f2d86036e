-- The centre: src/record/tables/centre.ts says what each column means. Instants are ms UTC; JSON is text.
create table centre.round (
  id text primary key,
  month text not null,
  mandate_id text not null,
  mandate_digest text not null,
  addresses bigint not null,
  started_at bigint not null,
  finished_at bigint,
  state text not null
);

create table centre.sweep_count (
  round text not null,
  shard integer not null,
  total bigint not null,
  sent bigint not null,
  excluded bigint not null,
  answered bigint not null,
  done boolean not null,
  primary key (round, shard)
);

create table centre.observation (
  id text primary key,
  round text not null,
  shard integer not null,
  isp text not null,
  line_key text not null,
  port integer not null,
  protocol text not null,
  at bigint not null,
  reported text not null,
  prompt boolean not null,
  vendor text,
  model text,
  firmware_state text,
  catalogue_version text not null,
  clears text not null
);
create index observation_round on centre.observation (round, isp);
create index observation_line on centre.observation (line_key, port);
-- Clean observations go after 30 days.
create index observation_at on centre.observation (at);

create table centre.finding (
  id text primary key,
  round text not null,
  isp text not null,
  kind text not null,
  line_key text not null,
  port integer not null,
  protocol text not null,
  at bigint not null,
  vendor text,
  model text,
  rule_codes text not null,
  sealed text not null
);
create index finding_round on centre.finding (round, isp);
create index finding_line on centre.finding (line_key, kind, port);

create table centre.matched_pair (
  finding_id text primary key,
  catalogue_version text not null,
  ordinal integer not null
);

create table centre."case" (
  id text primary key,
  isp text not null,
  kind text not null,
  line_key text not null,
  port integer not null,
  protocol text not null,
  vendor text,
  model text,
  state text not null,
  returned boolean not null,
  first_seen bigint not null,
  last_seen bigint not null,
  rounds_unseen integer not null,
  closed_at bigint,
  finding_id text not null,
  code_generation integer not null default 0
);
create index case_isp on centre."case" (isp, state);
create index case_line on centre."case" (line_key, kind, port);
create index case_closed on centre."case" (closed_at) where closed_at is not null;

create table centre.bundle (
  isp text not null,
  seq integer not null,
  prev text not null,
  digest text not null,
  sealed text not null,
  rows integer not null,
  month text not null,
  created_at bigint not null,
  state text not null,
  delivered_at bigint,
  acknowledged_at bigint,
  primary key (isp, seq)
);

create table centre.bundle_row (
  isp text not null,
  seq integer not null,
  case_id text not null,
  type text not null,
  finding_id text,
  primary key (isp, seq, case_id, type)
);
create index bundle_row_case on centre.bundle_row (case_id);

create table centre.receipt (
  isp text not null,
  seq integer not null,
  digest text not null,
  accepted integer not null,
  rejected integer not null,
  at bigint not null,
  primary key (isp, seq)
);

create table centre.feedback (
  isp text not null,
  case_id text not null,
  revision integer not null,
  verdict text not null,
  action text not null,
  day text not null,
  received_at bigint not null,
  primary key (isp, case_id, revision)
);

create table centre.release (
  month text primary key,
  figures text not null,
  digest text not null,
  state text not null,
  frozen_at bigint
);

create table centre.audit_root (
  day text primary key,
  root text not null,
  entries bigint not null
);

grant select, insert, update, delete on all tables in schema centre to notice_centre;
