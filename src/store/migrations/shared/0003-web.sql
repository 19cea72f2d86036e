-- The public edge: src/record/tables/web.ts says what each column means. Code leads to a case's public words only.
create table web.code (
  code_hash text primary key,
  case_id text not null,
  isp text not null,
  isp_name_ja text not null,
  isp_name_en text not null,
  month text not null,
  kind text not null,
  protocol text not null,
  vendor text,
  model text,
  state text not null,
  updated_at bigint not null
);
create index code_case on web.code (case_id);

create table web.recheck (
  id text primary key,
  case_id text not null,
  visitor text,
  asked_at bigint not null,
  state text not null,
  result text,
  decided_at bigint
);
create index recheck_state on web.recheck (state, asked_at);
create index recheck_case on web.recheck (case_id, asked_at);

create table web.inquiry (
  id text primary key,
  channel text not null,
  opened_at bigint not null,
  case_id text,
  topic text not null,
  question text not null,
  callback text,
  answered_from text,
  outcome text,
  closed_at bigint
);
create index inquiry_opened on web.inquiry (opened_at);

create table web.published (
  month text primary key,
  figures text not null,
  digest text not null,
  published_at bigint not null
);

grant select, insert, update, delete on all tables in schema web to notice_web;
