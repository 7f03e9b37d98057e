begin;
select plan(2);

select tests.enqueue('job');
select jobforge_cancel_job(tests.id('job'), tests.tenant('acme'));
select tests.as_member('acme');
select results_eq(
  $$ select * from jobforge_cancel_job(tests.id('job')) $$,
  $$ values (tests.id('job'), 'canceled', true) $$, 'repeating is harmless');
select is(
  (select queued from jobforge_list_queues()), 0::bigint, 'the job is counted out only once');

select * from finish();
rollback;
