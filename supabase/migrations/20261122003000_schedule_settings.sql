-- JobForge, chapter 30: schedules as tenants and operators set them.

create function jobforge.schedule_of_caller(p_schedule_id uuid)
returns public.jobforge_schedules
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant_ids constant uuid[] := case when not jobforge.is_service()
    then jobforge.callers_tenants(null) end;
  v_schedule public.jobforge_schedules;
begin
  select s.* into v_schedule from public.jobforge_schedules as s
  where s.id = p_schedule_id and (v_tenant_ids is null or s.tenant_id = any (v_tenant_ids));
  if not found then
    perform jobforge.fail('not_found', 'no such schedule');
  end if;
  return v_schedule;
end
$$;
comment on function jobforge.schedule_of_caller(uuid) is
  'The schedule, if the caller may touch it; unknown and another tenant''s are the same not_found.';

create function jobforge.first_occurrence(p_schedule public.jobforge_schedules, p_after timestamptz)
returns timestamptz
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- Intervals count from the making of the schedule.
  select case when jobforge.interval_seconds(p_schedule.expression) is not null
    then p_schedule.created_at + make_interval(secs =>
      (floor(extract(epoch from p_after - p_schedule.created_at)
        / jobforge.interval_seconds(p_schedule.expression)) + 1)::float8
      * jobforge.interval_seconds(p_schedule.expression))
    else (
      select o.due_at from jobforge.occurrences as o
      where o.schedule_id = p_schedule.id and o.due_at > p_after
      order by o.due_at
      limit 1)
  end
$$;
comment on function jobforge.first_occurrence(public.jobforge_schedules, timestamptz) is
  'The first occurrence after a time; null when the calendar does not reach so far.';

create function jobforge.restart_calendar(p_schedule_id uuid, p_forget boolean)
returns public.jobforge_schedules
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_schedule public.jobforge_schedules;
begin
  delete from jobforge.occurrences as o
  where o.schedule_id = p_schedule_id and (p_forget or o.due_at <= v_now);
  update public.jobforge_schedules as s
  set next_at = jobforge.first_occurrence(s, v_now),
    version = s.version + p_forget::int,
    problem = case when not p_forget then s.problem end,
    filled_through = case when p_forget then v_now else greatest(s.filled_through, v_now) end,
    refill_at = case when jobforge.interval_seconds(s.expression) is not null then null
      when p_forget then v_now else s.refill_at end,
    refill_asked_at = case when not p_forget then s.refill_asked_at end
  where s.id = p_schedule_id
  returning s.* into v_schedule;
  return v_schedule;
end
$$;
comment on function jobforge.restart_calendar(uuid, boolean) is
  'From now on: after a pause, or with p_forget after a change of expression or time zone.';

create function jobforge.refuse_more_schedules(p_tenant_id uuid)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_max constant int := (select s.max_schedules from jobforge.settings as s);
begin
  perform pg_advisory_xact_lock(1246708307, hashtext(p_tenant_id::text));
  if (select count(*) from public.jobforge_schedules as s where s.tenant_id = p_tenant_id) >= v_max
  then
    perform jobforge.fail('too_many_schedules', format('a tenant has at most %s schedules', v_max));
  end if;
end
$$;
comment on function jobforge.refuse_more_schedules(uuid) is
  'Raises when a tenant that makes a schedule itself has as many as it may.';

create function jobforge.job_of(p_schedule public.jobforge_schedules)
returns jobforge.new_job
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select row(p_schedule.type, p_schedule.payload, null, null, null, p_schedule.max_attempts,
    p_schedule.priority, p_schedule.queue, p_schedule.timeout_ms, null)::jobforge.new_job
$$;
comment on function jobforge.job_of(public.jobforge_schedules) is 'The job a schedule makes.';

create function jobforge.schedule_with(p_schedule public.jobforge_schedules, p_settings jsonb)
returns public.jobforge_schedules
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_schedule public.jobforge_schedules;
  v_problem text;
begin
  if jsonb_typeof(p_settings) is distinct from 'object' or p_settings - '{expression,time_zone,type,payload,queue,priority,max_attempts,timeout_ms,overlap,catch_up,paused}'::text[] <> '{}'
  then
    perform jobforge.fail('invalid_argument', 'p_settings must be an object with expression, '
      'time_zone, type, payload, queue, priority, max_attempts, timeout_ms, overlap, catch_up or '
      'paused and nothing else');
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
  perform jobforge.count_valid(array[jobforge.job_of(v_schedule)]);
  if v_schedule.tenant_id is not null then
    perform jobforge.refuse_unknown_queues(
      v_schedule.tenant_id, array[jobforge.job_of(v_schedule)]);
  end if;
  return v_schedule;
end
$$;
comment on function jobforge.schedule_with(public.jobforge_schedules, jsonb) is
  'The schedule with other settings, checked; what p_settings leaves out stays.';
