-- Readings: the values that alert rules compare with their thresholds.
--
-- Each function reads little: metrics by minute, busy queues or the newest runs. None counts jobs.

create type jobforge.reading as (
  subject text,
  tenant_id uuid,
  value double precision,
  message text
);
comment on type jobforge.reading is
  'A subject, the value that a rule compares with its threshold, and a message.';

create function jobforge.seconds_ago(p_now timestamptz, p_seconds double precision)
returns timestamptz
language sql immutable
set search_path = pg_catalog, pg_temp
as $$ select p_now - make_interval(secs => least(p_seconds, 3e10)) $$;
comment on function jobforge.seconds_ago(timestamptz, double precision) is
  'Returns the time that many seconds before, and no more than 950 years: a threshold can be '
  'larger than time goes back.';

create function jobforge.find_failing_jobs(p_rule jobforge.alert_rules, p_now timestamptz)
returns setof jobforge.reading
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select type, null::uuid,
    sum(failed + dead)::float8 / sum(succeeded + failed + dead)::float8,
    format('%s of %s jobs of type %s failed or died', sum(failed + dead),
      sum(succeeded + failed + dead), type)
  from jobforge.metrics_by_minute
  where queue_id = 0 and at >= p_now - make_interval(secs => p_rule.window_seconds)
  group by type
  having sum(succeeded + failed + dead) >= greatest(p_rule.minimum, 1)
$$;
comment on function jobforge.find_failing_jobs(jobforge.alert_rules, timestamptz) is
  'Returns per job type the share of jobs that failed or died among those finished in the window.';

create function jobforge.find_waiting_queues(p_rule jobforge.alert_rules, p_now timestamptz)
returns setof jobforge.reading
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select q.tenant_id || '/' || q.queue, q.tenant_id, waiting.seconds,
    format('the oldest ready job has been waiting for %s s', round(waiting.seconds))
  from jobforge.waiting_queues(p_now) as waiting
  join jobforge.queues as q on q.id = waiting.queue_id
  where waiting.seconds >= p_rule.threshold
$$;
comment on function jobforge.find_waiting_queues(jobforge.alert_rules, timestamptz) is
  'Returns per queue that is not paused for how many seconds its oldest ready job has waited.';

create function jobforge.find_missed_schedules(p_rule jobforge.alert_rules, p_now timestamptz)
returns setof jobforge.reading
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- A cron schedule without a next occurrence is late when no worker has filled its calendar.
  select 'schedule ' || late.id, late.tenant_id,
    extract(epoch from p_now - coalesce(late.next_at, late.refill_at))::float8,
    format('schedule %s is late', late.name)
  from (
    select * from public.jobforge_schedules
    where not paused and next_at < jobforge.seconds_ago(p_now, p_rule.threshold)
    union
    select * from public.jobforge_schedules
    where not paused and next_at is null
      and refill_at < jobforge.seconds_ago(p_now, p_rule.threshold)
    limit 1000
  ) as late
  union all
  select 'schedule ' || stuck.id, stuck.tenant_id, p_rule.threshold,
    format('the calendar of schedule %s is not filled: %s', stuck.name, stuck.problem)
  from (
    select * from public.jobforge_schedules where problem is not null and not paused limit 1000
  ) as stuck
  union all
  select 'schedule ' || jobforge_schedules.id, jobforge_schedules.tenant_id, p_rule.threshold,
    format('schedule %s missed or failed an occurrence', jobforge_schedules.name)
  from jobforge.schedule_missed_totals
  join public.jobforge_schedules on jobforge_schedules.id = schedule_missed_totals.schedule_id
  where schedule_missed_totals.at > p_now - make_interval(secs => p_rule.window_seconds)
$$;
comment on function jobforge.find_missed_schedules(jobforge.alert_rules, timestamptz) is
  'Returns per schedule how many seconds it is late. A missed or failed occurrence and a calendar '
  'that is not filled count as the threshold.';

create function jobforge.find_refused_signatures(p_rule jobforge.alert_rules, p_now timestamptz)
returns setof jobforge.reading
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select 'endpoint ' || config_id, tenant_id, sum(refused)::float8,
    format('%s webhooks to this endpoint were rejected', sum(refused))
  from jobforge.webhook_refusals
  where at >= p_now - make_interval(secs => p_rule.window_seconds)
  group by config_id, tenant_id
