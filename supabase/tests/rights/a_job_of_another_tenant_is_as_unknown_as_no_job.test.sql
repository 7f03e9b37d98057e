begin;
select plan(17);

select tests.bring('theirs', 'failed', 'globex');
select tests.bring('theirs queued', 'queued', 'globex');

select tests.as_member('acme');
select is(
  tests.refusal(call, tests.id(job)::text), tests.refusal(call, gen_random_uuid()::text),
  format('%s: one cannot tell whether there is such a job', call))
from (values
  ('select jobforge_cancel_job(%L)', 'theirs'),
  ('select jobforge_cancel_job(%L)', 'theirs queued'),
  ('select jobforge_retry_job(%L)', 'theirs'),
  ('select jobforge_reschedule_job(%L, now())', 'theirs queued'),
  ('select jobforge_explain_job(%L)', 'theirs'),
  ('select jobforge_get_job(%L)', 'theirs'),
  ('select jobforge_watch_jobs(%L)', 'theirs')) as c (call, job);
select matches(
  tests.refusal('select jobforge_cancel_job(%L)', tests.id('theirs queued')::text),
  '^PT404 not_found ', 'both are not found');
select is(
  tests.refusal(call, tests.id('theirs')::text), tests.refusal(call, gen_random_uuid()::text),
  format('%s: nor by naming one''s own tenant', call))
from (values
  ('select jobforge_cancel_job(%L, tests.tenant(''acme''))'),
  ('select jobforge_retry_job(%L, tests.tenant(''acme''))'),
  ('select jobforge_reschedule_job(%L, now(), tests.tenant(''acme''))'),
  ('select jobforge_explain_job(%L, tests.tenant(''acme''))'),
  ('select jobforge_get_job(%L, tests.tenant(''acme''))'),
  ('select jobforge_watch_jobs(%L, tests.tenant(''acme''))')) as c (call);
select is_empty($$
  select p.oid::regprocedure
  from pg_proc as p
  where p.pronamespace = 'public'::regnamespace and 'p_job_id' = any (p.proargnames)
    and has_function_privilege('authenticated', p.oid, 'execute')
    and p.proname not in ('jobforge_cancel_job', 'jobforge_retry_job', 'jobforge_reschedule_job',
      'jobforge_explain_job', 'jobforge_get_job', 'jobforge_watch_jobs')
$$, 'no other function of users takes the id of a job');
select is(tests.status('theirs'), 'failed', 'their failed job is as it was');
select is(tests.status('theirs queued'), 'queued', 'and so is the queued one');

select * from finish();
rollback;
