-- Lines by number, what a verdict rests on, disputes. A name that stood for a line is marked, and turned into its number by the
-- agent, which holds the map, at its next start.
update "isp_{isp}"."case" set subscriber = 'name:' || subscriber where subscriber is not null;
update "isp_{isp}".alert set subscriber = 'name:' || subscriber;

alter table "isp_{isp}"."case"
  add column bundle_seq integer not null default 0,
  add column verdict_at bigint,
  add column sources text,
  add column verdict_digest text,
  add column disputed_at bigint;

alter table "isp_{isp}".alert add column outcome text;
create index alert_outcome on "isp_{isp}".alert (outcome) where outcome is not null;

create table "isp_{isp}".incident (
  id text primary key,
  case_id text not null,
  told_by text not null,
  opened_at bigint not null,
  state text not null,
  record text not null,
  acts text not null
);
create index incident_case on "isp_{isp}".incident (case_id);

create table "isp_{isp}".quarantine (
  source text not null,
  incident_id text not null,
  since bigint not null,
  cleared_at bigint,
  primary key (source, incident_id)
);

grant select, insert, update, delete on "isp_{isp}".incident, "isp_{isp}".quarantine to "notice_isp_{isp}";
