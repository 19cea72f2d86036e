-- One ISP's compartment: src/record/tables/isp.ts says what each column means. `{isp}` is replaced by the ISP's id,
-- which is letters, digits, _ and - only, and stands inside quotation marks everywhere.
do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'notice_isp_{isp}') then
    create role "notice_isp_{isp}" nologin noinherit nosuperuser nocreatedb nocreaterole;
  end if;
  execute format('grant connect on database %I to %I', current_database(), 'notice_isp_{isp}');
  execute format('alter role %I in database %I set search_path = %I',
    'notice_isp_{isp}', current_database(), 'isp_{isp}');
end
$$;

create schema "isp_{isp}";
revoke all on schema "isp_{isp}" from public;
grant usage on schema "isp_{isp}" to "notice_isp_{isp}";

create table "isp_{isp}".bundle (
  seq integer primary key,
  digest text not null,
  received_at bigint not null,
  rows integer not null
);

create table "isp_{isp}"."case" (
  id text primary key,
  kind text not null,
  protocol text not null,
  vendor text,
  model text,
  alert_code text not null,
  address text not null,
  port integer not null,
  seen_at bigint not null,
  clock_error_ms bigint not null,
  state text not null,
  closed_reason text,
  closed_at bigint,
  verdict text,
  why text,
  subscriber text,
  feedback_revision integer not null default 0,
  feedback_sent boolean not null default false
);
create index case_state on "isp_{isp}"."case" (state, verdict);
create index case_code on "isp_{isp}"."case" (alert_code);
create index case_feedback on "isp_{isp}"."case" (id) where not feedback_sent;

create table "isp_{isp}".alert (
  id text primary key,
  case_id text not null,
  subscriber text not null,
  channel text not null,
  message text not null,
  due_at bigint not null,
  state text not null,
  sent_at bigint,
  ended_reason text,
  delivered_to text
);
create index alert_due on "isp_{isp}".alert (state, due_at);
create index alert_case on "isp_{isp}".alert (case_id);
create index alert_subscriber on "isp_{isp}".alert (subscriber, sent_at);

create table "isp_{isp}".halt (
  id text primary key,
  since bigint not null,
  reason text not null,
  released_by text not null,
  released_at bigint
);

grant select, insert, update, delete on all tables in schema "isp_{isp}" to "notice_isp_{isp}";
