-- Request runs: call the worker for ready jobs that exceed the free slots of the active runs.
--
-- A call belongs to one of the max_runs slots of a second. Callers pick a slot by try, so none
-- waits for another, and an open transaction holds the slots of its own second only.

create function jobforge.first_slot(p_now timestamptz)
returns bigint
language sql immutable
set search_path = pg_catalog, pg_temp
as $$ select floor(extract(epoch from p_now))::bigint * 256 $$;
comment on function jobforge.first_slot(timestamptz) is
  'The number before the first slot of a second. A second has room for 255 slots.';

create function jobforge.pick_slot(p_now timestamptz, p_max_runs int, p_dispatcher boolean)
returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_first bigint := jobforge.first_slot(p_now);
  v_slot bigint;
  v_called bigint[];
begin
  for v_try in 1..6 loop
    v_called := array(
      select r.call_slot from jobforge.runs as r
      where r.call_slot > v_first and r.call_slot <= v_first + p_max_runs);
    for v_number in 1..p_max_runs loop
      v_slot := v_first + v_number;
      continue when v_slot = any (v_called);
      if pg_try_advisory_xact_lock(1246708227, (v_slot % 1073741824)::int) or p_dispatcher then
        -- Read again under the lock, in a new statement: its holder may have called and committed.
        if not exists (select from jobforge.runs as r where r.call_slot = v_slot) then
          return v_slot;
        end if;
      end if;
    end loop;
    exit when v_called <> '{}' or p_dispatcher;
    -- Every slot is held by a transaction that has not committed. Most do so within milliseconds.
    -- If none does, the calls may never be made, so this one takes a slot of the next second.
    perform pg_sleep(case when v_try < 5 then 0.005 else 0 end);
    v_first := v_first + case when v_try = 5 then 256 else 0 end;
  end loop;
  return null;
end
$$;
comment on function jobforge.pick_slot(timestamptz, int, boolean) is
  'Returns a free slot for a call, or null. A slot is taken by a committed call and by an open '
  'transaction. For the dispatcher, which repairs what is left open, only committed ones count.';

create function jobforge.request_runs(p_ready int, p_dispatcher boolean default false)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_settings jobforge.settings;
  v_active record;
  v_slot bigint;
  v_calls int := 0;
begin
  select settings.* into v_settings from jobforge.settings;
  if v_settings.project_url is null then
    return 0;
  end if;
  select count(*) filter (where active_runs.counts_until >= v_now)::int as runs,
    coalesce(
      sum(active_runs.spare) filter (
        where active_runs.helps_until >= v_now and active_runs.kind = 'edge'), 0)::int as spare
  into v_active
  from jobforge.active_runs
  where active_runs.state = 'live' or active_runs.created_at >= v_now - interval '1 minute';
  while v_calls < least(
    ceil((p_ready - v_active.spare) / v_settings.run_capacity::float8)::int,
    v_settings.max_runs - v_active.runs)
  loop
    v_slot := jobforge.pick_slot(v_now, v_settings.max_runs, p_dispatcher);
    exit when v_slot is null;
    perform jobforge.call_worker(v_settings.project_url, v_slot);
    v_calls := v_calls + 1;
  end loop;
  return v_calls;
end
$$;
comment on function jobforge.request_runs(int, boolean) is
  'Calls as many edge workers as p_ready jobs need beyond the active runs of the edge, up to '
  'max_runs, and at most max_runs a second. Returns how many.';
