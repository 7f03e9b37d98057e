-- Start an occurrence: create its job, for one tenant or for several.

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
  -- The row is there before it is locked, so two first starts take turns as well.
  insert into jobforge.schedule_jobs (schedule_id, tenant_id, due_at)
  values (p_schedule.id, p_tenant_id, '-infinity')
  on conflict (schedule_id, tenant_id) do nothing;
  select * into v_last from jobforge.schedule_jobs
  where schedule_id = p_schedule.id and tenant_id = p_tenant_id
  for no key update;
  if v_last.due_at >= p_due_at then
    return 'duplicate';
  end if;
  if p_schedule.overlap = 'skip' and exists (
    select from public.jobforge_jobs as j
    where j.tenant_id = p_tenant_id and j.id = v_last.job_id
      and j.status in ('scheduled', 'queued', 'running'))
  then
    update jobforge.schedule_jobs set due_at = p_due_at, error = null
    where schedule_id = p_schedule.id and tenant_id = p_tenant_id;
    return 'skipped';
  end if;
  v_job_id := jobforge.enqueue_for_schedule(p_schedule, p_tenant_id);
  update jobforge.schedule_jobs set due_at = p_due_at, job_id = v_job_id, error = null
  where schedule_id = p_schedule.id and tenant_id = p_tenant_id;
  return 'started';
end
$$;
comment on function jobforge.start_occurrence(public.jobforge_schedules, uuid, timestamptz) is
  'Creates the job of an occurrence for a tenant. Returns started, skipped or duplicate.';

create type jobforge.starts as (
  started int,
  skipped int,
  failed int,
  error jsonb
);
comment on type jobforge.starts is
  'For how many tenants an occurrence was started, was skipped or failed, and the last error.';

create function jobforge.postpone_start(
  p_schedule_id uuid, p_tenant_id uuid, p_due_at timestamptz)
returns jobforge.starts
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_starts jobforge.starts := row(0, 0, 0, null);
begin
  delete from jobforge.postponed_starts
  where schedule_id = p_schedule_id and tenant_id = p_tenant_id;
  v_starts.skipped := found::int;
  insert into jobforge.postponed_starts (schedule_id, tenant_id, due_at)
  values (p_schedule_id, p_tenant_id, p_due_at);
  return v_starts;
end
$$;
comment on function jobforge.postpone_start(uuid, uuid, timestamptz) is
  'Keeps the start of a fan-out for the next turns, behind the others. It takes the place of an '
  'earlier occurrence, which is skipped.';

create function jobforge.start_for_tenants(
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
  v_hint text;
  v_held boolean;
begin
  begin
    foreach v_tenant_id in array p_tenant_ids loop
      v_outcome := jobforge.start_occurrence(p_schedule, v_tenant_id, p_due_at);
      v_starts.started := v_starts.started + (v_outcome = 'started')::int;
      v_starts.skipped := v_starts.skipped + (v_outcome = 'skipped')::int;
    end loop;
    return v_starts;
  exception when others then
    get stacked diagnostics v_detail = pg_exception_detail, v_hint = pg_exception_hint;
    v_held := sqlstate in ('55P03', '40P01')
      or v_detail = 'queue_full' and (v_hint::jsonb ->> 'held')::bigint > 0;
    -- The next turn tries a schedule of one tenant again.
    if v_held and p_schedule.tenant_id is not null then
      raise lock_not_available;
    end if;
    v_starts := row(0, 0, 0, jsonb_build_object('at', p_due_at, 'code', coalesce(
      (select documented.code from jobforge.error_codes() as documented
        where documented.code = v_detail), sqlstate)));
  end;
  if cardinality(p_tenant_ids) = 1 and v_held then
    return jobforge.postpone_start(p_schedule.id, p_tenant_ids[1], p_due_at);
  elsif cardinality(p_tenant_ids) = 1 then
    insert into jobforge.schedule_jobs (schedule_id, tenant_id, due_at, error)
    values (p_schedule.id, p_tenant_ids[1], p_due_at, v_starts.error)
    on conflict (schedule_id, tenant_id) do update
      set due_at = excluded.due_at, error = excluded.error;
    v_starts.failed := 1;
    return v_starts;
  end if;
  -- The error of one tenant undid the starts of all, so each now starts on its own.
  v_starts.error := null;
  foreach v_tenant_id in array p_tenant_ids loop
    v_one := jobforge.start_for_tenants(p_schedule, array[v_tenant_id], p_due_at);
    v_starts := row(v_starts.started + v_one.started, v_starts.skipped + v_one.skipped,
      v_starts.failed + v_one.failed, coalesce(v_one.error, v_starts.error));
  end loop;
  return v_starts;
end
$$;
comment on function jobforge.start_for_tenants(public.jobforge_schedules, uuid[], timestamptz) is
  'Starts an occurrence for some tenants. The error of one tenant does not stop the others. A '
  'tenant whose rows an open transaction holds is tried again.';
