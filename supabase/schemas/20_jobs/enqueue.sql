-- Enqueue: the part that batches, keys, schedules and webhooks share.
--
-- An enqueue waits for no other caller but one with the same idempotency key. It only inserts, and
-- takes free places where a queue has max_queued.

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
set lock_timeout = '1s' -- the same key in a transaction that is still open
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
exception when lock_not_available then
  perform jobforge.fail('busy',
    'a transaction with the same idempotency_key is still open: try again after it has ended');
  return null;
end
$$;
comment on function jobforge.reserve_keys(uuid, jobforge.new_job[], uuid[]) is
  'Returns for each job the id of its idempotency key: its own, or that of the first job.';

create function jobforge.insert_jobs(p_tenant_id uuid, p_jobs jobforge.new_job[], p_ids uuid[],
  p_queues text[], p_queue_ids int[], p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_created_by constant text := jobforge.caller();
begin
  with body as (
    insert into jobforge.jobs as j (tenant_id, id, queue_id, priority, max_attempts, timeout_ms,
      run_at, created_at, type, payload, idempotency_key, traceparent, created_by)
    select p_tenant_id, new_job.id,
      p_queue_ids[array_position(p_queues, coalesce(new_job.queue, 'default'))],
      coalesce(new_job.priority, 0), new_job.max_attempts, new_job.timeout_ms,
      coalesce(new_job.run_at, p_now), p_now, new_job.type, new_job.payload,
      new_job.idempotency_key, new_job.traceparent, v_created_by
    from unnest(p_jobs, p_ids) as new_job (type, payload, idempotency_key,
      idempotency_ttl_seconds, run_at, max_attempts, priority, queue, timeout_ms, traceparent, id)
    where new_job.id is not null
    returning j.queue_id, j.priority, j.id, j.run_at, j.ctid,
      octet_length(j.payload::text) as bytes
  ),
  scheduled as (
    insert into jobforge.scheduled (queue_id, bytes, run_at, id, tenant_id, priority, place)
    select body.queue_id, body.bytes, body.run_at, body.id, p_tenant_id, body.priority, body.ctid
    from body
    where body.run_at > p_now and body.queue_id > 0
  ),
  newcomers as (
    insert into jobforge.newcomers (tenant_id, id, bytes, run_at, scheduled)
    select p_tenant_id, body.id, body.bytes, body.run_at, body.run_at > p_now from body
    where body.queue_id = 0
  )
  insert into jobforge.ready (queue_id, bytes, priority, id, tenant_id, place)
  select body.queue_id, body.bytes, body.priority, body.id, p_tenant_id, body.ctid from body
  where body.run_at <= p_now and body.queue_id > 0;
end
$$;
comment on function jobforge.insert_jobs(
  uuid, jobforge.new_job[], uuid[], text[], int[], timestamptz) is
  'Inserts the jobs that have an id. p_queue_ids has the queue of each name in p_queues.';

create function jobforge.enqueue(p_tenant_id uuid, p_jobs jobforge.new_job[])
returns table (index int, job_id uuid, status text, duplicate boolean)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_count constant int := jobforge.validate_jobs(p_jobs);
  v_now constant timestamptz := jobforge.clock();
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
          where new_job.run_at is null or new_job.run_at <= v_now) as priority,
        bool_or(new_job.run_at > v_now) as later
      from unnest(p_jobs) with ordinality as new_job
      where v_ids[new_job.ordinality] = v_job_ids[new_job.ordinality]
      group by 1
    )
    select grouped.* from grouped order by grouped.queue
  loop
    v_queues := v_queues || v_group.queue;
    v_queue_ids := v_queue_ids || jobforge.enter_queue(
      p_tenant_id, v_group.queue, v_group.count, v_group.priority, v_group.later,
      case when v_count = 1 then p_jobs[1].type end);
  end loop;
  perform jobforge.insert_jobs(p_tenant_id, p_jobs, array(
    select case when made.id = made.job_id then made.id end
    from unnest(v_ids, v_job_ids) with ordinality as made (id, job_id, index)
    order by made.index), v_queues, v_queue_ids, v_now);

  return query
  select (made.index - 1)::int, made.job_id,
    case when made.id = made.job_id
      then case when p_jobs[made.index].run_at > v_now then 'scheduled' else 'queued' end
      else (
        select j.status from public.jobforge_jobs as j
        where j.tenant_id = p_tenant_id and j.id = made.job_id) end,
    made.id <> made.job_id
  from unnest(v_ids, v_job_ids) with ordinality as made (id, job_id, index)
  order by made.index;
end
$$;
comment on function jobforge.enqueue(uuid, jobforge.new_job[]) is
  'Enqueues all of the jobs or none. The caller has checked the tenant.';
