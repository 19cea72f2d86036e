-- The only way from one compartment into another: what the centre publishes, re-checks it decides, inquiries it counts.
grant usage on schema web to notice_centre;
grant select, insert, update on web.code, web.published to notice_centre;
grant select, update on web.recheck to notice_centre;
-- Never the question, the call-back number or the case: the centre counts inquiries and nothing else.
grant select (id, channel, opened_at, outcome, closed_at) on web.inquiry to notice_centre;
