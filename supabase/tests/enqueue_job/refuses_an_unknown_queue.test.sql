begin;
select plan(3);

select tests.as_member('acme');
select tests.refuses(
  $$ select jobforge_enqueue_job(p_type => 'test.job', p_queue => 'mine') $$,
  'not_found', 'there is no such queue');
select tests.refuses(
  $$ select jobforge_enqueue_job(p_type => 'test.job', p_queue => '') $$,
  'not_found', 'an empty name is no queue');
select is((select count(*) from jobforge_queues), 0::bigint, 'no queue was made');

select * from finish();
rollback;
