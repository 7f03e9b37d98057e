begin;
select plan(3);

select tests.as_member('acme');
select is((select count(*) from jobforge_queues), 0::bigint, 'there is no queue');
select jobforge_enqueue_job(p_type => 'test.job');
select results_eq(
  'select tenant_id, queue::text, weight::real, paused from jobforge_queues',
  $$ values (tests.tenant('acme'), 'default', 1::real, false) $$,
  'the first job makes it');
select jobforge_enqueue_job(p_type => 'test.job');
select is((select count(*) from jobforge_queues), 1::bigint, 'the second finds it');

select * from finish();
rollback;
