-- Readings: the values that alert rules compare with their thresholds.
--
-- Each function reads little: rolled up minutes, busy queues, the newest runs. None counts jobs.

create type jobforge.reading as (
  subject text,
  tenant_id uuid,
  value double precision,
  message text
);
comment on type jobforge.reading is 'A subject with the value a rule looks at.';

create function jobforge.find_failing_jobs(p_rule jobforge.alert_rules, p_now timestamptz)
returns setof jobforge.reading
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select m.type, null::uuid,
    sum(m.failed + m.dead)::float8 / sum(m.succeeded + m.failed + m.dead)::float8,
    format('%s of %s jobs of type %s failed or died', sum(m.failed + m.dead),
      sum(m.succeeded + m.failed + m.dead), m.type)
  from jobforge.metrics_by_minute as m
  where m.queue_id = 0 and m.at >= p_now - make_interval(secs => p_rule.window_seconds)
  group by m.type
  having sum(m.succeeded + m.failed + m.dead) >= greatest(p_rule.minimum, 1)
$$;
comment on function jobforge.find_failing_jobs(jobforge.alert_rules, timestamptz) is
  'Per type the share of jobs that failed or died among those that ended within the window.';

create function jobforge.find_waiting_queues(p_rule jobforge.alert_rules, p_now timestamptz)
returns setof jobforge.reading
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select q.tenant_id || '/' || q.queue, q.tenant_id, w.seconds,
    format('the oldest ready job has been waiting for %s s', round(w.seconds))
  from jobforge.waiting_queues(p_now) as w join public.jobforge_queues as q on q.id = w.queue_id
  where w.seconds >= p_rule.threshold
$$;
comment on function jobforge.find_waiting_queues(jobforge.alert_rules, timestamptz) is
  'Per queue that is not paused how many seconds its oldest ready job has been waiting.';

create function jobforge.recent_runs()
returns setof jobforge.runs
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select r.* from jobforge.runs as r order by r.id desc limit 2000 $$;
comment on function jobforge.recent_runs() is 'The newest runs, which is what alerts look at.';

create function jobforge.find_lost_runs(
  p_rule jobforge.alert_rules, p_state text, p_now timestamptz)
returns setof jobforge.reading
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select 'worker', null::uuid, count(*)::float8,
    format('%s runs were %s', count(*), p_state)
  from jobforge.recent_runs() as r
  where r.state = p_state and r.ended_at > p_now - make_interval(secs => p_rule.window_seconds)
$$;
comment on function jobforge.find_lost_runs(jobforge.alert_rules, text, timestamptz) is
  'How many runs were lost, or undelivered, within the window.';

create function jobforge.find_work_without_runs(p_rule jobforge.alert_rules, p_now timestamptz)
returns setof jobforge.reading
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- Work that could start, and since when no run has asked for any.
  select 'worker', null::uuid, w.seconds,
    format('work has been waiting for %s s and no run asks for it', round(w.seconds))
  from (
    select extract(epoch from p_now - greatest(
      -- A run that is full does not ask: what it holds is proof enough.
      (select max(case when r.state = 'live' and r.held > 0 and r.lease_expires_at > p_now
          then p_now else greatest(r.started_at, r.polled_at) end)
        from jobforge.recent_runs() as r),
      p_now - make_interval(secs => max(a.seconds))))::float8 as seconds
    from jobforge.waiting_queues(p_now) as a
    join public.jobforge_queues as q on q.id = a.queue_id
    where jobforge.available_starts(q, p_now) > 0
    having max(a.seconds) is not null
  ) as w
$$;
comment on function jobforge.find_work_without_runs(jobforge.alert_rules, timestamptz) is
  'For how many seconds work that may start has been waiting without a run that asks for it.';

create function jobforge.find_missed_schedules(p_rule jobforge.alert_rules, p_now timestamptz)
returns setof jobforge.reading
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- A cron schedule whose calendar ran empty has no next occurrence: nobody filled it.
  select 'schedule ' || s.id, s.tenant_id,
    extract(epoch from p_now - coalesce(s.next_at, s.refill_at))::float8,
    format('schedule %s is late', s.name)
  from (
    select s.* from public.jobforge_schedules as s
    where not s.paused and s.next_at < p_now - make_interval(secs => p_rule.threshold)
    union
    select s.* from public.jobforge_schedules as s
    where not s.paused and s.problem is null and s.next_at is null
      and s.refill_at < p_now - make_interval(secs => p_rule.threshold)
    limit 1000
  ) as s
  union all
  select 'schedule ' || s.id, s.tenant_id, p_rule.threshold,
    format('schedule %s missed or failed an occurrence', s.name)
  from jobforge.schedule_missed_totals as m join public.jobforge_schedules as s
    on s.id = m.schedule_id
  where m.at > p_now - make_interval(secs => p_rule.window_seconds)
