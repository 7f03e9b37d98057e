-- JobForge, chapter 5: enqueue.
--
-- Order of locks: idempotency keys, then per queue the gate (shared), admission, tallies.
-- An enqueue never waits for a queue's row: it leaves a wake-up instead.

create type jobforge.new_job as (
  type text,
  payload jsonb,
  idempotency_key text,
  idempotency_ttl_seconds int,
  run_at timestamptz,
  max_attempts int,
  priority int,
  queue text,
  timeout_ms int,
  traceparent text
);
comment on type jobforge.new_job is 'What a caller says about a job; null means the default.';

create function jobforge.problem_with(p_job jobforge.new_job, p_now timestamptz)
returns text
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return case
    when p_job.type is null or p_job.type !~ '^[A-Za-z][A-Za-z0-9_.:-]{0,127}$'
      then 'type must be a letter and then up to 127 letters, digits or _ . : -'
    when p_job.payload is null then 'payload must be JSON'
    when p_job.priority not between -100 and 100 then 'priority must be from -100 to 100'
    when p_job.max_attempts not between 1 and 1000 then 'max_attempts must be from 1 to 1000'
    when p_job.timeout_ms not between 100 and 86400000
      then 'timeout_ms must be from 100 to 86400000'
    when p_job.run_at not between p_now - interval '366 days' and p_now + interval '366 days'
      then 'run_at must be within 366 days of now'
    when length(p_job.idempotency_key) not between 1 and 200
      then 'idempotency_key must have 1 to 200 characters'
    when p_job.idempotency_ttl_seconds not between 1 and 31622400
      then 'idempotency_ttl_seconds must be from 1 to 31622400'
    when length(p_job.traceparent) > 128 then 'traceparent must have at most 128 characters'
    -- The text counts: pg_column_size would see a payload compressed.
    when octet_length(p_job.payload::text) > 262144
      or jsonb_path_exists(p_job.payload, '$.**{32 to last}')
      then 'payload must be at most 262144 bytes of text, nested less than 32 deep'
  end;
end
$$;
comment on function jobforge.problem_with(jobforge.new_job, timestamptz) is
  'What breaks a rule in a job, in words; null when nothing does.';

