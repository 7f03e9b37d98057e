-- JobForge, chapter 51: the public functions for users and operators.
-- Thin wrappers with the caller's rights over the functions in jobforge, which check and write.

create type jobforge.enqueued as (
  job_id uuid,
  status text,
  duplicate boolean
);
comment on type jobforge.enqueued is 'What became of an enqueue: a job, new or an earlier one.';

create function jobforge.enqueue_job(p_tenant_id uuid, p_job jobforge.new_job)
returns jobforge.enqueued
language plpgsql
security definer -- writes jobs; bounded by the caller's tenant
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
declare
  v_tenant_id constant uuid := jobforge.callers_tenant(p_tenant_id);
  v_enqueued jobforge.enqueued;
begin
  if p_job.idempotency_key is not null then
    select e.job_id, e.status, e.duplicate into v_enqueued
    from jobforge.enqueue(v_tenant_id, array[p_job]) as e;
    return v_enqueued;
  end if;
  if jobforge.count_valid(array[p_job]) = 1 and p_job.queue <> 'default' then
    perform jobforge.refuse_unknown_queues(v_tenant_id, array[p_job]);
  end if;
  return row(jobforge.enqueue_one(v_tenant_id, p_job), 'queued', false)::jobforge.enqueued;
end
$$;
comment on function jobforge.enqueue_job(uuid, jobforge.new_job) is
  'Enqueues one job for the caller''s tenant.';

create function jobforge.fail_at_bad_value(p_jobs jsonb)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  for v_index in 0..jsonb_array_length(p_jobs) - 1 loop
    begin
      perform jsonb_populate_record(null::jobforge.new_job, p_jobs -> v_index);
    exception when data_exception then
      perform jobforge.fail('invalid_argument', format('job %s: %s', v_index, sqlerrm));
    end;
  end loop;
end
$$;
comment on function jobforge.fail_at_bad_value(jsonb) is
  'Raises invalid_argument for the first job with a value of the wrong type.';

create function jobforge.enqueue_jobs(p_tenant_id uuid, p_jobs jsonb)
returns table (index int, job_id uuid, status text, duplicate boolean)
language plpgsql
security definer -- writes jobs; bounded by the caller's tenant
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
declare
  v_tenant_id constant uuid := jobforge.callers_tenant(p_tenant_id);
  v_bad record;
  v_jobs jobforge.new_job[];
begin
  if jsonb_typeof(p_jobs) is distinct from 'array'
    or jsonb_array_length(p_jobs) not between 1 and 1000
  then
    perform jobforge.fail('invalid_argument', 'p_jobs must be an array of 1 to 1000 jobs');
  end if;
  select j.ordinality - 1 as index, jsonb_typeof(j.value) as type into v_bad
  from jsonb_array_elements(p_jobs) with ordinality as j
  where jsonb_typeof(j.value) <> 'object'
    or j.value - '{type,payload,idempotency_key,idempotency_ttl_seconds,run_at,max_attempts,priority,queue,timeout_ms,traceparent}'::text[] <> '{}'
  limit 1;
  if found then
    perform jobforge.fail('invalid_argument', format('job %s: must be an object with type, payload, '
      'idempotency_key, idempotency_ttl_seconds, run_at, max_attempts, priority, queue, timeout_ms '
      'or traceparent and nothing else', v_bad.index));
  end if;
  begin
    select array_agg(row(j.type, coalesce(j.payload, '{}'), j.idempotency_key,
      j.idempotency_ttl_seconds, j.run_at, j.max_attempts, j.priority, j.queue, j.timeout_ms,
      j.traceparent)::jobforge.new_job) into v_jobs
    from jsonb_populate_recordset(null::jobforge.new_job, p_jobs) as j;
  exception when data_exception then
    perform jobforge.fail_at_bad_value(p_jobs);
  end;
  return query select e.* from jobforge.enqueue(v_tenant_id, v_jobs) as e;
end
$$;
comment on function jobforge.enqueue_jobs(uuid, jsonb) is
  'Enqueues up to 1,000 jobs for the caller''s tenant: all or none.';

