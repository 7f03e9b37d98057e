begin;
select plan(3);

update jobforge.settings set project_url = null, worker_function = 'jobforge-worker';
select tests.enqueue('job');
select is(explained ->> 'reason', 'project_url_unknown', 'no worker was ever called')
from jobforge_explain_job(tests.id('job'), tests.tenant('acme')) as explained;
select is(explained ->> 'message', 'It is ready. project URL unknown: open '
  '…/jobforge-worker/health once, or run jobforge setup', 'with what to do')
from jobforge_explain_job(tests.id('job'), tests.tenant('acme')) as explained;
select from jobforge_start_run(p_types => '[{"type": "test.job"}]');
select isnt(jobforge_explain_job(tests.id('job'), tests.tenant('acme')) ->> 'reason',
  'project_url_unknown', 'a worker that runs takes jobs in any case');

select * from finish();
rollback;