$$;
comment on function jobforge.find_missed_schedules(jobforge.alert_rules, timestamptz) is
  'Per schedule how many seconds it is late; one that missed or failed an occurrence counts as late.';

create function jobforge.find_refused_signatures(p_rule jobforge.alert_rules, p_now timestamptz)
returns setof jobforge.reading
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select 'endpoint ' || r.config_id, r.tenant_id, sum(r.refused)::float8,
    format('%s webhooks to this endpoint were refused', sum(r.refused))
  from jobforge.webhook_refusals as r
  where r.at >= p_now - make_interval(secs => p_rule.window_seconds)
  group by r.config_id, r.tenant_id
$$;
comment on function jobforge.find_refused_signatures(jobforge.alert_rules, timestamptz) is
  'Per endpoint how many webhooks it refused within the window.';

create function jobforge.find_unusual_volumes(p_rule jobforge.alert_rules, p_now timestamptz)
returns setof jobforge.reading
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select q.tenant_id || '/' || q.queue, q.tenant_id,
    v.per_minute / greatest(v.usual_per_minute, p_rule.minimum / p_rule.threshold, 1e-9),
    format('%s jobs a minute are enqueued, where %s are usual', round(v.per_minute),
      round(v.usual_per_minute))
  from jobforge.enqueue_volumes as v join public.jobforge_queues as q on q.id = v.queue_id
  where v.at > p_now - interval '5 minutes' and v.per_minute >= p_rule.minimum
$$;
comment on function jobforge.find_unusual_volumes(jobforge.alert_rules, timestamptz) is
  'Per queue how many times its usual volume is enqueued.';

create function jobforge.find_old_secrets(p_rule jobforge.alert_rules, p_now timestamptz)
returns setof jobforge.reading
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select s.tenant_id || '/' || s.name, s.tenant_id,
    extract(epoch from p_now - s.created_at)::float8 / 86400,
    format('secret %s was set %s days ago', s.name,
      floor(extract(epoch from p_now - s.created_at) / 86400))
  from (
    select s.* from jobforge.secrets as s
    where s.vault_id is not null
      and s.created_at <= p_now - make_interval(secs => p_rule.threshold * 86400)
    order by s.created_at limit 1000
  ) as s
  where not exists (
    select from jobforge.secrets as n
    where n.tenant_id = s.tenant_id and n.name = s.name and n.version > s.version
      and n.vault_id is not null)
$$;
comment on function jobforge.find_old_secrets(jobforge.alert_rules, timestamptz) is
  'Per secret how many days ago its newest version was set.';

create function jobforge.readings(p_rule jobforge.alert_rules, p_now timestamptz)
returns setof jobforge.reading
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  case p_rule.rule
    when 'jobs_failing' then
      return query select f.* from jobforge.find_failing_jobs(p_rule, p_now) as f;
    when 'queue_waiting' then
      return query select f.* from jobforge.find_waiting_queues(p_rule, p_now) as f;
    when 'tickets_undelivered' then
      return query select f.* from jobforge.find_lost_runs(p_rule, 'undelivered', p_now) as f;
    when 'runs_lost' then
      return query select f.* from jobforge.find_lost_runs(p_rule, 'lost', p_now) as f;
    when 'no_successful_run' then
      return query select f.* from jobforge.find_work_without_runs(p_rule, p_now) as f;
    when 'schedule_missed' then
      return query select f.* from jobforge.find_missed_schedules(p_rule, p_now) as f;
    when 'signatures_refused' then
      return query select f.* from jobforge.find_refused_signatures(p_rule, p_now) as f;
    when 'enqueue_volume' then
      return query select f.* from jobforge.find_unusual_volumes(p_rule, p_now) as f;
    when 'secret_old' then
      return query select f.* from jobforge.find_old_secrets(p_rule, p_now) as f;
  end case;
end
$$;
comment on function jobforge.readings(jobforge.alert_rules, timestamptz) is
  'What a rule finds now.';
