begin;
select plan(4);

select jobforge_enqueue_job(
  tests.tenant('acme'), 'test.job', p_run_at => clock_timestamp() + interval '1 hour');
select is(
  (select count(*) from jobforge.queues where tenant_id = tests.tenant('acme')), 0::bigint,
  'no claim has made the queue of the tenant yet');
select tests.as_member('acme');
select is(
  jobforge_list_jobs() #>> '{jobs,0,status}', 'scheduled', 'its user sees it, and that it waits');
select is(
  jobforge_list_jobs(p_filter => '{"status": "queued"}') -> 'jobs', '[]', 'it is not queued');
select tests.as_member('acme', 'globex');
select is(
  jobforge_list_jobs() #>> '{jobs,0,status}', 'scheduled', 'a user of two tenants sees it');

select * from finish();
rollback;
