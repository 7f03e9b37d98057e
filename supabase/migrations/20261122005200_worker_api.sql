-- JobForge, chapter 52: the public functions for workers.

create function public.jobforge_start_run(
  p_run_id bigint default null, p_ticket text default null, p_worker text default null,
  p_capacity int default 100, p_types jsonb default '[]')
returns table (run_id bigint, lease_seconds int)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select * from jobforge.start_run(p_run_id, p_ticket, p_worker, p_capacity, p_types) $$;
comment on function public.jobforge_start_run(bigint, text, text, int, jsonb) is
  'Workers: redeems a ticket once, or starts a run without one.';

create function public.jobforge_settle_and_claim(
  p_run_id bigint, p_outcomes jsonb default '[]', p_limit int default 0,
  p_progress jsonb default '[]', p_columns boolean default false)
returns json
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return jobforge.settle_and_claim(p_run_id, p_outcomes, p_limit, p_progress, p_columns);
end
$$;
comment on function public.jobforge_settle_and_claim(bigint, jsonb, int, jsonb, boolean) is
  'Workers: reports outcomes and takes the next jobs in one round trip. The jobs come as an array of '
  'objects, or, with p_columns, as an object of arrays.';

create function public.jobforge_claim_jobs(p_run_id bigint, p_limit int)
returns json
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.settle_and_claim(p_run_id, '[]', p_limit, '[]', false) -> 'jobs' $$;
comment on function public.jobforge_claim_jobs(bigint, int) is 'Workers: takes the next jobs.';

create function public.jobforge_complete_jobs(p_run_id bigint, p_outcomes jsonb)
returns json
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.settle_and_claim(p_run_id, p_outcomes, 0, '[]', false) $$;
comment on function public.jobforge_complete_jobs(bigint, jsonb) is 'Workers: reports outcomes.';

create function public.jobforge_heartbeat(p_run_id bigint, p_progress jsonb default '[]')
returns json
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.heartbeat(p_run_id, p_progress) $$;
comment on function public.jobforge_heartbeat(bigint, jsonb) is
  'Workers: extends the leases of a run; answers with the jobs to abort.';

create function public.jobforge_release_jobs(p_run_id bigint, p_job_ids uuid[] default null)
returns int
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.release_jobs(p_run_id, p_job_ids) $$;
comment on function public.jobforge_release_jobs(bigint, uuid[]) is
  'Workers: hands jobs back without spending their attempt.';

create function public.jobforge_finish_run(
  p_run_id bigint, p_reason text, p_cpu_ms int default null)
returns json
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.finish_run(p_run_id, p_reason, p_cpu_ms) $$;
comment on function public.jobforge_finish_run(bigint, text, int) is
  'Workers: ends a run; hands back what it holds and calls the next run if work is left.';
