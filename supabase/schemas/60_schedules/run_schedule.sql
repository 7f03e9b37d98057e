-- Run a schedule now.

create function jobforge.enqueue_for_schedule(
  p_schedule public.jobforge_schedules, p_tenant_id uuid)
returns uuid
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_job constant jobforge.new_job := jobforge.job_of(p_schedule);
begin
  return jobforge.enqueue_unusual(p_tenant_id, v_job);
end
$$;
comment on function jobforge.enqueue_for_schedule(public.jobforge_schedules, uuid) is
  'Enqueues the job of a schedule for a tenant.';

create function jobforge.run_schedule(p_schedule_id uuid)
returns jsonb
language plpgsql
security definer -- writes jobs: bounded by schedule_of_caller
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
declare
  v_schedule public.jobforge_schedules := jobforge.schedule_of_caller(p_schedule_id);
  v_job_id uuid;
begin
  select * into v_schedule from public.jobforge_schedules
  where id = v_schedule.id for no key update;
  if v_schedule.fan_out_at is not null then
    perform jobforge.fail('wrong_state', 'the schedule is just being fanned out');
  elsif v_schedule.tenant_id is null then
    update public.jobforge_schedules set fan_out_at = jobforge.clock(), fan_out_after = null
    where id = v_schedule.id;
  else
    v_job_id := jobforge.enqueue_for_schedule(v_schedule, v_schedule.tenant_id);
    insert into jobforge.schedule_jobs (schedule_id, tenant_id, due_at, job_id)
    values (v_schedule.id, v_schedule.tenant_id, '-infinity', v_job_id)
    on conflict (schedule_id, tenant_id) do update set job_id = excluded.job_id, error = null;
    update public.jobforge_schedules set started = started + 1 where id = v_schedule.id;
  end if;
  perform jobforge.audit('run_schedule', v_schedule.tenant_id, v_schedule.name, null);
  return jsonb_build_object('job_id', v_job_id, 'fan_out', v_schedule.tenant_id is null);
exception when lock_not_available then
  perform jobforge.fail('busy', 'another transaction is changing the schedule: try again');
  return null;
end
$$;
comment on function jobforge.run_schedule(uuid) is
  'Users: starts the job of a schedule now, even beside its last job. The next dispatch begins a '
  'fan-out.';

create function public.jobforge_run_schedule(p_schedule_id uuid)
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select jobforge.run_schedule(p_schedule_id) $$;
comment on function public.jobforge_run_schedule(uuid) is
  'Users: starts the job of a schedule now.';
