-- Enqueue a batch of jobs in one transaction.

create function jobforge.fail_at_invalid_value(p_jobs jsonb)
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
comment on function jobforge.fail_at_invalid_value(jsonb) is
  'Raises invalid_argument for the first job with a value of the wrong type.';

create function jobforge.enqueue_plain(p_tenant_id uuid, p_jobs jsonb)
returns uuid[]
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_created_by constant text := jobforge.caller();
  v_head constant text := jobforge.id_prefix(v_now);
  v_tail constant text := right(gen_random_uuid()::text, 12);
  v_queue_id int;
  v_ids uuid[];
begin
  v_queue_id := jobforge.enter_queue(
    p_tenant_id, 'default', jsonb_array_length(p_jobs), 0, false, null);
  if v_queue_id = 0 then
    return null;
  end if;
  with body as (
    insert into jobforge.jobs as j (tenant_id, id, queue_id, run_at, created_at, type, payload,
      created_by)
    select p_tenant_id, (v_head || to_hex(32768 + element.ordinality) || v_tail)::uuid, v_queue_id,
      v_now, v_now,
      -- What is not plain has no type here, so the whole statement fails.
      case when jsonb_typeof(element.value -> 'payload') = 'object' then
        case when jsonb_typeof(element.value -> 'type') = 'string'
          and element.value - '{type,payload}'::text[] = '{}'
          and length(element.value ->> 'type') <= 128
          and element.value ->> 'type' ~ '^[A-Za-z][A-Za-z0-9_.:-]*$'
        then element.value ->> 'type' end end,
      element.value -> 'payload', v_created_by
    from jsonb_array_elements(p_jobs) with ordinality as element
    returning j.id, j.ctid, octet_length(j.payload::text) as bytes
  ),
  readied as (
    insert into jobforge.ready (queue_id, bytes, priority, id, tenant_id, place)
    select v_queue_id, body.bytes, 0, body.id, p_tenant_id, body.ctid from body
  )
  select array_agg(body.id) into v_ids from body;
  return v_ids;
exception when not_null_violation then
  return null;
end
$$;
comment on function jobforge.enqueue_plain(uuid, jsonb) is
  'Enqueues jobs that have a type and a small payload only. Returns null, and does nothing, when '
  'one of them has more or breaks a rule.';

create function jobforge.require_texts(p_jobs jsonb)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_invalid record;
begin
  -- Anything can become text: 20261201 a day in the zone of the session, true a type.
  select element.ordinality - 1 as index, member.key into v_invalid
  from jsonb_array_elements(p_jobs) with ordinality as element
  cross join unnest('{type,idempotency_key,run_at,queue,traceparent}'::text[]) as member (key)
  where jsonb_typeof(element.value -> member.key) not in ('string', 'null')
  limit 1;
  if found then
    perform jobforge.fail('invalid_argument',
      format('job %s: %s must be a text', v_invalid.index, v_invalid.key));
  end if;
end
$$;
comment on function jobforge.require_texts(jsonb) is
  'Raises invalid_argument for the first job with a value of another type where a text must be.';

create function jobforge.refuse_ambiguous_times(p_jobs jsonb)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_index bigint;
begin
  select min(element.ordinality) into v_index
  from jsonb_array_elements(p_jobs) with ordinality as element
  where jsonb_typeof(element.value -> 'run_at') = 'string'
    and element.value ->> 'run_at' !~ jobforge.time_pattern();
  if v_index is not null then
    perform jobforge.fail('invalid_argument', format('job %s: run_at must be a time with seconds '
      'and an offset, such as 2026-01-12T09:00:00Z', v_index - 1));
  end if;
end
$$;
comment on function jobforge.refuse_ambiguous_times(jsonb) is
  'Raises invalid_argument for the first job whose run_at has no offset or another form.';

create function jobforge.enqueue_jobs(p_tenant_id uuid, p_jobs jsonb)
returns table (index int, job_id uuid, status text, duplicate boolean)
language plpgsql
security definer -- writes jobs, bounded by the caller's tenant
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
declare
  v_tenant_id constant uuid := jobforge.callers_tenant(p_tenant_id);
  v_invalid record;
  v_jobs jobforge.new_job[];
  v_ids uuid[];
begin
  if jsonb_typeof(p_jobs) is distinct from 'array'
    or jsonb_array_length(p_jobs) not between 1 and 1000
  then
    perform jobforge.fail('invalid_argument', 'p_jobs must be an array of 1 to 1000 jobs');
  end if;
  -- Most batches are as a whole within the bounds of one payload.
  if jobforge.jsonb_fits(p_jobs, 262144) then
    v_ids := jobforge.enqueue_plain(v_tenant_id, p_jobs);
    if v_ids is not null then
      return query
      select (made.ordinality - 1)::int, made.id, 'queued', false
      from unnest(v_ids) with ordinality as made (id);
      return;
    end if;
  end if;
  select element.ordinality - 1 as index, jsonb_typeof(element.value) as type into v_invalid
  from jsonb_array_elements(p_jobs) with ordinality as element
  where jsonb_typeof(element.value) <> 'object'
    or element.value - array['type', 'payload', 'idempotency_key', 'idempotency_ttl_seconds',
      'run_at', 'max_attempts', 'priority', 'queue', 'timeout_ms', 'traceparent'] <> '{}'
  limit 1;
  if found then
    perform jobforge.fail('invalid_argument', format(
      'job %s: must be an object with type, payload, idempotency_key, idempotency_ttl_seconds, '
      'run_at, max_attempts, priority, queue, timeout_ms or traceparent and nothing else',
      v_invalid.index));
  end if;
  -- Each payload has a bound of its own. The other members become text.
  if not jobforge.jsonb_fits((
    select jsonb_agg(element.value - 'payload')
    from jsonb_array_elements(p_jobs) as element), 2097152)
  then
    perform jobforge.fail('invalid_argument',
      'p_jobs must have at most 2097152 bytes beside the payloads');
  end if;
  perform jobforge.require_texts(p_jobs);
  if jsonb_path_exists(p_jobs, '$[*].run_at') then
    perform jobforge.refuse_ambiguous_times(p_jobs);
  end if;
  begin
    select array_agg(row(new_job.type, coalesce(new_job.payload, '{}'), new_job.idempotency_key,
      new_job.idempotency_ttl_seconds, new_job.run_at, new_job.max_attempts, new_job.priority,
      new_job.queue, new_job.timeout_ms, new_job.traceparent)::jobforge.new_job) into v_jobs
    from jsonb_populate_recordset(null::jobforge.new_job, p_jobs) as new_job;
  exception when data_exception then
    perform jobforge.fail_at_invalid_value(p_jobs);
  end;
  return query select * from jobforge.enqueue(v_tenant_id, v_jobs);
end
$$;
comment on function jobforge.enqueue_jobs(uuid, jsonb) is
  'Users: enqueues up to 1,000 jobs for the caller''s tenant: all or none.';

create function public.jobforge_enqueue_jobs(
  p_tenant_id uuid default null, p_jobs jsonb default null)
returns table (index int, job_id uuid, status text, duplicate boolean)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '5s'
as $$
begin
  return query select * from jobforge.enqueue_jobs(p_tenant_id, p_jobs);
end
$$;
comment on function public.jobforge_enqueue_jobs(uuid, jsonb) is
  'Users: enqueues up to 1,000 jobs in one transaction: all or none.';
