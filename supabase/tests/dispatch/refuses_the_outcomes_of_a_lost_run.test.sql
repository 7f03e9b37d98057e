begin;
select plan(2);

select tests.freeze();
select tests.hold_job();
create temp table zombie as select tests.outcome('job', 'succeeded') as outcome;
select tests.advance('46 seconds');
select jobforge_dispatch();
select tests.refuses(
  format('select tests.report(jsonb_build_array(%L::jsonb))', outcome), 'run_ended',
  'a worker that comes back must stop')
from zombie;
select is(tests.status('job'), 'queued', 'the job waits for another');

select * from finish();
rollback;
