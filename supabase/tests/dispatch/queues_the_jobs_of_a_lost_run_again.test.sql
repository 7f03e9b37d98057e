begin;
select plan(7);

select tests.freeze();
select tests.hold_job();
select tests.advance('45 seconds');
select jobforge_dispatch();
select is(tests.status('job'), 'running', 'not before the lease is over');
select tests.advance('1 millisecond');
select jobforge_dispatch();

select is(tests.status('job'), 'queued', 'the job is queued again');
select is((tests.job('job')).scheduled, false, 'and ready at once');
select is((tests.job('job')).lease_expiries, 1, 'it is remembered that its lease expired');
select is(tests.attempts('job'), '1 lease_expired', 'the attempt is recorded');
select results_eq(
  'select state::text, end_reason, held from tests.run()',
  $$ values ('lost', 'lease_expired', 0) $$, 'the run is lost');
select tests.start_run('next');
select results_eq($$ select tests.claim(1, 'next') $$, array['job'], 'another run gets the job');

select * from finish();
rollback;
