-- The embedded engine only: every login shares one session there, whose own right to change its name cannot be taken
-- away. So nothing a login can call may change a setting or run text as SQL; what remains, the commands SET, RESET and
-- DISCARD, never passes the multiplexer (store/statement.ts).
do $$
declare
  f record;
begin
  for f in
    select p.oid::regprocedure as signature
    from pg_catalog.pg_proc p
    where p.pronamespace = 'pg_catalog'::regnamespace
      and (
        -- settings
        p.proname in ('set_config')
        -- text run as SQL
        or p.proname in ('ts_stat', 'ts_rewrite', 'query_to_xml', 'query_to_xmlschema', 'query_to_xml_and_xmlschema',
          'cursor_to_xml', 'cursor_to_xmlschema')
        -- kept by the session and not by the transaction, so one login would hold it for all
        or p.proname in ('pg_advisory_lock', 'pg_advisory_lock_shared', 'pg_try_advisory_lock',
          'pg_try_advisory_lock_shared', 'pg_advisory_unlock', 'pg_advisory_unlock_shared', 'pg_advisory_unlock_all')
        -- the engine itself
        or p.proname in ('pg_cancel_backend', 'pg_terminate_backend', 'pg_reload_conf', 'pg_notify', 'pg_sleep',
          'pg_sleep_for', 'pg_sleep_until', 'pg_prepared_statement', 'pg_cursor')
        -- large objects have no compartment
        or p.proname ~ '^(lo_|lo$|loread$|lowrite$)'
      )
  loop
    execute format('revoke all on routine %s from public', f.signature);
  end loop;
end
$$;

-- No function, no DO: code that runs later could do what a statement may not.
revoke all on language plpgsql, sql from public;
