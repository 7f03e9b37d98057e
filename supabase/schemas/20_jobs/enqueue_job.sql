-- Enqueue one job.

create type jobforge.enqueued as (
  job_id uuid,
  status text,
  duplicate boolean
);
comment on type jobforge.enqueued is
  'The result of an enqueue: a new job, or the earlier one with the same idempotency key.';

create function jobforge.enqueue_job(p_tenant_id uuid, p_job jobforge.new_job)
returns jobforge.enqueued
language plpgsql
security definer -- writes jobs, bounded by the caller's tenant
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
declare
  v_tenant_id constant uuid := jobforge.callers_tenant(p_tenant_id);
  v_enqueued jobforge.enqueued;
begin
  if p_job.idempotency_key is not null then
    select enqueued.job_id, enqueued.status, enqueued.duplicate into v_enqueued
    from jobforge.enqueue(v_tenant_id, array[p_job]) as enqueued;
    return v_enqueued;
  end if;
  if jobforge.validate_jobs(array[p_job]) = 1 and p_job.queue <> 'default' then
    perform jobforge.refuse_unknown_queues(v_tenant_id, array[p_job]);
  end if;
  return row(jobforge.enqueue_one(v_tenant_id, p_job), 'queued', false)::jobforge.enqueued;
end
$$;
comment on function jobforge.enqueue_job(uuid, jobforge.new_job) is
  'Users: enqueues one job for the caller''s tenant.';

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
comment on function public.jobforge_enqueue_job(
  uuid, text, jsonb, text, timestamptz, int, int, text, int, text, int) is
  'Users: enqueues one job. Returns the first job again for the same idempotency key and payload.';
