begin;
select plan(7);

select tests.hold_job();
select tests.refuses(
  format('select tests.report(jsonb_build_array(tests.outcome(%L, %L)))', 'job', outcome),
  'invalid_argument', outcome)
from unnest('{done,canceled,lease_expired,Succeeded}'::text[]) as outcome;
select tests.refuses(
  $$ select tests.report(jsonb_build_array(tests.outcome('job', null))) $$,
  'invalid_argument', 'no outcome');
select tests.refuses(
  $$ select tests.report(jsonb_build_array(
    tests.outcome('job', 'succeeded', '{"lease_token": null}'))) $$,
  'invalid_argument', 'no lease token');
select is(tests.status('job'), 'running', 'the job runs on');

select * from finish();
rollback;
