-- Configure a schedule: create it or change its settings.

create function jobforge.restart_calendar(p_schedule_id uuid, p_forget boolean)
returns public.jobforge_schedules
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_schedule public.jobforge_schedules;
begin
  delete from jobforge.occurrences
  where schedule_id = p_schedule_id and (p_forget or due_at <= v_now);
  update public.jobforge_schedules
  set next_at = jobforge.first_occurrence(jobforge_schedules, v_now),
    version = version + 1,
    problem = case when not p_forget then problem end,
    filled_through = case when p_forget then v_now else greatest(filled_through, v_now) end,
    refill_at = case when jobforge.interval_seconds(expression) is not null then null
      when p_forget then v_now else refill_at end,
    refill_requested_at = case when not p_forget then refill_requested_at end
  where id = p_schedule_id
  returning * into v_schedule;
  return v_schedule;
end
$$;
comment on function jobforge.restart_calendar(uuid, boolean) is
  'Restarts the calendar from now: after a pause, or with p_forget after a change of expression '
  'or time zone.';

create function jobforge.job_of(p_schedule public.jobforge_schedules)
returns jobforge.new_job
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select row(p_schedule.type, p_schedule.payload, null, null, null, p_schedule.max_attempts,
    p_schedule.priority, p_schedule.queue, p_schedule.timeout_ms, null)::jobforge.new_job
$$;
comment on function jobforge.job_of(public.jobforge_schedules) is 'Returns the job of a schedule.';

create function jobforge.schedule_with(p_schedule public.jobforge_schedules, p_settings jsonb)
returns public.jobforge_schedules
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_known constant text[] := '{expression,time_zone,type,payload,queue,priority,max_attempts,'
    'timeout_ms,overlap,catch_up,paused}';
  v_schedule public.jobforge_schedules;
  v_problem text;
begin
  if jsonb_typeof(p_settings) is distinct from 'object' or p_settings - v_known <> '{}' then
    perform jobforge.fail('invalid_argument', 'p_settings must be an object with expression, '
      'time_zone, type, payload, queue, priority, max_attempts, timeout_ms, overlap, catch_up or '
      'paused and nothing else');
  end if;
  -- The payload has a bound of its own. The other settings become text.
  if not jobforge.jsonb_fits(p_settings - 'payload', 8192) then
    perform jobforge.fail('invalid_argument',
      'p_settings must have at most 8192 bytes beside the payload');
  end if;
  v_problem := (
    select member.key || ' must be a text'
    from unnest('{expression,time_zone,type,queue,overlap,catch_up}'::text[]) as member (key)
    where jsonb_typeof(p_settings -> member.key) not in ('string', 'null')
    limit 1);
  if v_problem is not null then
    perform jobforge.fail('invalid_argument', 'p_settings: ' || v_problem);
  end if;
  begin
    v_schedule := jsonb_populate_record(p_schedule, p_settings);
  exception when data_exception then
    perform jobforge.fail('invalid_argument', format('p_settings: %s', sqlerrm));
  end;
  v_problem := jobforge.problem_with_schedule(v_schedule);
  if v_problem is not null then
    perform jobforge.fail('invalid_argument', v_problem);
  end if;
  perform jobforge.validate_jobs(array[jobforge.job_of(v_schedule)]);
  if v_schedule.tenant_id is not null then
    perform jobforge.refuse_unknown_queues(
      v_schedule.tenant_id, array[jobforge.job_of(v_schedule)]);
  end if;
  return v_schedule;
end
$$;
comment on function jobforge.schedule_with(public.jobforge_schedules, jsonb) is
  'Returns the schedule with p_settings, checked. Settings that p_settings omits stay.';

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
comment on function jobforge.new_schedule(uuid, text) is
  'Returns a schedule with default settings.';

create function jobforge.save_schedule(p_schedule public.jobforge_schedules)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into public.jobforge_schedules
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
      'the name or a setting is invalid: see the checks of jobforge_schedules');
  when unique_violation then
    perform jobforge.fail('busy', 'another transaction just created a schedule: try again');
end
$$;
comment on function jobforge.save_schedule(public.jobforge_schedules) is
  'Inserts a new schedule, or updates the settings that callers may change.';

create function jobforge.configure_schedule(
  p_tenant_id uuid, p_name text, p_settings jsonb, p_fan_out boolean)
returns setof public.jobforge_schedules
language plpgsql
security definer -- writes schedules: bounded by the caller's tenant, fan-outs for services only
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
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
  select * into v_before from public.jobforge_schedules
  where tenant_id is not distinct from v_tenant_id and name = p_name
  for no key update;
  v_new := not found;
  v_after := jobforge.schedule_with(
    case when v_new then jobforge.new_schedule(v_tenant_id, p_name) else v_before end, p_settings);
  if v_new and not jobforge.is_service() then
    v_after.slot := jobforge.free_slot(v_tenant_id);
  end if;
  -- Shorter intervals than the dispatcher's would let a few tenants use up its starts.
  if not jobforge.is_service() and jobforge.interval_seconds(v_after.expression) < 10 then
    perform jobforge.fail('invalid_argument', 'expression: a tenant may set 10 seconds or more');
  end if;
  perform jobforge.save_schedule(v_after);
  if v_new or (v_after.expression, v_after.time_zone)
    is distinct from (v_before.expression, v_before.time_zone)
  then
    v_after := jobforge.restart_calendar(v_after.id, true);
    if v_after.refill_at is not null then
      begin
        perform jobforge.call_for_calendar();
      exception when others then
        null; -- a hint: request_refills calls as well, and records its error
      end;
    end if;
  elsif v_before.paused and not v_after.paused then
    v_after := jobforge.restart_calendar(v_after.id, false);
  end if;
  perform jobforge.audit_change('configure_schedule', v_tenant_id, p_name,
    case when not v_new then (
      select jsonb_object_agg(setting, to_jsonb(v_before) -> setting)
      from jsonb_object_keys(p_settings) as setting)
    end, p_settings);
  return query select * from public.jobforge_schedules where id = v_after.id;
exception when lock_not_available then
  perform jobforge.fail('busy', 'another transaction is changing the schedule: try again');
end
$$;
comment on function jobforge.configure_schedule(uuid, text, jsonb, boolean) is
  'Users: creates a schedule or changes its settings. Settings that p_settings omits stay.';

create function public.jobforge_configure_schedule(
  p_tenant_id uuid default null, p_name text default null, p_settings jsonb default '{}',
  p_fan_out boolean default false)
returns setof public.jobforge_schedules
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select * from jobforge.configure_schedule(p_tenant_id, p_name, p_settings, p_fan_out) $$;
comment on function public.jobforge_configure_schedule(uuid, text, jsonb, boolean) is
  'Users: creates a schedule, changes its settings or pauses it. A service sets p_fan_out to run '
  'it for all active tenants.';
