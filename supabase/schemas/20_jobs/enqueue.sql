-- Enqueue: the part that every way in shares.
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
  'The job that a key stands for. Apart from the job, so that the key can expire on its own.';
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
  select distinct on (j.type, j.idempotency_key) p_tenant_id, j.type, j.idempotency_key,
    sha256(convert_to(j.payload::text, 'UTF8')), p_ids[j.ordinality],
    v_now + make_interval(secs => j.idempotency_ttl_seconds)
  from unnest(p_jobs) with ordinality as j
  where j.idempotency_key is not null
  order by j.type, j.idempotency_key, j.ordinality
  on conflict (tenant_id, type, key) do update
    set request_hash = excluded.request_hash, job_id = excluded.job_id,
      expires_at = excluded.expires_at
    where k.expires_at <= v_now;

  select array_agg(coalesce(k.job_id, p_ids[j.ordinality]) order by j.ordinality),
    min(j.ordinality) filter (where k.request_hash <> sha256(convert_to(j.payload::text, 'UTF8')))
  into v_job_ids, v_mismatch
  from unnest(p_jobs) with ordinality as j
  left join jobforge.idempotency_keys as k
    on k.tenant_id = p_tenant_id and k.type = j.type and k.key = j.idempotency_key;
  if v_mismatch is not null then
    perform jobforge.fail('idempotency_mismatch', format(
      'job %s: its idempotency_key was used for a job with another payload', v_mismatch - 1));
  end if;
  return v_job_ids;
end
$$;
comment on function jobforge.reserve_keys(uuid, jobforge.new_job[], uuid[]) is
  'For each job the id its idempotency key stands for: its own, or the first job''s.';

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
    select (v_head || to_hex(32768 + n % 16384) || v_tail)::uuid from generate_series(1, v_count) as n);
  v_job_ids uuid[] := v_ids;
  v_group record;
  v_queues text[] := '{}'::text[];
  v_queue_ids int[] := '{}'::int[];
begin
  perform jobforge.refuse_unknown_queues(p_tenant_id, p_jobs);
  if exists (select from unnest(p_jobs) as j where j.idempotency_key is not null) then
    v_job_ids := jobforge.reserve_keys(p_tenant_id, p_jobs, v_ids);
  end if;

  for v_group in
    with groups as materialized ( -- hashed: sorting names takes longer than all else here
      select coalesce(j.queue, 'default') as queue, count(*)::int as count,
        min(coalesce(j.priority, 0)) filter (where j.run_at is null or j.run_at <= v_now) as priority
      from unnest(p_jobs) with ordinality as j
      where v_ids[j.ordinality] = v_job_ids[j.ordinality]
      group by 1
    )
    select g.* from groups as g order by g.queue
  loop
    v_queues := v_queues || v_group.queue;
    v_queue_ids := v_queue_ids || jobforge.add_to_queue(
      p_tenant_id, v_group.queue, v_group.count, v_group.priority);
  end loop;

  insert into public.jobforge_jobs (tenant_id, id, queue_id, queue, type, payload, priority,
    scheduled, run_at, max_attempts, timeout_ms, idempotency_key, traceparent, created_by, created_at)
  select p_tenant_id, j.id, v_queue_ids[array_position(v_queues, coalesce(j.queue, 'default'))],
    coalesce(j.queue, 'default'), j.type, j.payload, coalesce(j.priority, 0),
    coalesce(j.run_at > v_now, false), coalesce(j.run_at, v_now),
    coalesce(j.max_attempts, t.max_attempts, 5), coalesce(j.timeout_ms, t.timeout_ms, 60000),
    j.idempotency_key, j.traceparent, v_created_by, v_now
  from unnest(p_jobs, v_ids, v_job_ids) as j (type, payload, idempotency_key, idempotency_ttl_seconds,
    run_at, max_attempts, priority, queue, timeout_ms, traceparent, id, job_id)
  left join jobforge.job_types as t on t.type = j.type
  where j.id = j.job_id;

  return query
  select (i.index - 1)::int, i.job_id,
    case when i.id = i.job_id then 'queued' else (
      select d.status from public.jobforge_jobs as d
      where d.tenant_id = p_tenant_id and d.id = i.job_id) end,
    i.id <> i.job_id
  from unnest(v_ids, v_job_ids) with ordinality as i (id, job_id, index)
  order by i.index;
end
$$;
comment on function jobforge.enqueue(uuid, jobforge.new_job[]) is
  'Enqueues all of the jobs or none. The tenant must have been checked.';

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
  v_queue_id := jobforge.add_to_queue(p_tenant_id, v_queue, 1, case when not v_later then v_priority end);
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
  'The short way for one job without an idempotency key. The tenant and the job must have been checked.';
