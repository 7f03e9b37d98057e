begin;
select plan(6);

select tests.start_run();
select tests.enqueue(status) from unnest('{succeeded,failed,canceled}'::text[]) as status;
select tests.enqueue('dead', '{"max_attempts": 1}');
select tests.claim(4);
create temp table held as
  select name, (tests.job(name)).lease_token from tests.named_jobs;
select tests.settle('succeeded', 'succeeded');
select tests.settle('failed', 'failed');
select tests.settle('dead', 'errored');
select jobforge_cancel_job(tests.id('canceled'), tests.tenant('acme'));
select tests.settle('canceled', 'succeeded');
create temp table ended as select (tests.job(name)).* from held order by name;

select is(
  tests.report((
    select jsonb_agg(tests.outcome(name, outcome, jsonb_build_object('lease_token', lease_token)))
    from held)) ->> 'settled',
  '0', outcome || ' comes too late for all of them')
from unnest('{succeeded,errored,timed_out,failed,released}'::text[]) as outcome;
select results_eq(
  'select (tests.job(name)).* from held order by name', 'select * from ended',
  'succeeded, failed, dead and canceled stay as they were');

select * from finish();
rollback;
