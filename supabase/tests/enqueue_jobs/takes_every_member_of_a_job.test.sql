begin;
select plan(2);

select tests.freeze();
select jobforge_configure_queue(tests.tenant('acme'), 'mail');
select tests.as_member('acme');
select lives_ok($$
  select jobforge_enqueue_jobs(p_jobs => '[{
    "type": "test.job", "payload": {"n": 1}, "idempotency_key": "key",
    "idempotency_ttl_seconds": 60, "run_at": "2030-01-02T00:00:00Z", "max_attempts": 3,
    "priority": -7, "queue": "mail", "timeout_ms": 1500, "traceparent": "00-ab-cd-01"}]')
$$, 'all members can be given');
select results_eq(
  $$ select payload, idempotency_key, run_at, max_attempts, priority, queue, timeout_ms,
      traceparent from jobforge_jobs $$,
  $$ values ('{"n": 1}'::jsonb, 'key', '2030-01-02 00:00+00'::timestamptz, 3, -7::smallint, 'mail',
      1500, '00-ab-cd-01') $$,
  'and are kept');

select * from finish();
rollback;
