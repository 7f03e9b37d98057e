begin;
select plan(3);

select tests.freeze();
select tests.hold_job();
select tests.as_member('acme');
select results_eq(
  $$ select * from jobforge_cancel_job(tests.id('job')) $$,
  $$ values (tests.id('job'), 'running', true) $$, 'it still runs, the request is noted');
select tests.advance('1 minute');
select results_eq(
  $$ select * from jobforge_cancel_job(tests.id('job')) $$,
  $$ values (tests.id('job'), 'running', true) $$, 'asking again is harmless');
select tests.as_owner();
select is(
  (tests.job('job')).cancel_requested_at, jobforge.clock() - interval '1 minute',
  'the first request counts');

select * from finish();
rollback;
