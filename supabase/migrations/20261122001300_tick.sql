-- JobForge, chapter 13: the tick.
--
-- Every ten seconds dispatch finds what lost calls and dead workers left behind. The end of a run
-- looks for more work in the same way.

create function jobforge.finish_run(p_run_id bigint, p_reason text, p_cpu_ms int)
returns json
language plpgsql
security definer -- ends runs, hands back jobs, calls the worker
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_reason is null or p_reason not in ('drained', 'wall_clock', 'cpu', 'shutdown', 'error') then
    perform jobforge.fail('invalid_argument',
      'p_reason must be drained, wall_clock, cpu, shutdown or error');
  end if;
  perform jobforge.hold_run(p_run_id);
  perform jobforge.release(p_run_id, null, 'released');
  update jobforge.runs as r
  set state = 'finished', held = 0, lease_expires_at = null, ended_at = jobforge.clock(),
    end_reason = p_reason, cpu_ms = p_cpu_ms
  where r.id = p_run_id;
  perform jobforge.promote(jobforge.clock());
  return json_build_object('dispatched', jobforge.request_runs(jobforge.ready_jobs(jobforge.clock())));
end
$$;
comment on function jobforge.finish_run(bigint, text, int) is
  'Ends a run: hands back what it holds, and calls the worker again if work is left.';

create function jobforge.give_up_lost_runs(p_now timestamptz)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_run_id bigint;
  v_jobs int := 0;
begin
  update jobforge.runs as r set state = 'undelivered', ticket_hash = null, ended_at = p_now
  where r.state = 'pending' and r.created_at < p_now - interval '60 seconds';
  for v_run_id in
    select r.id from jobforge.runs as r
    where r.state = 'live' and r.lease_expires_at < p_now
    order by r.id
    limit 100
    for no key update skip locked
  loop
    v_jobs := v_jobs + jobforge.release(v_run_id, null, 'lease_expired');
    update jobforge.runs as r
    set state = 'lost', held = 0, lease_expires_at = null, ended_at = p_now,
      end_reason = 'lease_expired'
    where r.id = v_run_id;
  end loop;
  return v_jobs;
end
$$;
comment on function jobforge.give_up_lost_runs(timestamptz) is
  'Ends runs that stopped reporting; their jobs are queued again or dead. Returns how many jobs.';

create function jobforge.sweep()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  v_asleep int[];
begin
  -- Belt over the wake-ups: walks the queues that have ready jobs, one index probe each.
  with recursive start as (
    select case when max(q.id) > 1000 then floor(random() * max(q.id))::int else 0 end as id
    from public.jobforge_queues as q
  ),
  found (queue_id, n) as (
    (select j.queue_id, 1 from public.jobforge_jobs as j, start as s
      where j.queue_id >= s.id and j.status = 'queued' and not j.scheduled and j.lease_expiries < 2
      order by j.queue_id limit 1)
    union all
    select (select j.queue_id from public.jobforge_jobs as j
      where j.queue_id > f.queue_id and j.status = 'queued' and not j.scheduled
        and j.lease_expiries < 2
      order by j.queue_id limit 1), f.n + 1
    from found as f
    where f.queue_id is not null and f.n < 1000
  )
  select array_agg(q.id) into v_asleep
  from found as f join public.jobforge_queues as q on q.id = f.queue_id
  where not q.runnable and not q.paused and q.wake_at is null
    and (q.max_running is null or jobforge.running(q.id) < q.max_running);
  if v_asleep is not null then
    perform jobforge.wake_queues(v_asleep);
  end if;
end
$$;
comment on function jobforge.sweep() is
  'Wakes queues that have ready jobs and room but sleep: up to 1,000 a tick, from a random start when there are more.';

create function jobforge.dispatch()
returns int
language plpgsql
security definer -- the tick: reclaims leases and calls the worker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
begin
  perform jobforge.require_service();
  perform jobforge.give_up_lost_runs(v_now);
  perform jobforge.promote(v_now);
  perform jobforge.sweep();
  perform jobforge.run_chores(v_now);
  return jobforge.request_runs(jobforge.ready_jobs(v_now));
end
$$;
comment on function jobforge.dispatch() is
  'The tick: gives up lost runs, promotes what is due, does the chores, calls the worker if work is waiting.';

create function jobforge.maintain()
returns void
language plpgsql
security definer -- prunes internal tables and the history of our own cron jobs
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
begin
  perform jobforge.require_service();
  with expired as materialized (
    select k.tenant_id, k.type, k.key from jobforge.idempotency_keys as k
    where k.expires_at < v_now limit 10000 for update skip locked
  )
  delete from jobforge.idempotency_keys as k using expired as e
  where k.tenant_id = e.tenant_id and k.type = e.type and k.key = e.key;
  delete from jobforge.runs as r
  where r.id in (
    select e.id from jobforge.runs as e
    where e.state not in ('pending', 'live') and e.ended_at < v_now - interval '7 days'
    limit 10000);
  perform jobforge.prune_connectors(v_now);
  delete from cron.job_run_details as d
  where d.end_time < v_now - interval '1 day'
    and d.jobid in (select j.jobid from cron.job as j where j.jobname like 'jobforge-%');
end
$$;
comment on function jobforge.maintain() is
  'Hourly: expired idempotency keys, receipts and secrets, runs older than a week, a day of our '
  'cron history.';

create function jobforge.setup(p_project_url text, p_max_runs int default null)
returns table (setting text, value text)
language plpgsql
security definer -- writes settings, schedules the tick
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_url constant text := rtrim(p_project_url, '/');
  v_before constant jsonb := (select to_jsonb(s) from jobforge.settings as s);
begin
  perform jobforge.require_service();
  if v_url is null or v_url !~ '^https://[a-z0-9.-]+(:[0-9]+)?$'
    and v_url !~ '^http://(127\.0\.0\.1|localhost|kong|host\.docker\.internal)(:[0-9]+)?$'
  then
    perform jobforge.fail('invalid_argument', 'p_project_url must be the project''s address, like '
      'https://abc.supabase.co; plain http only for a local project');
  end if;
  if p_max_runs not between 1 and 100 then
    perform jobforge.fail('invalid_argument', 'p_max_runs must be from 1 to 100');
  end if;
  if to_regnamespace('cron') is null or to_regnamespace('net') is null then
    perform jobforge.fail('extension_missing',
      'enable the extensions pg_cron and pg_net, then run setup again');
  end if;
  update jobforge.settings as s
  set project_url = v_url, max_runs = coalesce(p_max_runs, s.max_runs)
  where s.id;
  perform cron.schedule('jobforge-dispatch', '10 seconds', 'select jobforge.dispatch()');
  perform cron.schedule('jobforge-maintain', '17 * * * *', 'select jobforge.maintain()');
  perform jobforge.audit_change('setup', null, v_url, v_before,
    (select to_jsonb(s) from jobforge.settings as s));
  return query
  select 'project_url', s.project_url from jobforge.settings as s
  union all select 'max_runs', s.max_runs::text from jobforge.settings as s
  union all select j.jobname, j.schedule from cron.job as j where j.jobname like 'jobforge-%';
end
$$;
comment on function jobforge.setup(text, int) is
  'Tells the project its own URL and schedules the tick. Running it again changes nothing.';
