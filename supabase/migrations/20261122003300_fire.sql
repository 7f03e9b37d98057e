-- JobForge, chapter 33: starting what schedules have due.
--
-- An occurrence is taken and its job made in one transaction, under the lock of the schedule's row;
-- so a tick that comes twice or late finds nothing left to do. Nothing here waits for long: locked
-- schedules are skipped, and a tenant that holds its own queue for itself is left for later.

create function jobforge.start_scheduled(p_schedule public.jobforge_schedules, p_tenant_id uuid)
returns uuid
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_job constant jobforge.new_job := jobforge.job_of(p_schedule);
begin
  if p_schedule.queue <> 'default' then
    perform jobforge.refuse_unknown_queues(p_tenant_id, array[v_job]);
  end if;
  return jobforge.enqueue_one(p_tenant_id, v_job);
end
$$;
comment on function jobforge.start_scheduled(public.jobforge_schedules, uuid) is
  'Enqueues the job of a schedule for a tenant.';

create function jobforge.start_occurrence(
  p_schedule public.jobforge_schedules, p_tenant_id uuid, p_due_at timestamptz)
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_last jobforge.schedule_jobs;
  v_job_id uuid;
begin
  select j.* into v_last from jobforge.schedule_jobs as j
  where j.schedule_id = p_schedule.id and j.tenant_id = p_tenant_id
  for no key update;
  if v_last.due_at >= p_due_at then
    return 'duplicate';
  end if;
  if p_schedule.overlap = 'skip' and exists (
    select from public.jobforge_jobs as j
    where j.tenant_id = p_tenant_id and j.id = v_last.job_id and j.status in ('queued', 'running'))
  then
    update jobforge.schedule_jobs as j set due_at = p_due_at, error = null
    where j.schedule_id = p_schedule.id and j.tenant_id = p_tenant_id;
    return 'skipped';
  end if;
  v_job_id := jobforge.start_scheduled(p_schedule, p_tenant_id);
  insert into jobforge.schedule_jobs as j (schedule_id, tenant_id, due_at, job_id)
  values (p_schedule.id, p_tenant_id, p_due_at, v_job_id)
  on conflict (schedule_id, tenant_id) do update
    set due_at = excluded.due_at, job_id = excluded.job_id, error = null;
  return 'started';
end
$$;
comment on function jobforge.start_occurrence(public.jobforge_schedules, uuid, timestamptz) is
  'Makes the job of an occurrence for a tenant: started, skipped for overlap, or duplicate.';

create type jobforge.starts as (
  started int,
  skipped int,
  failed int,
  error jsonb
);
comment on type jobforge.starts is 'What became of an occurrence at some tenants.';

create function jobforge.start_at(
  p_schedule public.jobforge_schedules, p_tenant_ids uuid[], p_due_at timestamptz)
returns jobforge.starts
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_starts jobforge.starts := row(0, 0, 0, null);
  v_one jobforge.starts;
  v_tenant_id uuid;
  v_outcome text;
  v_detail text;
begin
  begin
    foreach v_tenant_id in array p_tenant_ids loop
      v_outcome := jobforge.start_occurrence(p_schedule, v_tenant_id, p_due_at);
      v_starts.started := v_starts.started + (v_outcome = 'started')::int;
      v_starts.skipped := v_starts.skipped + (v_outcome = 'skipped')::int;
    end loop;
    return v_starts;
  exception when others then
    get stacked diagnostics v_detail = pg_exception_detail;
    -- One tenant's own schedule is tried again by the next tick.
    if p_schedule.tenant_id is not null and sqlstate in ('55P03', '40P01') then
      raise;
    end if;
    v_starts := row(0, 0, 0, jsonb_build_object('at', p_due_at, 'code', coalesce(
      (select e.code from jobforge.error_codes() as e where e.code = v_detail), sqlstate)));
  end;
  if cardinality(p_tenant_ids) = 1 then
    insert into jobforge.schedule_jobs as j (schedule_id, tenant_id, due_at, error)
    values (p_schedule.id, p_tenant_ids[1], p_due_at, v_starts.error)
    on conflict (schedule_id, tenant_id) do update
      set due_at = excluded.due_at, error = excluded.error;
    v_starts.failed := 1;
    return v_starts;
  end if;
  -- One of them failed and took the others along: each on its own now.
  foreach v_tenant_id in array p_tenant_ids loop
    v_one := jobforge.start_at(p_schedule, array[v_tenant_id], p_due_at);
    v_starts := row(v_starts.started + v_one.started, v_starts.skipped + v_one.skipped,
      v_starts.failed + v_one.failed, coalesce(v_one.error, v_starts.error));
  end loop;
  return v_starts;
end
$$;
comment on function jobforge.start_at(public.jobforge_schedules, uuid[], timestamptz) is
  'Starts an occurrence at some tenants; an error of one stays with that one.';

create function jobforge.take_due(p_schedule public.jobforge_schedules, p_now timestamptz)
returns timestamptz[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_seconds constant int := jobforge.interval_seconds(p_schedule.expression);
  v_due timestamptz[];
  v_on_time timestamptz[];
  v_chosen timestamptz[];
begin
  if v_seconds is not null then
    -- No more of a long past than can be caught up with.
    select array_agg(d order by d) into v_due
    from generate_series(greatest(p_schedule.next_at, jobforge.first_occurrence(
      p_schedule, p_now - make_interval(secs => v_seconds * 200::float8))), p_now,
      make_interval(secs => v_seconds)) as d;
  else
    with taken as (
      delete from jobforge.occurrences as o
      where o.schedule_id = p_schedule.id and o.due_at <= p_now
      returning o.due_at
    )
    select array_agg(t.due_at order by t.due_at) into v_due from taken as t;
  end if;
  v_due := coalesce(v_due, '{}');
  v_on_time := array(select d from unnest(v_due) as d where d > p_now - interval '1 minute' order by d);
  v_chosen := case
    when p_schedule.catch_up = 'all' then v_due[greatest(cardinality(v_due) - 99, 1):]
    when p_schedule.catch_up = 'once' and v_on_time = '{}' then v_due[cardinality(v_due):]
    else v_on_time end;
  if p_schedule.tenant_id is null then
    v_chosen := v_chosen[cardinality(v_chosen):];
  end if;
  update public.jobforge_schedules as s
  set next_at = jobforge.first_occurrence(s, p_now),
    last_at = coalesce(v_due[cardinality(v_due)], s.last_at),
    missed = s.missed + cardinality(v_due) - cardinality(v_chosen)
  where s.id = p_schedule.id;
  return v_chosen;
end
$$;
comment on function jobforge.take_due(public.jobforge_schedules, timestamptz) is
  'Takes the occurrences that are due out of the calendar and returns those to start now.';
