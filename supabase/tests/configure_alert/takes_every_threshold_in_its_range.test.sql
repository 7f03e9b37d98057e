begin;
select plan(3);

select is(jobforge_configure_alert('secret_old', '{"threshold": 1000000000000}') ->> 'threshold',
  '1000000000000', 'the largest threshold is stored');
select jobforge_configure_alert('schedule_missed', '{"threshold": 1000000000000}');
select jobforge_configure_alert('jobs_failing', '{"minimum": 2147483647}');
select throws_ok($$ select jobforge_configure_alert('secret_old', '{"threshold": 1e30}') $$,
  'PT400', 'p_settings.threshold must be a number from 0.000001 to 1000000000000',
  'a larger one is refused');
select jobforge_set_secret(tests.tenant('acme'), 'old', 'a value of the secret');
select jobforge_configure_schedule(
  tests.tenant('acme'), 'late', '{"type": "test", "expression": "3600 seconds"}');
select lives_ok($$
  select jobforge.readings(alert_rules, jobforge.clock()) from jobforge.alert_rules
$$, 'and no rule raises an error');

select * from finish();
rollback;
