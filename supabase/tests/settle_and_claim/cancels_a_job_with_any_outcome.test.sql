begin;
select plan(16);

select tests.freeze();
select tests.start_run();
select tests.enqueue(outcome)
from unnest('{succeeded,errored,timed_out,failed,released}'::text[]) as outcome;
select tests.claim(5);
select jobforge_cancel_job(tests.id(outcome), tests.tenant('acme'))
from unnest('{succeeded,errored,timed_out,failed,released}'::text[]) as outcome;

select is(
  tests.settle(outcome, outcome, '{"result": 1}') ->> 'settled', '1', outcome || ' counts')
from unnest('{succeeded,errored,timed_out,failed,released}'::text[]) as outcome;
select is(tests.status(outcome), 'canceled', 'a job that ' || outcome || ' is canceled')
from unnest('{succeeded,errored,timed_out,failed,released}'::text[]) as outcome;
select is(tests.attempts(outcome), '1 canceled', 'so is the attempt that ' || outcome)
from unnest('{succeeded,errored,timed_out,failed,released}'::text[]) as outcome;
select is((select count(*) from jobforge_job_results), 0::bigint, 'no result is kept');

select * from finish();
rollback;
