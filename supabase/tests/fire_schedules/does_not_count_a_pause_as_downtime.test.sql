begin;
select plan(4);

select tests.freeze();
select tests.schedule('often', '{"expression": "3600 seconds", "paused": true}');
select tests.schedule('nightly', '{"catch_up": "all", "paused": true}');
select tests.occur('nightly', '2030-01-01 03:00+00', '2030-01-02 03:00+00', '2030-01-03 03:00+00');
select tests.advance('36 hours');
select tests.run_cron();
select is(tests.job_count(), 0, 'nothing starts while paused');
select jobforge_configure_schedule(tests.tenant('acme'), name, '{"paused": false}')
from tests.schedules;
select tests.run_cron();
select is(tests.job_count(), 0, 'nor for what passed meanwhile');
select results_eq(
  $$ select name, next_at from jobforge_schedules where tenant_id = tests.tenant('acme')
    order by name $$,
  $$ values ('nightly', '2030-01-03 03:00+00'::timestamptz), ('often', '2030-01-02 13:00+00') $$,
  'it goes on with the next');
select tests.advance('15 hours 10 seconds');
select tests.run_cron();
select is(
  (select started + skipped + missed from tests.scheduled('nightly')), 1::bigint,
  'which takes nothing of the pause along');

select * from finish();
rollback;
