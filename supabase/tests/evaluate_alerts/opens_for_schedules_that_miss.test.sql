begin;
select plan(5);

select tests.unused_project();
select tests.freeze();
select tests.schedule('late', '{"expression": "60 seconds", "catch_up": "skip"}');
select tests.evaluate_alerts();
select is_empty('select tests.open_alerts()', 'not yet late');
select tests.evaluate_alerts(3);
select set_eq('select tests.open_alerts()', '{schedule_missed acme}'::text[],
  'it should have started a job');
select jobforge_configure_alert('no_successful_run', '{"enabled": false}');
select jobforge.fire_schedules(jobforge.clock(), 100);
select tests.evaluate_alerts();
select is((select message from jobforge_alerts()), 'schedule late missed or failed an occurrence',
  'what it skipped is missed');
select jobforge_configure_schedule(tests.tenant('acme'), 'late', '{"paused": true}');
select tests.evaluate_alerts(13);
select is_empty('select tests.open_alerts()', 'nothing was missed for a while');

select tests.schedule('empty');
select tests.occur('empty', '2030-01-01 03:00+00');
select tests.freeze('2030-01-01 04:00+00');
select jobforge.fire_schedules(jobforge.clock(), 100);
select tests.evaluate_alerts(130);
select set_has('select tests.open_alerts()', $$ values ('schedule_missed acme') $$,
  'its calendar was not filled');

select * from finish();
rollback;
