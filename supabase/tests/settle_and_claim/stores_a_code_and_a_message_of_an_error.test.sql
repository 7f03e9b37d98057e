begin;
select plan(8);

select is(jobforge.error_summary(null), null, 'no error');
select is(jobforge.error_summary('{}'), '{"code": "error", "message": ""}', 'one without anything');
select is(jobforge.error_summary('{"code": "c", "message": "m", "stack": "s"}'),
  '{"code": "c", "message": "m"}', 'one with more');
select is(length(jobforge.error_summary(jsonb_build_object('code', repeat('c', n))) ->> 'code'),
  least(n, 100), format('a code of %s characters', n)) from unnest('{100,101}'::int[]) as n;
select is(
  length(jobforge.error_summary(jsonb_build_object('message', repeat('m', n))) ->> 'message'),
  least(n, 4096), format('a message of %s characters', n)) from unnest('{4096,4097}'::int[]) as n;
-- A job that is handed back has no error. One whose lease expired has.
select tests.freeze();
select tests.hold_job('released');
select jobforge_release_jobs(tests.run_id());
select tests.enqueue('expired', '{"priority": -1}');
select tests.expire_lease('expired');
select results_eq($$ select tests.name(id), last_error ->> 'code' from jobforge.jobs
    where tests.name(id) is not null order by 1 $$,
  $$ values ('expired', 'lease_expired'), ('released', null) $$,
  'of what the worker did not report');

select * from finish();
rollback;
