begin;
select plan(6);

-- Enqueues of a new tenant only insert, so that none of them waits for another.
select tests.start_run();
select tests.as_member('acme');
select jobforge_enqueue_job(p_type => 'test.job');
select jobforge_enqueue_job(p_type => 'test.job', p_run_at => now() + interval '1 hour');
select is((select count(*) from jobforge_queues), 0::bigint, 'no enqueue makes the queue');
select set_eq('select status from jobforge_jobs', '{queued,scheduled}'::text[],
  'the jobs are there');
select tests.as_owner();
select is((select count(*) from tests.claim(10)), 1::bigint, 'the first claim has the one');
select tests.as_member('acme');
select results_eq(
  'select tenant_id, queue::text, weight::real, paused from jobforge_queues',
  $$ values (tests.tenant('acme'), 'default', 1::real, false) $$, 'it made the queue');
select results_eq('select queued, running from jobforge_list_queues()',
  'values (1::bigint, 1::bigint)', 'with what is in it');
select jobforge_enqueue_job(p_type => 'test.job');
select is((select count(*) from jobforge_queues), 1::bigint, 'later jobs find it');

select * from finish();
rollback;
