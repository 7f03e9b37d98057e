begin;
select plan(10);

select tests.freeze();
select tests.hold_job();
create temp table zombie as select tests.outcome('job', 'errored') as outcome;
select tests.settle('job', 'released');
select tests.claim();
create temp table before as select (tests.job('job')).*;

select is(
  tests.report(jsonb_build_array(z.outcome || jsonb_build_object('outcome', kind))) -> 'stale',
  jsonb_build_array(tests.id('job')), kind || ' does not count')
from zombie as z, unnest('{succeeded,errored,timed_out,failed,released}'::text[]) as kind;
select is(
  tests.report(jsonb_build_array(z.outcome || jsonb_build_object('lease_token', token))) -> 'stale',
  jsonb_build_array(tests.id('job')), 'nor does the token ' || token)
from zombie as z, unnest(array[0, -1, 9223372036854775807]) as token;
select results_eq(
  'select (tests.job($a$job$a$)).*', 'select * from before', 'nothing about the job has changed');
select is(tests.attempts('job'), null, 'no attempt is recorded');

select * from finish();
rollback;