create function public.jobforge_enqueue_job(
  p_tenant_id uuid default null,
  p_type text default null,
  p_payload jsonb default '{}',
  p_idempotency_key text default null,
  p_run_at timestamptz default null,
  p_max_attempts int default null,
  p_priority int default 0,
  p_queue text default 'default',
  p_timeout_ms int default null,
  p_traceparent text default null,
  p_idempotency_ttl_seconds int default null)
returns table (job_id uuid, status text, duplicate boolean)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_enqueued constant jobforge.enqueued := jobforge.enqueue_job(p_tenant_id, row(p_type, p_payload,
    p_idempotency_key, p_idempotency_ttl_seconds, p_run_at, p_max_attempts, p_priority, p_queue,
    p_timeout_ms, p_traceparent)::jobforge.new_job);
begin
  job_id := v_enqueued.job_id;
  status := v_enqueued.status;
  duplicate := v_enqueued.duplicate;
  return next;
end
$$;
comment on function public.jobforge_enqueue_job(uuid, text, jsonb, text, timestamptz, int, int, text,
  int, text, int) is 'Enqueues one job. Same idempotency key and payload: the first job again.';

create function public.jobforge_enqueue_jobs(p_tenant_id uuid default null, p_jobs jsonb default null)
returns table (index int, job_id uuid, status text, duplicate boolean)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return query select * from jobforge.enqueue_jobs(p_tenant_id, p_jobs);
end
$$;
comment on function public.jobforge_enqueue_jobs(uuid, jsonb) is
  'Enqueues up to 1,000 jobs in one transaction: all or none.';

create function public.jobforge_cancel_job(p_job_id uuid, p_tenant_id uuid default null)
returns table (job_id uuid, status text, cancel_requested boolean)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select * from jobforge.cancel_job(p_job_id, p_tenant_id) $$;
comment on function public.jobforge_cancel_job(uuid, uuid) is
  'Cancels a job: queued at once, running at its next heartbeat.';

create function public.jobforge_retry_job(p_job_id uuid, p_tenant_id uuid default null)
returns table (job_id uuid, status text)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select * from jobforge.retry_job(p_job_id, p_tenant_id) $$;
comment on function public.jobforge_retry_job(uuid, uuid) is
  'Redrives a dead, failed or canceled job with a fresh set of attempts.';

create function public.jobforge_reschedule_job(
  p_job_id uuid, p_run_at timestamptz, p_tenant_id uuid default null)
returns table (job_id uuid, status text, run_at timestamptz)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select * from jobforge.reschedule_job(p_job_id, p_run_at, p_tenant_id) $$;
comment on function public.jobforge_reschedule_job(uuid, timestamptz, uuid) is
  'Moves the start of a queued job.';

create function public.jobforge_explain_job(p_job_id uuid, p_tenant_id uuid default null)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select jobforge.explain_job(p_job_id, p_tenant_id) $$;
comment on function public.jobforge_explain_job(uuid, uuid) is
  'Why a job is not running, and when it could start.';

create function public.jobforge_queue_stats(p_tenant_id uuid default null)
returns table (tenant_id uuid, queue text, queued bigint, running bigint, weight real,
  max_running int, max_queued int, rate_limit int, rate_period_ms int, rate_burst int,
  paused boolean)
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select * from jobforge.queue_stats(p_tenant_id) $$;
comment on function public.jobforge_queue_stats(uuid) is
  'Queued and running jobs and the limits of the caller''s queues.';

create function public.jobforge_configure_queue(
  p_tenant_id uuid, p_queue text default 'default', p_settings jsonb default '{}')
returns setof public.jobforge_queues
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select * from jobforge.configure_queue(p_tenant_id, p_queue, p_settings) $$;
comment on function public.jobforge_configure_queue(uuid, text, jsonb) is
  'Operators: makes a queue or changes weight, limits, rate or paused.';

create function public.jobforge_setup(p_project_url text, p_max_runs int default null)
returns table (setting text, value text)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select * from jobforge.setup(p_project_url, p_max_runs) $$;
comment on function public.jobforge_setup(text, int) is
  'Operators: tells the project its URL and schedules the tick. Safe to repeat.';

create function public.jobforge_dispatch()
returns int
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.dispatch() $$;
comment on function public.jobforge_dispatch() is 'Operators: the tick, now.';
