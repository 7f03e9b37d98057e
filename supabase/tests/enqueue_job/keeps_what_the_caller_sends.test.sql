begin;
select plan(2);

select tests.freeze();
select jobforge_configure_queue(tests.tenant('acme'), 'mail');
select tests.as_member('acme');
select lives_ok($$
  select jobforge_enqueue_job(p_type => 'test.job', p_payload => '{"to": ["a", "b"]}',
    p_priority => -7, p_queue => 'mail', p_max_attempts => 3, p_timeout_ms => 1500,
    p_run_at => '2030-01-02 00:00+00', p_idempotency_key => 'key', p_traceparent => '00-ab-cd-01')
$$, 'every argument can be given');

select results_eq(
  $$ select payload, priority, queue, max_attempts, timeout_ms, run_at, scheduled, idempotency_key,
      traceparent from jobforge_jobs $$,
  $$ values ('{"to": ["a", "b"]}'::jsonb, -7::smallint, 'mail', 3, 1500,
      '2030-01-02 00:00+00'::timestamptz, true, 'key', '00-ab-cd-01') $$,
  'the job has what the caller said');

select * from finish();
rollback;
