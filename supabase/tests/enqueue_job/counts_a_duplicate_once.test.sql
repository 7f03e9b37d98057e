begin;
select plan(2);

select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"max_queued": 1}');
select tests.enqueue('once', '{"idempotency_key": "key"}');
select is(
  (select duplicate from jobforge_enqueue_job(
    tests.tenant('acme'), 'test.job', p_idempotency_key => 'key')),
  true, 'a duplicate is answered although the queue is full');
select is(
  (select queued from jobforge_list_queues(tests.tenant('acme'))), 1::bigint, 'and not counted');

select * from finish();
rollback;
