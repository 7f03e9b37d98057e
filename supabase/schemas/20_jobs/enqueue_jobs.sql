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
begin
  if jsonb_typeof(p_jobs) is distinct from 'array'
    or jsonb_array_length(p_jobs) not between 1 and 1000
  then
    perform jobforge.fail('invalid_argument', 'p_jobs must be an array of 1 to 1000 jobs');
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
as $$
begin
  return query select * from jobforge.enqueue_jobs(p_tenant_id, p_jobs);
end
$$;
comment on function public.jobforge_enqueue_jobs(uuid, jsonb) is
  'Users: enqueues up to 1,000 jobs in one transaction: all or none.';
