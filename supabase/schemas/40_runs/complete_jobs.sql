-- Complete jobs, for workers that claim in calls of their own.

create function public.jobforge_complete_jobs(p_run_id bigint, p_outcomes jsonb)
returns json
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '5s'
as $$ select jobforge.settle_and_claim(p_run_id, p_outcomes, 0, '[]', 0) $$;
comment on function public.jobforge_complete_jobs(bigint, jsonb) is 'Workers: reports outcomes.';
