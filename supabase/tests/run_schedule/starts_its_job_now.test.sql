begin;
select plan(4);

select tests.freeze();
select tests.schedule('nightly', '{"type": "report.render", "payload": {"a": 1}, "priority": 7,
  "max_attempts": 2, "timeout_ms": 5000, "paused": true}');
select tests.as_member('acme');
select isnt(
  (select jobforge_run_schedule(id) ->> 'job_id' from tests.schedules), null, 'also a paused one');
select results_eq(
  'select type, payload, priority, max_attempts, timeout_ms, run_at from jobforge_jobs',
  $$ values ('report.render', '{"a": 1}'::jsonb, 7::smallint, 2, 5000,
    '2030-01-01 00:00+00'::timestamptz) $$, 'as the schedule says');
select lives_ok('select jobforge_run_schedule(id) from tests.schedules', 'and again');
select is(
  (select array_agg(action order by id) from jobforge_audit_log),
  '{configure_schedule,run_schedule,run_schedule}', 'it is audited');

select * from finish();
rollback;
