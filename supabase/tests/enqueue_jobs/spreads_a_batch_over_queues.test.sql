begin;
select plan(3);

select jobforge_configure_queue(tests.tenant('acme'), 'mail');
select jobforge_configure_queue(tests.tenant('acme'), 'full', '{"max_queued": 1}');
select tests.known('acme');
select tests.as_member('acme');
select jobforge_enqueue_jobs(p_jobs => '[
  {"type": "a"}, {"type": "b", "queue": "mail"}, {"type": "c", "queue": "full"}, {"type": "d"}]');
select results_eq(
  'select queue, queued from jobforge_list_queues() order by queue',
  $$ values ('default', 2::bigint), ('full', 1::bigint), ('mail', 1::bigint) $$,
  'each job is counted in its queue');
select tests.refuses($$
  select jobforge_enqueue_jobs(p_jobs => '[{"type": "a"}, {"type": "b", "queue": "full"}]')
$$, 'queue_full', 'one full queue refuses the batch');
select is((select count(*) from jobforge_jobs), 4::bigint, 'whole');

select * from finish();
rollback;
