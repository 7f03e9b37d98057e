-- JobForge, chapter 31: the calls about schedules.

create function jobforge.new_schedule(p_tenant_id uuid, p_name text)
returns public.jobforge_schedules
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_populate_record(null::public.jobforge_schedules, jsonb_build_object(
    'id', gen_random_uuid(), 'tenant_id', p_tenant_id, 'name', p_name, 'time_zone', 'UTC',
    'payload', '{}'::jsonb, 'queue', 'default', 'priority', 0, 'overlap', 'skip',
    'catch_up', 'once', 'paused', false,
    'created_by', coalesce(jobforge.claims() ->> 'sub', jobforge.caller_role()),
    'created_at', now.at, 'updated_at', now.at, 'filled_through', now.at, 'started', 0,
    'skipped', 0, 'missed', 0, 'failed', 0, 'version', 1))
  from jobforge.clock() as now (at)
$$;
comment on function jobforge.new_schedule(uuid, text) is 'A schedule with nothing but defaults.';

create function jobforge.save_schedule(p_schedule public.jobforge_schedules)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into public.jobforge_schedules as s
  select (p_schedule).*
  on conflict (id) do update
  set expression = excluded.expression, time_zone = excluded.time_zone, type = excluded.type,
    payload = excluded.payload, queue = excluded.queue, priority = excluded.priority,
    max_attempts = excluded.max_attempts, timeout_ms = excluded.timeout_ms,
    overlap = excluded.overlap, catch_up = excluded.catch_up, paused = excluded.paused,
    updated_at = jobforge.clock();
exception
  when check_violation or not_null_violation then
    perform jobforge.fail('invalid_argument',
      'the name or a setting is out of range; see the checks of jobforge_schedules');
  when unique_violation then
    perform jobforge.fail('wrong_state', 'somebody else just made a schedule of this name');
end
$$;
comment on function jobforge.save_schedule(public.jobforge_schedules) is
  'Writes what callers may set; the rest only for a new schedule.';

create function jobforge.configure_schedule(
  p_tenant_id uuid, p_name text, p_settings jsonb, p_fan_out boolean)
returns setof public.jobforge_schedules
language plpgsql
security definer -- writes schedules; bounded by the caller's tenant, fan-outs for services only
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant_id uuid;
  v_before public.jobforge_schedules;
  v_after public.jobforge_schedules;
  v_new boolean;
begin
  if p_fan_out then
    perform jobforge.require_service();
    if p_tenant_id is not null then
      perform jobforge.fail('invalid_argument', 'p_tenant_id: a fan-out is not for one tenant');
    end if;
  else
    v_tenant_id := jobforge.callers_tenant(p_tenant_id);
    perform jobforge.refuse_erased(v_tenant_id);
  end if;
  select s.* into v_before from public.jobforge_schedules as s
  where s.tenant_id is not distinct from v_tenant_id and s.name = p_name
  for no key update;
  v_new := not found;
  if v_new and not jobforge.is_service() then
    perform jobforge.refuse_more_schedules(v_tenant_id);
  end if;
  v_after := jobforge.schedule_with(
    case when v_new then jobforge.new_schedule(v_tenant_id, p_name) else v_before end, p_settings);
  -- Below the tick's own interval a few tenants could take all that a tick starts.
  if not jobforge.is_service() and jobforge.interval_seconds(v_after.expression) < 10 then
    perform jobforge.fail('invalid_argument', 'expression: a tenant may set 10 seconds or more');
  end if;
  perform jobforge.save_schedule(v_after);
  if v_new or (v_after.expression, v_after.time_zone)
    is distinct from (v_before.expression, v_before.time_zone)
  then
    v_after := jobforge.restart_calendar(v_after.id, true);
    if v_after.refill_at is not null then
      perform jobforge.request_runs(1);
    end if;
  elsif v_before.paused and not v_after.paused then
    v_after := jobforge.restart_calendar(v_after.id, false);
  end if;
  perform jobforge.audit_change('configure_schedule', v_tenant_id, p_name,
    case when not v_new then (
      select jsonb_object_agg(k, to_jsonb(v_before) -> k) from jsonb_object_keys(p_settings) as k)
    end, p_settings);
  return query select s.* from public.jobforge_schedules as s where s.id = v_after.id;
