-- JobForge, chapter 10: runs.
--
-- A run is one worker invocation. Its lease covers every job it holds and is extended by each of its
-- calls; when it ends, so do the leases of its jobs. All calls of a run lock its row first.

create function jobforge.declare_types(p_types jsonb)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into jobforge.job_types as t
    (type, max_attempts, timeout_ms, backoff_base_ms, backoff_cap_ms)
  select d.type, least(greatest(coalesce(d.max_attempts, 5), 1), 1000),
    least(greatest(coalesce(d.timeout_ms, 60000), 100), 86400000),
    least(greatest(coalesce(d.backoff_base_ms, 2000), 0), 86400000),
    least(greatest(coalesce(d.backoff_cap_ms, 3600000), 0), 86400000)
  from jsonb_to_recordset(p_types) as d (type text, max_attempts int, timeout_ms int,
    backoff_base_ms int, backoff_cap_ms int)
  where d.type is not null
  order by d.type
  on conflict (type) do update set max_attempts = excluded.max_attempts,
    timeout_ms = excluded.timeout_ms, backoff_base_ms = excluded.backoff_base_ms,
    backoff_cap_ms = excluded.backoff_cap_ms
  where (t.max_attempts, t.timeout_ms, t.backoff_base_ms, t.backoff_cap_ms)
    is distinct from (excluded.max_attempts, excluded.timeout_ms, excluded.backoff_base_ms,
      excluded.backoff_cap_ms);
exception when data_exception or cardinality_violation then
  perform jobforge.fail('invalid_argument', format('p_types: %s', sqlerrm));
end
$$;
comment on function jobforge.declare_types(jsonb) is
  'Keeps what a worker declares about its types: defaults for enqueue, backoff for retries.';

create function jobforge.start_run(
  p_run_id bigint, p_ticket text, p_worker text, p_capacity int, p_types jsonb)
returns table (run_id bigint, lease_seconds int)
language plpgsql
security definer -- redeems tickets; no API role may write runs
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_now constant timestamptz := jobforge.clock();
  v_lease constant interval := (
    select make_interval(secs => s.lease_seconds) from jobforge.settings as s);
  v_id bigint;
begin
  perform jobforge.require_service();
  if p_capacity is null or p_capacity not between 1 and 1000 then
    perform jobforge.fail('invalid_argument', 'p_capacity must be from 1 to 1000');
  end if;
  if p_run_id is null and p_ticket is null then
    insert into jobforge.runs (state, worker, capacity, created_at, started_at, lease_expires_at)
    values ('live', left(p_worker, 200), p_capacity, v_now, v_now, v_now + v_lease)
    returning id into v_id;
  else
    update jobforge.runs as r
    set state = 'live', ticket_hash = null, worker = left(p_worker, 200), capacity = p_capacity,
      started_at = v_now, lease_expires_at = v_now + v_lease
    where r.id = p_run_id and r.state = 'pending'
      and r.created_at > v_now - interval '60 seconds'
      and r.ticket_hash = sha256(convert_to(p_ticket, 'UTF8'))
    returning r.id into v_id;
    if v_id is null then
      perform jobforge.fail('ticket_refused', 'the ticket is unknown, used or older than 60 seconds');
    end if;
  end if;
  perform jobforge.declare_types(coalesce(p_types, '[]'));
  return query select v_id, s.lease_seconds from jobforge.settings as s;
end
$$;
comment on function jobforge.start_run(bigint, text, text, int, jsonb) is
  'Redeems a ticket, once, or starts a run of its own when there is none.';

create function jobforge.hold_run(p_run_id bigint)
returns jobforge.runs
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_run jobforge.runs;
begin
  if jobforge.require_service() then
    select r.* into v_run from jobforge.runs as r where r.id = p_run_id for no key update;
  end if;
  if v_run.state is distinct from 'live' then
    perform jobforge.fail('run_ended', 'the run is not live: its leases are void');
  end if;
  return v_run;
end
$$;
comment on function jobforge.hold_run(bigint) is 'Locks a live run for the rest of the transaction.';

