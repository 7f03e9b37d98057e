-- Maintenance tasks: what can wait, each in a transaction of its own.
--
-- A row states when a task is due and how its last executions went. The doctor, the metrics and the
-- alerts read it. The dispatcher has a row as well, which is never due.

create table jobforge.maintenance_tasks (
  name text primary key,
  every interval not null,
  next_at timestamptz not null default '-infinity',
  last_started_at timestamptz,
  last_succeeded_at timestamptz,
  last_failed_at timestamptz,
  last_error text,
  failures int not null default 0,
  duration_ms double precision,
  rows_done bigint not null default 0,
  position jsonb,
  constraint every_is_positive check (every > interval '0'),
  constraint failures_not_negative check (failures >= 0)
) with (fillfactor = 50);
comment on table jobforge.maintenance_tasks is
  'Tasks that jobforge.maintain() performs when they are due, and how their executions went.';
comment on column jobforge.maintenance_tasks.failures is 'Executions that failed in a row.';
comment on column jobforge.maintenance_tasks.rows_done is
  'Rows that the task handled since the beginning. For the dispatcher, calls to the worker.';
comment on column jobforge.maintenance_tasks.position is
  'Where the next execution of a task continues that walks over a table.';

create function jobforge.known_tasks()
returns table (name text, every interval)
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  values
    ('dispatch', interval '10 seconds'),
    ('fire_schedules', '5 seconds'),
    ('request_refills', '30 seconds'),
    ('record_answers', '10 seconds'),
    ('look_at_missed', '10 seconds'),
    ('check_destinations', '10 seconds'),
    ('compact_counters', '10 seconds'),
    ('roll_up', '10 seconds'),
    ('continue_erasures', '30 seconds'),
    ('delete_expired_jobs', '1 minute'),
    ('seal_audit', '30 seconds'),
    ('evaluate_alerts', '1 minute'),
    ('bound_metrics', '1 minute'),
    ('prune_metrics', '1 minute'),
    ('prune_keys', '1 minute'),
    ('expire_keys', '1 hour'),
    ('prune_received_webhooks', '1 minute'),
    ('prune_messages', '1 minute'),
    ('prune_runs', '1 minute'),
    ('prune_watches', '1 minute'),
    ('prune_cron_history', '1 minute'),
    ('prune_connectors', '10 minutes'),
    ('prune_alerts', '10 minutes'),
    ('prune_audit', '1 day')
$$;
comment on function jobforge.known_tasks() is
  'Every task and its period. A task that stops at its budget is due again at once.';

create function jobforge.add_tasks()
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  insert into jobforge.maintenance_tasks (name, every, next_at)
  select known.name, known.every,
    case known.name when 'dispatch' then 'infinity'::timestamptz else '-infinity' end
  from jobforge.known_tasks() as known
  on conflict (name) do nothing
$$;
comment on function jobforge.add_tasks() is 'Adds the tasks that have no row.';

select jobforge.add_tasks();

create function jobforge.note_task(
  p_name text, p_started_at timestamptz, p_rows bigint, p_error text, p_more boolean default null)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
begin
  -- A task that keeps failing waits longer each time, up to five minutes. One that failed in part,
  -- so that p_more is known, is due as ever.
  update jobforge.maintenance_tasks
  set last_succeeded_at = case when p_error is null then v_now else last_succeeded_at end,
    last_failed_at = case when p_error is null then last_failed_at else v_now end,
    last_error = coalesce(p_error, last_error),
    failures = case when p_error is null then 0 else failures + 1 end,
    duration_ms = extract(epoch from clock_timestamp() - p_started_at) * 1000,
    rows_done = rows_done + coalesce(p_rows, 0),
    next_at = case
      when p_error is not null and p_more is null then greatest(next_at,
        v_now + least(every * 2 ^ least(failures, 8), greatest(every, interval '5 minutes')))
      when p_more then least(next_at, v_now)
      else next_at end
  where name = p_name;
end
$$;
comment on function jobforge.note_task(text, timestamptz, bigint, text, boolean) is
  'Records an execution of a task. With p_more the task is due again at once. It is null for a '
  'task that did nothing because of its error.';

create function jobforge.task_states(p_now timestamptz)
returns table (name text, problem text, seconds_since_success double precision, failures int,
  duration_ms double precision, rows_done bigint)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select known.name, case
      when task.name is null then 'has no row: select jobforge.add_tasks();'
      when task.failures > 0
        then format('failed %s times in a row: %s', task.failures, task.last_error)
      when task.next_at < p_now - greatest(task.every, interval '2 minutes')
        or known.name = 'dispatch'
          and coalesce(task.last_succeeded_at < p_now - interval '2 minutes', true)
        then coalesce('last succeeded ' || floor(extract(epoch from
          p_now - task.last_succeeded_at)) || ' seconds ago', 'never succeeded')
    end,
    extract(epoch from p_now - task.last_succeeded_at)::float8, coalesce(task.failures, 0),
    task.duration_ms, coalesce(task.rows_done, 0)
  from jobforge.known_tasks() as known
  left join jobforge.maintenance_tasks as task on task.name = known.name
$$;
comment on function jobforge.task_states(timestamptz) is
  'Returns each task with its problem: it fails, or did not run when it was due. Null when it is '
  'well.';
