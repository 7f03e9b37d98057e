begin;
select plan(2);

select tests.as_member('acme');
select lives_ok($$
  select jobforge_enqueue_job(p_type => 'test.job', p_priority => null, p_queue => null,
    p_max_attempts => null, p_timeout_ms => null, p_run_at => null, p_idempotency_key => null,
    p_idempotency_ttl_seconds => null, p_traceparent => null, p_tenant_id => null)
$$, 'null is accepted for every argument that has a default');

select results_eq(
  'select queue, priority, max_attempts, timeout_ms, scheduled from jobforge_jobs',
  $$ values ('default', 0::smallint, 5, 60000, false) $$,
  'null means the default');

select * from finish();
rollback;
