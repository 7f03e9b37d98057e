-- Enqueue one job: the short path. Everything out of the ordinary goes the way of a batch of one.

create function jobforge.enqueue_job(
  p_tenant_id uuid, p_type text, p_payload jsonb, p_run_at timestamptz, p_max_attempts int,
  p_priority int, p_queue text, p_timeout_ms int, p_traceparent text)
returns uuid
language plpgsql
security definer -- writes jobs, bounded by the caller's tenant
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_role text := current_setting('role');
  v_tenant_id uuid := p_tenant_id;
  v_now constant timestamptz := jobforge.clock();
  v_us constant bigint := date_part('epoch', v_now) * 1e6::float8;
  v_id uuid;
  v_queue record;
begin
  if v_role = 'none' then
    v_role := session_user;
  end if;
  if p_tenant_id is null or v_role <> 'service_role'
    and not pg_has_role(v_role, 'service_role', 'usage')
  then
    v_tenant_id := jobforge.callers_tenant(p_tenant_id);
  end if;
  -- What most jobs are. The rules state what is wrong with the others.
  if (p_type ~ '^[A-Za-z][A-Za-z0-9_.:-]*$' and length(p_type) <= 128
    and pg_column_size(p_payload) <= 2000 and pg_column_compression(p_payload) is null
    and octet_length(p_payload::text) <= 262144
    and (pg_column_size(p_payload) < 64 or not jsonb_path_exists(p_payload, '$.**{32 to last}'))
    and p_priority = 0 and num_nonnulls(p_run_at, p_max_attempts, p_timeout_ms, p_traceparent) = 0
    and current_setting('transaction_isolation') = 'read committed'
    -- The number of the transaction comes before the look at the queue. See enter_queue.sql.
    and pg_current_xact_id() is not null)
    is not true
  then
    return jobforge.enqueue_unusual(v_tenant_id, row(p_type, p_payload, null, null, p_run_at,
      p_max_attempts, p_priority, p_queue, p_timeout_ms, p_traceparent)::jobforge.new_job);
  end if;
  select q.id, case
      when jobforge_queues.paused or q.blocked then false
      when q.runnable and coalesce(q.cursor_priority, 0) <= 0 and exists (
        select from jobforge.runs as r
        where r.state = 'live' and r.held < r.capacity
          and r.polled_at > v_now - interval '2 seconds'
          and (r.types is null or p_type = any (r.types))) then false
      else not exists (
        select from jobforge.wakeups
        where wakeups.queue_id = q.id and wakeups.ready and wakeups.type = p_type)
    end as needs_wakeup,
    -- Here it costs queues without a limit nothing. A statement of its own would cost all of them.
    case when jobforge_queues.max_queued is not null
      then jobforge.take_slots(q.tenant_id, q.id, q.queue, 1) end as admitted,
    exists (select from jobforge.watches where watches.expires_at > v_now
      and watches.tenant_id = v_tenant_id and watches.job_id is null) as is_watched
  into v_queue
  from jobforge.queues as q join public.jobforge_queues
    on jobforge_queues.tenant_id = q.tenant_id and jobforge_queues.queue = q.queue
  where q.tenant_id = v_tenant_id and q.queue = p_queue;
  if not found then
    return jobforge.enqueue_unusual(v_tenant_id, row(p_type, p_payload, null, null, null, null, 0,
      p_queue, null, null)::jobforge.new_job);
  end if;
  -- UUID version 7: milliseconds, their fraction, and 48 random bits.
  v_id := encode(int8send(v_us / 1000 << 16 | 28672 | v_us % 1000 * 4096 / 1000)
    || int8send((-9223372036854775808) | (random() * 281474976710655)::bigint), 'hex')::uuid;
  with body as (
    insert into jobforge.jobs as j (tenant_id, id, queue_id, run_at, created_at, type, payload,
      created_by)
    values (v_tenant_id, v_id, v_queue.id, v_now, v_now, p_type, p_payload,
      case when coalesce(current_setting('request.jwt.claims', true), '') = '' then v_role
        else jobforge.caller() end)
    returning j.ctid
  ),
  counted as (
    insert into jobforge.queue_deltas (queue_id, enqueued) values (v_queue.id, 1)
  )
  insert into jobforge.ready (queue_id, bytes, priority, id, tenant_id, place)
  select v_queue.id, octet_length(p_payload::text), 0, v_id, v_tenant_id, body.ctid from body;
  if v_queue.needs_wakeup then
    insert into jobforge.wakeups (queue_id, type) values (v_queue.id, p_type);
  end if;
  if v_queue.is_watched then
    perform jobforge.send_hints(array[row(v_tenant_id, v_id)::jobforge.job_key], v_now);
  end if;
  return v_id;
end
$$;
comment on function jobforge.enqueue_job(
  uuid, text, jsonb, timestamptz, int, int, text, int, text) is
  'Users: enqueues one job without an idempotency key for the caller''s tenant. Returns its id.';

create function jobforge.enqueue_unusual(p_tenant_id uuid, p_job jobforge.new_job)
returns uuid
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  return (select enqueued.job_id from jobforge.enqueue(p_tenant_id, array[p_job]) as enqueued);
end
$$;
comment on function jobforge.enqueue_unusual(uuid, jobforge.new_job) is
  'Enqueues a job that the short path leaves out. The caller has checked the tenant.';

create function jobforge.enqueue_with_key(p_tenant_id uuid, p_job jobforge.new_job)
returns table (job_id uuid, status text, duplicate boolean)
language plpgsql
security definer -- writes jobs, bounded by the caller's tenant
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
begin
  return query
  select enqueued.job_id, enqueued.status, enqueued.duplicate
  from jobforge.enqueue(jobforge.callers_tenant(p_tenant_id), array[p_job]) as enqueued;
end
$$;
comment on function jobforge.enqueue_with_key(uuid, jobforge.new_job) is
  'Users: enqueues one job with an idempotency key for the caller''s tenant.';

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
set statement_timeout = '2s'
as $$
begin
  if p_idempotency_key is null and p_idempotency_ttl_seconds is null then
    job_id := jobforge.enqueue_job(p_tenant_id, p_type, p_payload, p_run_at, p_max_attempts,
      coalesce(p_priority, 0), coalesce(p_queue, 'default'), p_timeout_ms, p_traceparent);
    status := case when p_run_at > now() then 'scheduled' else 'queued' end;
    duplicate := false;
  else
    select enqueued.job_id, enqueued.status, enqueued.duplicate
    into job_id, status, duplicate
    from jobforge.enqueue_with_key(p_tenant_id, row(p_type, p_payload, p_idempotency_key,
      p_idempotency_ttl_seconds, p_run_at, p_max_attempts, p_priority, p_queue, p_timeout_ms,
      p_traceparent)::jobforge.new_job) as enqueued;
  end if;
  return next;
end
$$;
comment on function public.jobforge_enqueue_job(
  uuid, text, jsonb, text, timestamptz, int, int, text, int, text, int) is
  'Users: enqueues one job. Returns the first job again for the same idempotency key and payload.';
