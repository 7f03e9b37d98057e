begin;
select plan(7);

select tests.bring('job', 'succeeded');
select tests.receive(tests.endpoint());
select tests.as_stranger();
select is_empty(format('select tenant_id from %s', relation), relation)
from unnest(array['jobforge_jobs', 'jobforge_queues', 'jobforge_job_attempts',
  'jobforge_job_results', 'jobforge_audit_log', 'jobforge_connector_configs',
  'jobforge_received_webhooks']) as relation;

select * from finish();
rollback;
