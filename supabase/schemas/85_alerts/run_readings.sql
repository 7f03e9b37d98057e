-- Readings of runs, calls and maintenance tasks. Like all readings, they read little.

create function jobforge.recent_runs()
returns setof jobforge.runs
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select r.* from jobforge.runs as r order by r.id desc limit 2000 $$;
comment on function jobforge.recent_runs() is 'Returns the newest runs.';

create function jobforge.find_lost_runs(p_rule jobforge.alert_rules, p_now timestamptz)
returns setof jobforge.reading
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select 'worker', null::uuid, count(*)::float8, format('%s runs were lost', count(*))
  from jobforge.recent_runs() as recent
  where recent.state = 'lost'
    and recent.ended_at > p_now - make_interval(secs => p_rule.window_seconds)
$$;
comment on function jobforge.find_lost_runs(jobforge.alert_rules, timestamptz) is
  'Returns how many runs were lost within the window.';

create function jobforge.find_undelivered_tickets(
  p_rule jobforge.alert_rules, p_now timestamptz)
returns setof jobforge.reading
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select 'worker', null::uuid, counted.tickets::float8,
    format('%s tickets were not redeemed. The last call: %s', counted.tickets,
      coalesce(jobforge.last_call() ->> 'error', 'no error is known'))
  from jobforge.undelivered_since(p_now - make_interval(secs => p_rule.window_seconds))
    as counted (tickets)
$$;
comment on function jobforge.find_undelivered_tickets(jobforge.alert_rules, timestamptz) is
  'Returns how many tickets expired within the window, since the last one that was redeemed, and '
  'what the worker answered.';

create function jobforge.find_failing_tasks(p_rule jobforge.alert_rules, p_now timestamptz)
returns setof jobforge.reading
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select 'task ' || task.name, null::uuid, task.failures::float8,
    format('task %s %s', task.name, task.problem)
  from jobforge.task_states(p_now) as task
  where task.failures > 0
$$;
comment on function jobforge.find_failing_tasks(jobforge.alert_rules, timestamptz) is
  'Returns per maintenance task, and for the dispatcher, how often it failed in a row.';

create function jobforge.find_work_without_runs(p_rule jobforge.alert_rules, p_now timestamptz)
returns setof jobforge.reading
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- For how long there has been work that can start, and no run that polled for it.
  select 'worker', null::uuid, unclaimed.seconds,
    format('work has been waiting for %s s and no run claims it', round(unclaimed.seconds))
  from (
    select extract(epoch from p_now - greatest(
      -- A full run does not poll, so a live run that holds jobs counts as one that did.
      (select max(case
          when recent.state = 'live' and recent.held > 0 and recent.lease_expires_at > p_now
          then p_now else greatest(recent.started_at, recent.polled_at) end)
        from jobforge.recent_runs() as recent),
      p_now - make_interval(secs => max(waiting.seconds))))::float8 as seconds
    from jobforge.waiting_queues(p_now) as waiting
    join jobforge.queues as q on q.id = waiting.queue_id
    join public.jobforge_queues
      on jobforge_queues.tenant_id = q.tenant_id and jobforge_queues.queue = q.queue
    where jobforge.available_starts(q, jobforge_queues, p_now) > 0
    having max(waiting.seconds) is not null
  ) as unclaimed
$$;
comment on function jobforge.find_work_without_runs(jobforge.alert_rules, timestamptz) is
  'Returns for how many seconds jobs that can start have waited without a run that claims them.';
