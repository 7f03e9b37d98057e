begin;
select plan(7);

-- A minute after its timeout a job is taken from a run that never stops it.
select tests.freeze();
select tests.start_run();
select tests.enqueue('stuck', '{"timeout_ms": 30000}');
select tests.enqueue('fine', '{"timeout_ms": 600000}');
select tests.claim(2);
create temp table zombie as select tests.outcome('stuck', 'succeeded') as outcome;
select tests.advance('40 seconds');
select jobforge_heartbeat(tests.run_id());
select tests.advance('40 seconds');
select jobforge_heartbeat(tests.run_id());
select tests.advance('10 seconds');
select is(
  jobforge_heartbeat(tests.run_id())::jsonb -> 'abort', '[]'::jsonb, 'not before a minute is over');
select tests.advance('1 second');
select is(
  jobforge_heartbeat(tests.run_id())::jsonb -> 'abort', jsonb_build_array(tests.id('stuck')),
  'the worker must abort it');
select is(tests.status('stuck'), 'queued', 'it is queued again');
select is(tests.attempts('stuck'), '1 lease_expired', 'its attempt is spent');
select is(tests.status('fine'), 'running', 'the other runs on');
select is((tests.run()).held, 1, 'and is all that the run holds');
select is(
  (select tests.report(jsonb_build_array(outcome)) -> 'stale' from zombie),
  jsonb_build_array(tests.id('stuck')), 'a late report of the stuck handler is stale');

select * from finish();
rollback;
