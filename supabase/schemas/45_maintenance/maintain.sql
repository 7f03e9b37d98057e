-- Maintain: pg_cron calls this procedure every ten seconds. It performs the tasks that are due.
--
-- Each task has a transaction of its own, so none undoes another or keeps rows locked for it.

create function jobforge.start_task(p_until timestamptz)
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_task jobforge.maintenance_tasks;
begin
  perform jobforge.require_service();
  for v_task in
    select task.* from jobforge.maintenance_tasks as task
    where (task.next_at <= v_now
      -- No task waits for longer, so the clock was set back meanwhile.
      or task.next_at > v_now + greatest(task.every, interval '5 minutes') + interval '1 minute'
        and task.next_at < 'infinity') and clock_timestamp() < p_until
    order by task.next_at, task.every, task.name
  loop
    -- The lock shows that another session performs the task.
    continue when not pg_try_advisory_xact_lock(
      jobforge.task_lock(), hashtext(v_task.name));
    -- An execution that recorded no end was cut off: a restart, a kill or an error at commit.
    update jobforge.maintenance_tasks as task
    set last_started_at = v_now, next_at = v_now + task.every,
      failures = task.failures + cut_off.count,
      last_failed_at = case cut_off.count when 1 then v_now else task.last_failed_at end,
      last_error = case cut_off.count when 1 then 'it did not finish' else task.last_error end
    from (
      select coalesce(v_task.last_started_at > greatest(
        v_task.last_succeeded_at, v_task.last_failed_at, '-infinity'), false)::int
    ) as cut_off (count)
    where task.name = v_task.name and task.next_at = v_task.next_at;
    if found then
      return v_task.name;
    end if;
  end loop;
  return null;
end
$$;
comment on function jobforge.start_task(timestamptz) is
  'Starts the task that has been due longest and returns its name. Null when none is due or the '
  'time is over.';

create function jobforge.task_lock()
returns int
language sql immutable
set search_path = pg_catalog, pg_temp
as $$ select 1246708228 $$;
comment on function jobforge.task_lock() is
  'Class of the lock that a session holds while it performs a task.';

create function jobforge.perform_task(p_name text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_started_at constant timestamptz := clock_timestamp();
  v_result jobforge.task_result;
  v_error text;
begin
  perform jobforge.require_service();
  if not pg_try_advisory_xact_lock(jobforge.task_lock(), hashtext(p_name)) then
    return;
  end if;
  begin
    v_result := jobforge.run_task(p_name, jobforge.clock());
    v_error := v_result.error;
  exception when query_canceled or assert_failure or others then
    -- Also a timeout of the statement: the tasks after this one still run.
    v_error := jobforge.short_error(sqlstate, sqlerrm);
  end;
  if v_error is not null then
    raise warning 'jobforge: % failed: %', p_name, v_error;
  end if;
  perform jobforge.note_task(p_name, v_started_at, v_result.row_count, v_error, v_result.more);
end
$$;
comment on function jobforge.perform_task(text) is
  'Performs a task and records how it went. No error of a task leaves this function.';

create procedure jobforge.maintain()
language plpgsql
as $$
declare
  v_until constant pg_catalog.timestamptz :=
    pg_catalog.clock_timestamp() operator(pg_catalog.+) '8 seconds'::pg_catalog.interval;
  v_name pg_catalog.text;
begin
  loop
    v_name := jobforge.start_task(v_until);
    commit;
    exit when v_name is null;
    perform jobforge.perform_task(v_name);
    commit;
  end loop;
end
$$;
comment on procedure jobforge.maintain() is
  'Database: performs the maintenance tasks that are due, for eight seconds at most. A procedure '
  'that commits can pin no search_path, so every name in it is qualified.';
