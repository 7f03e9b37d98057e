-- Send a test event to one destination, also while it is paused.

create function jobforge.send_test_event(p_tenant_id uuid, p_destination text)
returns table (message_id uuid, job_id uuid)
language plpgsql
security definer -- writes a message and a job: bounded by the caller's tenant
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant_id constant uuid := jobforge.callers_tenant(p_tenant_id);
  v_config constant public.jobforge_connector_configs :=
    jobforge.open_destination(v_tenant_id, p_destination, true);
begin
  message_id := (jobforge.add_message(v_tenant_id, 'jobforge.test',
    jsonb_build_object('destination', p_destination), null, true)).id;
  job_id := (jobforge.send_deliveries(v_tenant_id, array[
    row(v_config.id, v_config.name, message_id, null)::jobforge.new_delivery]))[1];
  return next;
end
$$;
comment on function jobforge.send_test_event(uuid, text) is
  'Users: sends a message of the type jobforge.test to one destination. If it arrives, it ends a '
  'pause of the breaker.';

create function public.jobforge_send_test_event(
  p_tenant_id uuid default null, p_destination text default null)
returns table (message_id uuid, job_id uuid)
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select * from jobforge.send_test_event(p_tenant_id, p_destination) $$;
comment on function public.jobforge_send_test_event(uuid, text) is
  'Users: sends a test event to one webhook destination, also while it is paused.';
