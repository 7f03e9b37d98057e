begin;
select plan(2);

select tests.freeze();
select tests.as_member('acme');
select lives_ok($$ select jobforge_enqueue_job(p_type => 'test.job') $$, 'a type is enough');

select results_eq(
  $$ select tenant_id, queue, type, payload, status, priority, scheduled, run_at, attempts,
      max_attempts, timeout_ms, idempotency_key, traceparent, created_at,
      started_at, finished_at
    from jobforge_jobs $$,
  $$ values (tests.tenant('acme'), 'default', 'test.job', '{}'::jsonb, 'queued', 0::smallint, false,
      '2030-01-01 00:00+00'::timestamptz, 0, 5, 60000, null, null,
      '2030-01-01 00:00+00'::timestamptz, null::timestamptz, null::timestamptz) $$,
  'everything else has its default');

select * from finish();
rollback;
