-- Delete a schedule.

create function jobforge.delete_schedule(p_schedule_id uuid)
returns void
language plpgsql
security definer -- writes schedules: bounded by schedule_of_caller
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
declare
  v_schedule constant public.jobforge_schedules := jobforge.schedule_of_caller(p_schedule_id);
begin
  delete from public.jobforge_schedules where id = v_schedule.id;
  perform jobforge.audit('delete_schedule', v_schedule.tenant_id, v_schedule.name,
    jsonb_build_object('expression', v_schedule.expression, 'time_zone', v_schedule.time_zone,
      'type', v_schedule.type));
exception when lock_not_available then
  perform jobforge.fail('busy', 'another transaction is changing the schedule: try again');
end
$$;
comment on function jobforge.delete_schedule(uuid) is
  'Users: deletes a schedule. Its jobs stay.';

create function public.jobforge_delete_schedule(p_schedule_id uuid)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select jobforge.delete_schedule(p_schedule_id) $$;
comment on function public.jobforge_delete_schedule(uuid) is
  'Users: deletes a schedule. Its jobs stay.';
