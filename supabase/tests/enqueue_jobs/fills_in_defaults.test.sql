begin;
select plan(1);

select tests.as_member('acme');
select jobforge_enqueue_jobs(p_jobs => '[{"type": "test.job"}]');
select results_eq(
  $$ select payload, idempotency_key, scheduled, max_attempts, priority, queue, timeout_ms,
      traceparent from jobforge_jobs $$,
  $$ values ('{}'::jsonb, null, false, 5, 0::smallint, 'default', 60000, null) $$,
  'as for a single job');

select * from finish();
rollback;
