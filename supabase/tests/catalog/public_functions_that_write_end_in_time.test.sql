begin;
select plan(2);

-- The Data API applies the setting to the whole transaction, and so to a filter that a caller adds.
create temp table writers as
select p.oid::regprocedure as function,
  (select split_part(setting, '=', 2) from unnest(p.proconfig) as setting
    where starts_with(setting, 'statement_timeout=')) as timeout,
  p.proargnames[1:p.pronargs] && '{p_limit,p_jobs,p_job_ids,p_outcomes,p_progress,p_filled,
    p_refusals}'::text[] as takes_many
from pg_proc as p
where p.pronamespace = 'public'::regnamespace and starts_with(p.proname, 'jobforge_')
  and p.provolatile = 'v';
select is_empty(
  $$ select function, timeout from writers where not coalesce(takes_many, false)
    and function::text !~ '^jobforge_(dispatch|doctor)[(]' and timeout is distinct from '2s' $$,
  'a function that writes has two seconds');
select is_empty(
  $$ select function, timeout from writers where (takes_many
    or function::text ~ '^jobforge_(dispatch|doctor)[(]') and timeout is distinct from '5s' $$,
  'one that takes a list or a limit has five, as have the dispatcher and the doctor');

select * from finish();
rollback;
