begin;
select plan(5);

select tests.bring('job', 'succeeded');
select tests.as_stranger();
select is_empty(format('select * from %s', relation), relation)
from unnest(array['jobforge_jobs', 'jobforge_queues', 'jobforge_job_attempts',
  'jobforge_job_results', 'jobforge_audit_log']) as relation;

select * from finish();
rollback;
