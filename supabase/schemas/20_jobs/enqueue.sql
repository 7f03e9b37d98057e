-- Enqueue: the part that single jobs, batches, schedules and webhooks share.
--
-- Order of locks: idempotency keys, then per queue the gate (shared), admission, tallies. An
-- enqueue never waits for a queue's row. It leaves a wake-up instead.

create table jobforge.idempotency_keys (
  tenant_id uuid not null,
  type text not null,
  key text not null,
  request_hash bytea not null,
  job_id uuid not null,
  expires_at timestamptz,
  constraint idempotency_keys_pkey primary key (tenant_id, type, key)
);
comment on table jobforge.idempotency_keys is
  'The job that a key stands for. A row of its own, so that the key can expire before the job.';
create index idempotency_keys_expiry_idx on jobforge.idempotency_keys (expires_at)
  where expires_at is not null;

create function jobforge.reserve_keys(p_tenant_id uuid, p_jobs jobforge.new_job[], p_ids uuid[])
returns uuid[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_job_ids uuid[];
  v_mismatch bigint;
begin
  -- In one order, so that two batches with the same keys cannot deadlock.
  insert into jobforge.idempotency_keys as k
    (tenant_id, type, key, request_hash, job_id, expires_at)
  select distinct on (new_job.type, new_job.idempotency_key)
    p_tenant_id, new_job.type, new_job.idempotency_key,
    sha256(convert_to(new_job.payload::text, 'UTF8')), p_ids[new_job.ordinality],
    v_now + make_interval(secs => new_job.idempotency_ttl_seconds)
  from unnest(p_jobs) with ordinality as new_job
  where new_job.idempotency_key is not null
  order by new_job.type, new_job.idempotency_key, new_job.ordinality
  on conflict (tenant_id, type, key) do update
    set request_hash = excluded.request_hash, job_id = excluded.job_id,
      expires_at = excluded.expires_at
    where k.expires_at <= v_now;

  select array_agg(coalesce(k.job_id, p_ids[new_job.ordinality]) order by new_job.ordinality),
    min(new_job.ordinality) filter (
      where k.request_hash <> sha256(convert_to(new_job.payload::text, 'UTF8')))
  into v_job_ids, v_mismatch
  from unnest(p_jobs) with ordinality as new_job
  left join jobforge.idempotency_keys as k
    on k.tenant_id = p_tenant_id and k.type = new_job.type and k.key = new_job.idempotency_key;
  if v_mismatch is not null then
    perform jobforge.fail('idempotency_mismatch', format(
      'job %s: its idempotency_key was used for a job with another payload', v_mismatch - 1));
  end if;
  return v_job_ids;
end
$$;
comment on function jobforge.reserve_keys(uuid, jobforge.new_job[], uuid[]) is
  'Returns for each job the id of its idempotency key: its own, or that of the first job.';

create function jobforge.enqueue(p_tenant_id uuid, p_jobs jobforge.new_job[])
returns table (index int, job_id uuid, status text, duplicate boolean)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_count constant int := jobforge.validate_jobs(p_jobs);
  v_now constant timestamptz := jobforge.clock();
  v_created_by constant text := jobforge.caller();
  v_head constant text := jobforge.id_prefix(v_now);
  v_tail constant text := right(gen_random_uuid()::text, 12);
  v_ids constant uuid[] := array(
    select (v_head || to_hex(32768 + ordinal % 16384) || v_tail)::uuid
    from generate_series(1, v_count) as ordinal);
  v_job_ids uuid[] := v_ids;
  v_group record;
  v_queues text[] := '{}'::text[];
  v_queue_ids int[] := '{}'::int[];
begin
  perform jobforge.refuse_unknown_queues(p_tenant_id, p_jobs);
  if exists (select from unnest(p_jobs) as new_job where new_job.idempotency_key is not null) then
    v_job_ids := jobforge.reserve_keys(p_tenant_id, p_jobs, v_ids);
  end if;

  for v_group in
    with grouped as materialized ( -- hashed, because sorting names takes longer than the rest
      select coalesce(new_job.queue, 'default') as queue, count(*)::int as count,
        min(coalesce(new_job.priority, 0)) filter (
          where new_job.run_at is null or new_job.run_at <= v_now) as priority
      from unnest(p_jobs) with ordinality as new_job
      where v_ids[new_job.ordinality] = v_job_ids[new_job.ordinality]
      group by 1
    )
    select grouped.* from grouped order by grouped.queue
  loop
    v_queues := v_queues || v_group.queue;
    v_queue_ids := v_queue_ids || jobforge.add_to_queue(
      p_tenant_id, v_group.queue, v_group.count, v_group.priority);
  end loop;

  insert into public.jobforge_jobs (tenant_id, id, queue_id, queue, type, payload, priority,
    scheduled, run_at, max_attempts, timeout_ms, idempotency_key, traceparent, created_by,
    created_at)
  select p_tenant_id, new_job.id,
    v_queue_ids[array_position(v_queues, coalesce(new_job.queue, 'default'))],
    coalesce(new_job.queue, 'default'), new_job.type, new_job.payload,
    coalesce(new_job.priority, 0), coalesce(new_job.run_at > v_now, false),
    coalesce(new_job.run_at, v_now), coalesce(new_job.max_attempts, t.max_attempts, 5),
    coalesce(new_job.timeout_ms, t.timeout_ms, 60000), new_job.idempotency_key,
    new_job.traceparent, v_created_by, v_now
  from unnest(p_jobs, v_ids, v_job_ids) as new_job (type, payload, idempotency_key,
    idempotency_ttl_seconds, run_at, max_attempts, priority, queue, timeout_ms, traceparent, id,
    job_id)
  left join jobforge.job_types as t on t.type = new_job.type
  where new_job.id = new_job.job_id;

  return query
  select (reserved.index - 1)::int, reserved.job_id,
    case when reserved.id = reserved.job_id then 'queued' else (
      select j.status from public.jobforge_jobs as j
      where j.tenant_id = p_tenant_id and j.id = reserved.job_id) end,
    reserved.id <> reserved.job_id
  from unnest(v_ids, v_job_ids) with ordinality as reserved (id, job_id, index)
  order by reserved.index;
end
$$;
comment on function jobforge.enqueue(uuid, jobforge.new_job[]) is
  'Enqueues all of the jobs or none. The caller has checked the tenant.';

create function jobforge.enqueue_one(p_tenant_id uuid, p_job jobforge.new_job)
returns uuid
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_later constant boolean := coalesce(p_job.run_at > v_now, false);
  v_priority constant int := coalesce(p_job.priority, 0);
  v_queue constant text := coalesce(p_job.queue, 'default');
  v_id constant uuid := (
    jobforge.id_prefix(v_now) || '8000' || right(gen_random_uuid()::text, 12))::uuid;
  v_type jobforge.job_types;
  v_queue_id int;
begin
  select t.* into v_type from jobforge.job_types as t where t.type = p_job.type;
  v_queue_id := jobforge.add_to_queue(
    p_tenant_id, v_queue, 1, case when not v_later then v_priority end);
  insert into public.jobforge_jobs (tenant_id, id, queue_id, queue, type, payload, priority,
    scheduled, run_at, max_attempts, timeout_ms, traceparent, created_by, created_at)
  values (p_tenant_id, v_id, v_queue_id, v_queue, p_job.type, p_job.payload, v_priority,
    v_later, coalesce(p_job.run_at, v_now),
    coalesce(p_job.max_attempts, v_type.max_attempts, 5),
    coalesce(p_job.timeout_ms, v_type.timeout_ms, 60000),
    p_job.traceparent, jobforge.caller(), v_now);
  return v_id;
end
$$;
comment on function jobforge.enqueue_one(uuid, jobforge.new_job) is
  'The short path for one job without an idempotency key. The caller has checked the tenant and '
  'the job.';
