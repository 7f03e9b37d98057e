begin;
select plan(9);

select is(tests.finding('rights'), 'true: no API role writes a table, anon has no rights',
  'as the migrations leave them');

create function pg_temp.finding_after(p_statement text)
returns text
language plpgsql
as $$
declare
  v_found text;
begin
  execute p_statement;
  v_found := tests.finding('rights');
  raise exception using errcode = 'TSTOK', message = v_found;
exception when sqlstate 'TSTOK' then
  return sqlerrm;
end
$$;

select is(pg_temp.finding_after(change), 'false: ' || found, change)
from (values
  ('grant update on jobforge_jobs to authenticated', 'authenticated may update jobforge_jobs'),
  ('grant truncate on jobforge_queues to service_role',
    'service_role may truncate jobforge_queues'),
  ('grant select on jobforge_jobs to anon', 'anon may select jobforge_jobs'),
  ('alter table jobforge_audit_log disable row level security',
    'jobforge_audit_log has no row level security'),
  ('grant select on jobforge.runs to service_role', 'service_role may select jobforge.runs'),
  ('grant usage on schema jobforge to anon', 'anon may use the schema jobforge'),
  ('grant execute on function jobforge_dispatch to anon', 'anon may execute jobforge_dispatch'),
  ('revoke execute on function jobforge_enqueue_job from authenticated',
    'authenticated may not execute jobforge_enqueue_job')) as c (change, found);

select * from finish();
rollback;
