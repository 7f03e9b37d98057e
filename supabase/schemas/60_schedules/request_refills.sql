-- Request refills: call the worker, which fills the calendar.

create function jobforge.call_for_calendar()
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_settings jobforge.settings;
  v_slot bigint;
begin
  select settings.* into v_settings from jobforge.settings;
  -- Live runs fill the calendar too, once a minute.
  if v_settings.project_url is null or v_settings.max_runs <= (
    select count(*) from jobforge.active_runs
    where active_runs.counts_until >= v_now
      and (active_runs.state = 'live' or active_runs.created_at >= v_now - interval '1 minute'))
  then
    return false;
  end if;
  v_slot := jobforge.pick_slot(v_now, v_settings.max_runs, false);
  if v_slot is not null then
    perform jobforge.call_worker(v_settings.project_url, v_slot);
  end if;
  return v_slot is not null;
end
$$;
comment on function jobforge.call_for_calendar() is
  'Calls the worker unless max_runs runs are active. Takes no lock.';

create function jobforge.request_refills(p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_ids constant uuid[] := array(
    select id from public.jobforge_schedules
    where not paused and refill_at <= p_now
      and coalesce(refill_requested_at < p_now - interval '5 minutes', true)
    order by refill_at
    limit 50
    for no key update skip locked);
begin
  if cardinality(v_ids) > 0 and jobforge.call_for_calendar() then
    update public.jobforge_schedules set refill_requested_at = p_now where id = any (v_ids);
  end if;
end
$$;
comment on function jobforge.request_refills(timestamptz) is
  'Calls the worker, which fills the calendar at its start. At most one call in five minutes per '
  'schedule, and none beyond max_runs.';