$$;
comment on function jobforge.find_refused_signatures(jobforge.alert_rules, timestamptz) is
  'Returns per webhook endpoint how many webhooks it rejected within the window.';

create function jobforge.find_unusual_volumes(p_rule jobforge.alert_rules, p_now timestamptz)
returns setof jobforge.reading
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select q.tenant_id || '/' || q.queue, q.tenant_id,
    enqueue_volumes.per_minute / greatest(
      enqueue_volumes.usual_per_minute, p_rule.minimum / p_rule.threshold, 1e-9),
    format('%s jobs a minute are enqueued, where %s are usual', round(enqueue_volumes.per_minute),
      round(enqueue_volumes.usual_per_minute))
  from jobforge.enqueue_volumes
  join jobforge.queues as q on q.id = enqueue_volumes.queue_id
  where enqueue_volumes.at > p_now - interval '5 minutes'
    and enqueue_volumes.per_minute >= p_rule.minimum
$$;
comment on function jobforge.find_unusual_volumes(jobforge.alert_rules, timestamptz) is
  'Returns per queue how many times its usual volume is enqueued.';

create function jobforge.find_old_secrets(p_rule jobforge.alert_rules, p_now timestamptz)
returns setof jobforge.reading
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select aged.tenant_id || '/' || aged.name, aged.tenant_id,
    extract(epoch from p_now - aged.created_at)::float8 / 86400,
    format('secret %s was set %s days ago', aged.name,
      floor(extract(epoch from p_now - aged.created_at) / 86400))
  from (
    select * from jobforge.secrets
    where vault_id is not null
      and created_at <= jobforge.seconds_ago(p_now, p_rule.threshold * 86400)
    order by created_at limit 1000
  ) as aged
  where not exists (
    select from jobforge.secrets
    where secrets.tenant_id = aged.tenant_id and secrets.name = aged.name
      and secrets.version > aged.version and secrets.vault_id is not null)
$$;
comment on function jobforge.find_old_secrets(jobforge.alert_rules, timestamptz) is
  'Returns per secret how many days ago its newest version was set.';

create function jobforge.find_paused_destinations(p_now timestamptz)
returns setof jobforge.reading
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- A pause by hand is no surprise. At least 1, and more the longer a destination is paused.
  select 'destination ' || paused.destination_id, paused.tenant_id,
    1 + extract(epoch from p_now - paused.paused_at)::float8 / 3600,
    format('webhook destination %s is paused: %s', jobforge_connector_configs.name,
      paused.paused_reason)
  from (
    select * from jobforge.destination_states
    where paused_at is not null and paused_by <> 'hand'
    order by paused_at desc
    limit 1000
  ) as paused
  join public.jobforge_connector_configs on jobforge_connector_configs.id = paused.destination_id
$$;
comment on function jobforge.find_paused_destinations(timestamptz) is
  'Returns per webhook destination that the breaker or a 410 paused for how many hours, plus one.';

create function jobforge.readings(p_rule jobforge.alert_rules, p_now timestamptz)
returns setof jobforge.reading
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  case p_rule.rule
    when 'jobs_failing' then
      return query select * from jobforge.find_failing_jobs(p_rule, p_now);
    when 'queue_waiting' then
      return query select * from jobforge.find_waiting_queues(p_rule, p_now);
    when 'tickets_undelivered' then
      return query select * from jobforge.find_undelivered_tickets(p_rule, p_now);
    when 'runs_lost' then
      return query select * from jobforge.find_lost_runs(p_rule, p_now);
    when 'maintenance_failing' then
      return query select * from jobforge.find_failing_tasks(p_rule, p_now);
    when 'no_successful_run' then
      return query select * from jobforge.find_work_without_runs(p_rule, p_now);
    when 'schedule_missed' then
      return query select * from jobforge.find_missed_schedules(p_rule, p_now);
    when 'signatures_refused' then
      return query select * from jobforge.find_refused_signatures(p_rule, p_now);
    when 'enqueue_volume' then
      return query select * from jobforge.find_unusual_volumes(p_rule, p_now);
    when 'destination_paused' then
      return query select * from jobforge.find_paused_destinations(p_now);
    when 'secret_old' then
      return query select * from jobforge.find_old_secrets(p_rule, p_now);
  end case;
end
$$;
comment on function jobforge.readings(jobforge.alert_rules, timestamptz) is
  'Returns the subjects and values of a rule now.';
