begin;
select plan(16);

select tests.fill('acme', 1);
select tests.as_anon();
select tests.denies(format('select * from %s', relation), relation)
from unnest(array['jobforge_jobs', 'jobforge_queues', 'jobforge_job_attempts',
  'jobforge_job_results', 'jobforge_audit_log', 'jobforge.runs', 'jobforge.settings',
  'jobforge.queue_tallies', 'jobforge.wakeups', 'jobforge.idempotency_keys',
  'jobforge.job_types', 'jobforge.lease_tokens', 'jobforge_connector_configs',
  'jobforge_received_webhooks', 'jobforge.secrets', 'jobforge.closed_hosts']) as relation;

select * from finish();
rollback;
