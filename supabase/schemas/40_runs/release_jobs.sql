-- Release jobs: return them to their queues without using up an attempt.

create function jobforge.end_leases(p_run_id bigint, p_job_ids uuid[], p_outcome text)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_watched constant jobforge.job_key[] := jobforge.watched_jobs(p_run_id, jobforge.clock());
  v_settled uuid[];
begin
  v_settled := jobforge.settle(p_run_id, (
    select array_agg(row(member.id, leases.token, p_outcome, null,
      case when p_outcome = 'lease_expired' then
        '{"code": "lease_expired", "message": "the worker stopped reporting"}'::jsonb end,
      null)::jobforge.outcome)
    from jobforge.leases cross join lateral unnest(leases.ids) as member (id)
    where leases.run_id = p_run_id and (p_job_ids is null or member.id = any (p_job_ids))),
    jobforge.clock());
  update jobforge.runs as r set held = greatest(r.held - cardinality(v_settled), 0)
  where r.id = p_run_id;
  if v_watched is not null then
    perform jobforge.hint_run(p_run_id, v_watched, jobforge.clock());
  end if;
  return cardinality(v_settled);
end
$$;
comment on function jobforge.end_leases(bigint, uuid[], text) is
  'Ends the leases of a run''s jobs: of those named, or of all when p_job_ids is null. The caller '
  'has locked the run. Returns how many.';

create function jobforge.release_jobs(p_run_id bigint, p_job_ids uuid[], p_known_ids uuid[])
returns int
language plpgsql
security definer -- ends leases
set search_path = pg_catalog, pg_temp
as $$
begin
  perform jobforge.lock_live_run(p_run_id);
  return jobforge.end_leases(p_run_id, array(
    select member.id
    from jobforge.leases cross join lateral unnest(leases.ids) as member (id)
    where leases.run_id = p_run_id and (p_job_ids is null or member.id = any (p_job_ids))
      and (p_known_ids is null or member.id <> all (p_known_ids))), 'released');
end
$$;
comment on function jobforge.release_jobs(bigint, uuid[], uuid[]) is
  'Workers: returns jobs to their queues without using up an attempt.';

create function public.jobforge_release_jobs(
  p_run_id bigint, p_job_ids uuid[] default null, p_known_ids uuid[] default null)
returns int
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '5s'
as $$ select jobforge.release_jobs(p_run_id, p_job_ids, p_known_ids) $$;
comment on function public.jobforge_release_jobs(bigint, uuid[], uuid[]) is
  'Workers: returns jobs to their queues without using up an attempt: those named, or all that the '
  'run holds, and none of p_known_ids.';
