-- Release jobs: return them to their queues without using up an attempt.

create function jobforge.end_leases(p_run_id bigint, p_job_ids uuid[], p_outcome text)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_settled uuid[] := '{}'::uuid[];
begin
  v_settled := jobforge.settle(p_run_id, (
    select array_agg(row(j.id, j.lease_token, p_outcome, null,
      case when p_outcome = 'lease_expired' then
        '{"code": "lease_expired", "message": "the worker stopped reporting"}'::jsonb end,
      null)::jobforge.outcome)
    from public.jobforge_jobs as j
    where j.run_id = p_run_id and j.status = 'running'
      and (p_job_ids is null or j.id = any (p_job_ids))));
  update jobforge.runs as r set held = greatest(r.held - cardinality(v_settled), 0)
  where r.id = p_run_id;
  return cardinality(v_settled);
end
$$;
comment on function jobforge.end_leases(bigint, uuid[], text) is
  'Ends the leases of a run''s jobs: of those named, or of all when p_job_ids is null. The caller '
  'has locked the run. Returns how many.';

create function jobforge.release_jobs(p_run_id bigint, p_job_ids uuid[])
returns int
language plpgsql
security definer -- ends leases
set search_path = pg_catalog, pg_temp
as $$
begin
  perform jobforge.lock_live_run(p_run_id);
  return jobforge.end_leases(p_run_id, p_job_ids, 'released');
end
$$;
comment on function jobforge.release_jobs(bigint, uuid[]) is
  'Workers: returns jobs to their queues without using up an attempt.';

create function public.jobforge_release_jobs(p_run_id bigint, p_job_ids uuid[] default null)
returns int
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.release_jobs(p_run_id, p_job_ids) $$;
comment on function public.jobforge_release_jobs(bigint, uuid[]) is
  'Workers: returns jobs to their queues without using up an attempt.';
