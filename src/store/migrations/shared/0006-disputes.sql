-- "This is not mine": the public edge writes it, the centre passes case and day on to the ISP, and reads nothing else of it.
create table web.dispute (
  id text primary key,
  case_id text not null,
  told_by text not null,
  told_at bigint not null
);
create index dispute_case on web.dispute (case_id);

grant select, insert, update, delete on web.dispute to notice_web;
grant select on web.dispute to notice_centre;
