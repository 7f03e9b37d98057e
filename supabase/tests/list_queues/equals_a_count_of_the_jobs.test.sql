begin;
select plan(2);

select tests.freeze();
select jobforge_configure_queue(tests.tenant('acme'), 'mail');
select tests.fill('acme', 20);
select tests.fill('acme', 5, '{"queue": "mail", "run_at": "2030-01-02T00:00:00Z"}');
select tests.start_run();
select tests.claim(12);
select tests.settle_all('errored');
select tests.claim(6);
select tests.as_member('acme');
select results_eq(
  'select queue, queued, running from jobforge_list_queues() order by queue',
  $$ select queue, count(*) filter (where status in ('scheduled', 'queued')),
      count(*) filter (where status = 'running')
    from jobforge_jobs group by queue order by queue $$,
  'queued and running, scheduled included');
select results_eq(
  'select queued, running from jobforge_list_queues() order by queue',
  $$ values (14::bigint, 6::bigint), (5::bigint, 0::bigint) $$, 'namely these');

select * from finish();
rollback;