create function jobforge.fail_invalid(p_index bigint, p_problem text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_problem like 'payload must be at most%' then
    perform jobforge.fail('payload_too_large', format('job %s: %s', p_index, p_problem));
  end if;
  perform jobforge.fail('invalid_argument', format('job %s: %s', p_index, p_problem));
end
$$;
comment on function jobforge.fail_invalid(bigint, text) is
  'Raises invalid_argument or payload_too_large for a problem with the job at an index.';

create function jobforge.refuse_invalid(p_jobs jobforge.new_job[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_job jobforge.new_job;
  v_index int := 0;
  v_problem text;
begin
  foreach v_job in array p_jobs loop
    v_problem := jobforge.problem_with(v_job, v_now);
    if v_problem is not null then
      perform jobforge.fail_invalid(v_index, v_problem);
    end if;
    v_index := v_index + 1;
  end loop;
end
$$;
comment on function jobforge.refuse_invalid(jobforge.new_job[]) is
  'Raises for the first job with a problem.';

create function jobforge.refuse_unknown_queues(p_tenant_id uuid, p_jobs jobforge.new_job[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_index bigint;
begin
  select min(j.ordinality) into v_index
  from unnest(p_jobs) with ordinality as j
  where j.queue <> 'default' and not exists (
    select from public.jobforge_queues as q
    where q.tenant_id = p_tenant_id and q.queue = j.queue);
  if v_index is not null then
    perform jobforge.fail('not_found', format(
      'job %s: no such queue; operators make queues other than default', v_index - 1));
  end if;
end
$$;
comment on function jobforge.refuse_unknown_queues(uuid, jobforge.new_job[]) is
  'Raises not_found for the first job whose queue the tenant does not have.';

create function jobforge.claim_keys(p_tenant_id uuid, p_jobs jobforge.new_job[], p_ids uuid[])
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
comment on function jobforge.claim_keys(uuid, jobforge.new_job[], uuid[]) is
  'For each job the id its idempotency key stands for: its own, or the first job''s.';

create function jobforge.enqueue(p_tenant_id uuid, p_jobs jobforge.new_job[])
returns table (index int, job_id uuid, status text, duplicate boolean)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_now constant timestamptz := jobforge.clock();
  v_created_by constant text := coalesce(jobforge.claims() ->> 'sub', jobforge.caller_role());
  v_id_prefix constant text := jobforge.id_prefix();
  v_ids uuid[];
  v_job_ids uuid[];
  v_group record;
begin
  perform jobforge.refuse_invalid(p_jobs);
  perform jobforge.refuse_unknown_queues(p_tenant_id, p_jobs);
  select array_agg((v_id_prefix || to_hex(32768 + n % 16384)
    || right(gen_random_uuid()::text, 12))::uuid order by n) into v_ids
  from generate_series(1, cardinality(p_jobs)) as n;
  v_job_ids := v_ids;
  if exists (select from unnest(p_jobs) as j where j.idempotency_key is not null) then
    v_job_ids := jobforge.claim_keys(p_tenant_id, p_jobs, v_ids);
  end if;

  for v_group in
    select coalesce(j.queue, 'default') as queue, count(*)::int as count,
      min(coalesce(j.priority, 0)) filter (where j.run_at is null or j.run_at <= v_now) as priority
    from unnest(p_jobs) with ordinality as j
    where v_ids[j.ordinality] = v_job_ids[j.ordinality]
    group by 1
    order by 1
  loop
    perform jobforge.add_to_queue(p_tenant_id, v_group.queue, v_group.count, v_group.priority);
  end loop;

  insert into public.jobforge_jobs (tenant_id, id, queue_id, queue, type, payload, priority,
    scheduled, run_at, max_attempts, timeout_ms, idempotency_key, traceparent, created_by, created_at)
  select p_tenant_id, v_ids[j.ordinality], q.id, q.queue, j.type, j.payload, coalesce(j.priority, 0),
    coalesce(j.run_at > v_now, false), coalesce(j.run_at, v_now),
    coalesce(j.max_attempts, t.max_attempts, 5), coalesce(j.timeout_ms, t.timeout_ms, 60000),
    j.idempotency_key, j.traceparent, v_created_by, v_now
  from unnest(p_jobs) with ordinality as j
  join public.jobforge_queues as q
    on q.tenant_id = p_tenant_id and q.queue = coalesce(j.queue, 'default')
  left join jobforge.job_types as t on t.type = j.type
  where v_ids[j.ordinality] = v_job_ids[j.ordinality];

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
  v_queue constant text := coalesce(p_job.queue, 'default');
  v_created_by constant text := coalesce(jobforge.claims() ->> 'sub', jobforge.caller_role());
  v_id constant uuid := (
    jobforge.id_prefix() || '8000' || right(gen_random_uuid()::text, 12))::uuid;
  v_later constant boolean := coalesce(p_job.run_at > v_now, false);
  v_queue_id int;
begin
  v_queue_id := jobforge.add_to_queue(p_tenant_id, v_queue, 1,
    case when not v_later then coalesce(p_job.priority, 0) end);
  insert into public.jobforge_jobs (tenant_id, id, queue_id, queue, type, payload, priority,
    scheduled, run_at, max_attempts, timeout_ms, traceparent, created_by, created_at)
  values (p_tenant_id, v_id, v_queue_id, v_queue, p_job.type, p_job.payload,
    coalesce(p_job.priority, 0), v_later, coalesce(p_job.run_at, v_now),
    coalesce(p_job.max_attempts,
      (select t.max_attempts from jobforge.job_types as t where t.type = p_job.type), 5),
    coalesce(p_job.timeout_ms,
      (select t.timeout_ms from jobforge.job_types as t where t.type = p_job.type), 60000),
    p_job.traceparent, v_created_by, v_now);
  return v_id;
end
$$;
comment on function jobforge.enqueue_one(uuid, jobforge.new_job) is
  'The short way for one job without an idempotency key. The tenant and the job must have been checked.';
