-- Claim jobs, for workers that report outcomes in calls of their own.

create function public.jobforge_claim_jobs(
  p_run_id bigint, p_limit int, p_max_bytes int default 4194304)
returns json
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '5s'
as $$
  with reply as materialized (
    select jobforge.settle_and_claim(p_run_id, '[]', p_limit, '[]', p_max_bytes) -> 'jobs' as jobs
  )
  select coalesce(json_agg(row_to_json(claimed)), '[]')
  from reply
  -- The text is parsed once for all columns.
  cross join lateral json_to_record(reply.jobs) as listed (id json, tenant_id json, queue json,
    type json, payload json, attempt json, max_attempts json, lease_token json, timeout_ms json,
    traceparent json, created_at json, run_at json)
  cross join lateral rows from (
    json_array_elements(listed.id), json_array_elements(listed.tenant_id),
    json_array_elements(listed.queue), json_array_elements(listed.type),
    json_array_elements(listed.payload), json_array_elements(listed.attempt),
    json_array_elements(listed.max_attempts), json_array_elements(listed.lease_token),
    json_array_elements(listed.timeout_ms), json_array_elements(listed.traceparent),
    json_array_elements(listed.created_at), json_array_elements(listed.run_at))
    as claimed (id, tenant_id, queue, type, payload, attempt, max_attempts, lease_token, timeout_ms,
      traceparent, created_at, run_at)
$$;
comment on function public.jobforge_claim_jobs(bigint, int, int) is
  'Workers: claims the next jobs as an array of objects. A claim stops before the job whose '
  'payload would pass p_max_bytes in all, and brings at least one.';
