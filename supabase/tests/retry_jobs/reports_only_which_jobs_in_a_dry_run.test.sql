begin;
select plan(4);

select tests.bring('dead', 'dead');
select tests.bring('failed', 'failed');
select is(
  jobforge_retry_jobs(tests.tenant('acme')) - 'sample',
  '{"dry_run": true, "count": 2, "skipped": 0, "next": null}', 'two would be queued again');
select results_eq(
  $$ select tests.name((s ->> 'id')::uuid), s ->> 'status', s ->> 'type', s ->> 'error_code'
    from jsonb_array_elements(jobforge_retry_jobs(tests.tenant('acme')) -> 'sample') as s $$,
  $$ values ('dead', 'dead', 'test.job', null), ('failed', 'failed', 'test.job', null) $$,
  'it shows some of them');
select is(
  jobforge_retry_jobs(tests.tenant('acme'), p_dry_run => null) -> 'dry_run', 'true',
  'null is no order');
select is(array[tests.status('dead'), tests.status('failed')], '{dead,failed}', 'and changes none');

select * from finish();
rollback;
