-- Claim jobs, for workers that report outcomes in calls of their own.

create function public.jobforge_claim_jobs(p_run_id bigint, p_limit int)
returns json
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '5s'
as $$ select jobforge.settle_and_claim(p_run_id, '[]', p_limit, '[]', false) -> 'jobs' $$;
comment on function public.jobforge_claim_jobs(bigint, int) is 'Workers: claims the next jobs.';