end
$$;
comment on function jobforge.configure_schedule(uuid, text, jsonb, boolean) is
  'Makes a schedule or changes its settings; what p_settings leaves out stays.';

create function jobforge.delete_schedule(p_schedule_id uuid)
returns void
language plpgsql
security definer -- writes schedules; bounded by schedule_of_caller
set search_path = pg_catalog, pg_temp
as $$
declare
  v_schedule constant public.jobforge_schedules := jobforge.schedule_of_caller(p_schedule_id);
begin
  delete from public.jobforge_schedules as s where s.id = v_schedule.id;
  perform jobforge.audit('delete_schedule', v_schedule.tenant_id, v_schedule.name, jsonb_build_object(
    'expression', v_schedule.expression, 'time_zone', v_schedule.time_zone, 'type', v_schedule.type));
end
$$;
comment on function jobforge.delete_schedule(uuid) is
  'Deletes a schedule; jobs it made stay.';

create function jobforge.run_schedule(p_schedule_id uuid)
returns jsonb
language plpgsql
security definer -- writes jobs; bounded by schedule_of_caller
set search_path = pg_catalog, pg_temp
as $$
declare
  v_schedule public.jobforge_schedules := jobforge.schedule_of_caller(p_schedule_id);
  v_job_id uuid;
begin
  select s.* into v_schedule from public.jobforge_schedules as s
  where s.id = v_schedule.id for no key update;
  if v_schedule.fan_out_at is not null then
    perform jobforge.fail('wrong_state', 'the schedule is just being fanned out');
  elsif v_schedule.tenant_id is null then
    update public.jobforge_schedules as s set fan_out_at = jobforge.clock(), fan_out_after = null
    where s.id = v_schedule.id;
  else
    v_job_id := jobforge.start_scheduled(v_schedule, v_schedule.tenant_id);
    insert into jobforge.schedule_jobs as j (schedule_id, tenant_id, due_at, job_id)
    values (v_schedule.id, v_schedule.tenant_id, '-infinity', v_job_id)
    on conflict (schedule_id, tenant_id) do update set job_id = excluded.job_id, error = null;
    update public.jobforge_schedules as s set started = s.started + 1 where s.id = v_schedule.id;
  end if;
  perform jobforge.audit('run_schedule', v_schedule.tenant_id, v_schedule.name, null);
  return jsonb_build_object('job_id', v_job_id, 'fan_out', v_schedule.tenant_id is null);
end
$$;
comment on function jobforge.run_schedule(uuid) is
  'Starts the job of a schedule now, whatever runs; the next tick begins a fan-out.';

create function jobforge.next_runs(p_schedule_id uuid, p_count int)
returns setof timestamptz
language plpgsql stable
security definer -- reads occurrences; bounded by schedule_of_caller
set search_path = pg_catalog, pg_temp
as $$
declare
  v_schedule constant public.jobforge_schedules := jobforge.schedule_of_caller(p_schedule_id);
  v_seconds constant int := jobforge.interval_seconds(v_schedule.expression);
  v_first constant timestamptz := jobforge.first_occurrence(v_schedule, jobforge.clock());
begin
  if p_count is null or p_count not between 1 and 100 then
    perform jobforge.fail('invalid_argument', 'p_count must be from 1 to 100');
  elsif v_seconds is not null then
    return query
    select v_first + make_interval(secs => v_seconds * n) from generate_series(0, p_count - 1) as n;
  end if;
  return query
  select o.due_at from jobforge.occurrences as o
  where o.schedule_id = v_schedule.id and o.due_at >= v_first
  order by o.due_at
  limit p_count;
end
$$;
comment on function jobforge.next_runs(uuid, int) is
  'The next occurrences, paused or not, as far as the calendar reaches.';
