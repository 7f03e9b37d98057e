begin;
select plan(18);

select tests.as_member('acme');
select tests.refuses(
  format('select jobforge_enqueue_jobs(p_jobs => %L)',
    jsonb_build_array('{"type": "test.job"}'::jsonb || member::jsonb)),
  'invalid_argument', member)
from unnest(array[
  '{"priority": "x"}',
  '{"priority": 1.5}',
  '{"priority": 1e30}',
  '{"priority": {}}',
  '{"max_attempts": "many"}',
  '{"timeout_ms": []}',
  '{"idempotency_key": "k", "idempotency_ttl_seconds": "day"}',
  '{"run_at": "soonish"}',
  '{"run_at": "2030-13-01T00:00:00Z"}',
  '{"run_at": 5}',
  '{"run_at": "infinity"}',
  '{"type": {"name": "test.job"}}',
  '{"type": null}',
  '{"type": true}',
  '{"run_at": 20301201}',
  '{"idempotency_key": 5}',
  '{"idempotency_key": {"a": 1}}',
  '{"traceparent": false}']) as member;

select * from finish();
rollback;
