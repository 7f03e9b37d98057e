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
