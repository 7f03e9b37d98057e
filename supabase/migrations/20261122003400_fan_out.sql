-- JobForge, chapter 34: fan-outs and the tick of schedules.

create function jobforge.active_tenants(p_after uuid, p_limit int)
returns uuid[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select array(
    select distinct q.tenant_id from public.jobforge_queues as q
    where q.tenant_id > coalesce(p_after, '00000000-0000-0000-0000-000000000000')
      and not exists (
        select from jobforge.erasures as e
        where e.finished_at is null and e.alias_id = q.tenant_id)
    order by q.tenant_id
    limit p_limit)
$$;
comment on function jobforge.active_tenants(uuid, int) is
  'The next tenants after an id that have a queue: they have enqueued, or an operator made it.';

create function jobforge.count_starts(p_schedule_id uuid, p_starts jobforge.starts)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  update public.jobforge_schedules as s
  set started = s.started + p_starts.started, skipped = s.skipped + p_starts.skipped,
    failed = s.failed + p_starts.failed, last_error = coalesce(p_starts.error, s.last_error)
  where s.id = p_schedule_id
$$;
comment on function jobforge.count_starts(uuid, jobforge.starts) is 'Counts what a schedule did.';

create function jobforge.fan_out(
  p_schedule public.jobforge_schedules, p_due_at timestamptz, p_budget int, p_until timestamptz)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_served int := 0;
  v_tenant_ids uuid[];
  v_after uuid := p_schedule.fan_out_after;
  v_width int;
begin
  loop
    v_width := case when clock_timestamp() < p_until then least(p_budget - v_served, 50) else 0 end;
    exit when v_width <= 0;
    v_tenant_ids := jobforge.active_tenants(v_after, v_width);
    if cardinality(v_tenant_ids) > 0 then
      perform jobforge.count_starts(
        p_schedule.id, jobforge.start_at(p_schedule, v_tenant_ids, p_due_at));
      v_after := v_tenant_ids[cardinality(v_tenant_ids)];
      v_served := v_served + cardinality(v_tenant_ids);
    end if;
    exit when cardinality(v_tenant_ids) < v_width;
  end loop;
  update public.jobforge_schedules as s
  set fan_out_at = case when v_width <= 0 then p_due_at end,
    fan_out_after = case when v_width <= 0 then v_after end
  where s.id = p_schedule.id;
  return v_served;
end
$$;
comment on function jobforge.fan_out(public.jobforge_schedules, timestamptz, int, timestamptz) is
  'Starts an occurrence at the next active tenants; what exceeds the budget or the time is left to '
  'the next tick.';

create function jobforge.fire(
  p_schedule public.jobforge_schedules, p_now timestamptz, p_budget int, p_until timestamptz)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_due_at timestamptz;
  v_started int := 0;
begin
  if p_schedule.fan_out_at is not null then
    return jobforge.fan_out(p_schedule, p_schedule.fan_out_at, p_budget, p_until);
  end if;
  foreach v_due_at in array jobforge.take_due(p_schedule, p_now) loop
    if p_schedule.tenant_id is null then
      return jobforge.fan_out(p_schedule, v_due_at, p_budget, p_until);
    end if;
    perform jobforge.count_starts(p_schedule.id,
      jobforge.start_at(p_schedule, array[p_schedule.tenant_id], v_due_at));
    v_started := v_started + 1;
  end loop;
  return v_started;
end
$$;
comment on function jobforge.fire(public.jobforge_schedules, timestamptz, int, timestamptz) is
  'Starts what a schedule has due. Returns how many jobs it tried to make.';

create function jobforge.fire_schedules(p_now timestamptz, p_budget int)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '50ms'
as $$
declare
  v_until constant timestamptz := clock_timestamp() + interval '2 seconds';
  v_left int := p_budget;
  v_schedule public.jobforge_schedules;
begin
  for v_schedule in
    select s.* from public.jobforge_schedules as s
    where not s.paused and s.next_at <= p_now or s.fan_out_at is not null
    order by s.next_at
    limit 1000
    for no key update skip locked
  loop
    begin
      v_left := v_left - greatest(jobforge.fire(v_schedule, p_now, v_left, v_until), 1);
    exception
      when lock_not_available or deadlock_detected then
        v_left := v_left - 1;
      when others then
        update public.jobforge_schedules as s
        set failed = s.failed + 1, next_at = p_now + interval '1 minute',
          last_error = jsonb_build_object('at', p_now, 'code', sqlstate)
        where s.id = v_schedule.id;
    end;
    exit when v_left <= 0 or clock_timestamp() > v_until;
  end loop;
end
$$;
comment on function jobforge.fire_schedules(timestamptz, int) is
  'The tick of schedules: starts what is due, up to a number of jobs and for two seconds at most.';
