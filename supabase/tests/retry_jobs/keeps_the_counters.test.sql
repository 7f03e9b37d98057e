begin;
select plan(1);

select tests.bring('dead', 'dead');
select tests.fill('acme', 3);
select jobforge_cancel_jobs(tests.tenant('acme'), p_dry_run => false);
select jobforge_retry_jobs(
  tests.tenant('acme'), '{"status": ["dead", "canceled"]}', p_dry_run => false);
select results_eq(
  $$ select queue::text, jobforge.queued(id), jobforge.running(id) from jobforge.queues
    where tenant_id = tests.tenant('acme') order by queue $$,
  $$ values ('bring-dead', 1::bigint, 0::bigint), ('default', 3, 0) $$, 'exactly');

select * from finish();
rollback;
