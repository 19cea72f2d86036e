-- Observations go after 30 days, and a month may be counted after that: what each round's figures still need of them.
create table centre.dropped_prompts (
  round text primary key,
  prompts bigint not null
);

grant select, insert, update, delete on centre.dropped_prompts to notice_centre;
