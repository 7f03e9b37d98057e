begin;
select plan(3);

select jobforge_enqueue_job(tests.tenant('acme'), 'test.job');
select jobforge_configure_queue(tests.tenant('acme'), 'mail');
select is(
  (select count(*) from jobforge.newcomers where tenant_id = tests.tenant('acme')), 1::bigint,
  'its queue is not made yet');
select is(jobforge_cancel_jobs(tests.tenant('acme'), '{"queue": "mail"}') -> 'count', '0',
  'it is in no other queue');
select is(jobforge_cancel_jobs(tests.tenant('acme'), '{"queue": "default"}') -> 'count', '1',
  'it is in the default queue');

select * from finish();
rollback;