create function jobforge.keep_progress(p_run_id bigint, p_progress jsonb)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_progress = '[]' then
    return;
  end if;
  update public.jobforge_jobs as j set progress = p.progress
  from jsonb_to_recordset(p_progress) as p (id uuid, progress jsonb)
  where j.run_id = p_run_id and j.id = p.id and j.status = 'running'
    and octet_length(p.progress::text) <= 4096;
exception when data_exception then
  perform jobforge.fail('invalid_argument', format('p_progress: %s', sqlerrm));
end
$$;
comment on function jobforge.keep_progress(bigint, jsonb) is
  'Keeps what handlers say about their progress, up to 4 KiB each.';

create function jobforge.jobs_to_abort(p_run_id bigint)
returns uuid[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select coalesce(array_agg(j.id), '{}') from public.jobforge_jobs as j
    where j.run_id = p_run_id and j.status = 'running' and j.cancel_requested_at is not null);
end
$$;
comment on function jobforge.jobs_to_abort(bigint) is 'Jobs of the run that somebody canceled.';

create function jobforge.release(p_run_id bigint, p_job_ids uuid[], p_outcome text)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_settled uuid[] := '{}'::uuid[];
begin
  v_settled := jobforge.settle(p_run_id, (
    select array_agg(row(j.id, j.lease_token, p_outcome, null,
      case when p_outcome = 'lease_expired' then
        '{"code": "lease_expired", "message": "the worker stopped reporting"}'::jsonb end,
      null)::jobforge.outcome)
    from public.jobforge_jobs as j
    where j.run_id = p_run_id and j.status = 'running'
      and (p_job_ids is null or j.id = any (p_job_ids))));
  update jobforge.runs as r set held = greatest(r.held - cardinality(v_settled), 0)
  where r.id = p_run_id;
  return cardinality(v_settled);
end
$$;
comment on function jobforge.release(bigint, uuid[], text) is
  'Ends the leases of a run''s jobs, all of them when none are named. The caller holds the run.';

create function jobforge.release_jobs(p_run_id bigint, p_job_ids uuid[])
returns int
language plpgsql
security definer -- hands jobs back
set search_path = pg_catalog, pg_temp
as $$
begin
  perform jobforge.hold_run(p_run_id);
  return jobforge.release(p_run_id, p_job_ids, 'released');
end
$$;
comment on function jobforge.release_jobs(bigint, uuid[]) is
  'Hands jobs back without spending their attempt.';

create function jobforge.heartbeat(p_run_id bigint, p_progress jsonb)
returns json
language plpgsql
security definer -- extends leases and keeps progress
set search_path = pg_catalog, pg_temp
as $$
declare
  v_run constant jobforge.runs := jobforge.hold_run(p_run_id);
  v_now constant timestamptz := jobforge.clock();
  v_overdue uuid[];
  v_lease_expires_at timestamptz;
begin
  perform jobforge.keep_progress(p_run_id, coalesce(p_progress, '[]'));
  -- A live run cannot keep a job for ever: a minute after its timeout its lease ends on its own.
  select array_agg(j.id) into v_overdue from public.jobforge_jobs as j
  where j.run_id = p_run_id and j.status = 'running'
    and j.started_at + make_interval(secs => j.timeout_ms / 1000.0 + 60) < v_now;
  if v_overdue is not null then
    perform jobforge.release(p_run_id, v_overdue, 'lease_expired');
  end if;
  update jobforge.runs as r
  set lease_expires_at = v_now + make_interval(secs => s.lease_seconds)
  from jobforge.settings as s
  where r.id = v_run.id
  returning r.lease_expires_at into v_lease_expires_at;
  return json_build_object(
    'abort', to_json(jobforge.jobs_to_abort(p_run_id) || v_overdue), 'lease_expires_at', v_lease_expires_at);
end
$$;
comment on function jobforge.heartbeat(bigint, jsonb) is
  'Extends the leases of a run and tells it which jobs to abort.';
