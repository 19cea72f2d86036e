-- One schema and one role per compartment. Roles belong to the whole server, so they may exist already.
do $$
declare
  compartment text;
begin
  foreach compartment in array array['centre', 'web'] loop
    if not exists (select from pg_catalog.pg_roles where rolname = 'notice_' || compartment) then
      execute format('create role %I nologin noinherit nosuperuser nocreatedb nocreaterole', 'notice_' || compartment);
    end if;
    execute format('create schema %I', compartment);
    execute format('revoke all on schema %I from public', compartment);
    execute format('grant usage on schema %I to %I', compartment, 'notice_' || compartment);
    execute format('alter role %I in database %I set search_path = %I',
      'notice_' || compartment, current_database(), compartment);
  end loop;
  -- Nobody but the named logins connects, and none of them may make anything, temporary tables included.
  execute format('revoke all on database %I from public', current_database());
  execute format('grant connect on database %I to notice_centre, notice_web', current_database());
end
$$;

revoke all on schema public from public;
