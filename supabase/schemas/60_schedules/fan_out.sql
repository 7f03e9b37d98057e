-- Fan out a schedule to every active tenant.

create function jobforge.active_tenants(p_after uuid, p_limit int)
returns uuid[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select array(
    select distinct q.tenant_id from jobforge.queues as q
    where q.tenant_id > coalesce(p_after, '00000000-0000-0000-0000-000000000000')
      and not exists (
        select from jobforge.erasures
        where erasures.finished_at is null and erasures.alias_id = q.tenant_id)
    order by q.tenant_id
    limit p_limit)
$$;
comment on function jobforge.active_tenants(uuid, int) is
  'Returns the next tenants after an id that have a queue. An enqueue or an operator creates it.';

create function jobforge.count_starts(p_schedule_id uuid, p_starts jobforge.starts)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  update public.jobforge_schedules
  set started = started + p_starts.started, skipped = skipped + p_starts.skipped,
    failed = failed + p_starts.failed, last_error = coalesce(p_starts.error, last_error)
  where id = p_schedule_id
$$;
comment on function jobforge.count_starts(uuid, jobforge.starts) is
  'Adds to a schedule''s counters.';

create function jobforge.start_postponed(p_limit int, p_until timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_start jobforge.postponed_starts;
  v_schedule public.jobforge_schedules;
begin
  for v_start in
    select postponed_starts.* from jobforge.postponed_starts
    order by postponed_starts.id
    limit p_limit
    for update skip locked
  loop
    exit when clock_timestamp() > p_until;
    begin
      -- A start that is postponed again has a new row, behind the others.
      delete from jobforge.postponed_starts where postponed_starts.id = v_start.id;
      select jobforge_schedules.* into v_schedule from public.jobforge_schedules
      where jobforge_schedules.id = v_start.schedule_id and not jobforge_schedules.paused;
      if found then
        perform jobforge.count_starts(v_schedule.id, jobforge.start_for_tenants(
          v_schedule, array[v_start.tenant_id], v_start.due_at));
      end if;
    exception when lock_not_available or deadlock_detected then
      continue;
    end;
  end loop;
end
$$;
comment on function jobforge.start_postponed(int, timestamptz) is
  'Tries the starts again that a fan-out left out. A paused or deleted schedule drops them.';

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
        p_schedule.id, jobforge.start_for_tenants(p_schedule, v_tenant_ids, p_due_at));
      v_after := v_tenant_ids[cardinality(v_tenant_ids)];
      v_served := v_served + cardinality(v_tenant_ids);
    end if;
    exit when cardinality(v_tenant_ids) < v_width;
  end loop;
  update public.jobforge_schedules
  set fan_out_at = case when v_width <= 0 then p_due_at end,
    fan_out_after = case when v_width <= 0 then v_after end
  where id = p_schedule.id;
  return v_served;
end
$$;
comment on function jobforge.fan_out(public.jobforge_schedules, timestamptz, int, timestamptz) is
  'Starts an occurrence for the next active tenants, and returns for how many. The next dispatch '
  'continues when the budget or the time is used up.';
