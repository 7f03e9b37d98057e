begin;
select plan(5);

select tests.freeze();
select tests.start_run();
select tests.enqueue('job');
select tests.as_member('acme');
select results_eq(
  $$ select * from jobforge_cancel_job(tests.id('job')) $$,
  $$ values (tests.id('job'), 'canceled', true) $$, 'the answer reports it');
select tests.as_owner();
select is(tests.status('job'), 'canceled', 'the job is');
select is((tests.job('job')).finished_at, jobforge.clock(), 'as of now');
select is_empty('select tests.claim()', 'it never starts');
select is(tests.attempts('job'), null, 'there was no attempt');

select * from finish();
rollback;
