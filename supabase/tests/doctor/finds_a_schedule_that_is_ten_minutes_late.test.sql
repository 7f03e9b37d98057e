begin;
select plan(6);

select tests.healthy_project();
select tests.freeze();
select tests.schedule('often', '{"expression": "60 seconds"}');
select is((jobforge.check_schedules()).ok, true, 'not due yet');
select tests.advance('10 minutes');
select is((jobforge.check_schedules()).ok, true, 'nine minutes late');
select tests.advance('2 minutes');
select is((jobforge.check_schedules()).ok, false, 'eleven minutes late');
select jobforge_configure_schedule(tests.tenant('acme'), 'often', '{"paused": true}');
select is((jobforge.check_schedules()).ok, true, 'a paused one is not late');
select tests.schedule('filled');
select tests.occur('filled', '2030-01-01 23:00+00');
select tests.advance('1 hour');
select is((jobforge.check_schedules()).ok, true, 'one that is filled has time');
select tests.schedule('empty');
select tests.advance('2 hours');
select is((jobforge.check_schedules()).ok, false, 'its calendar was not filled');

select * from finish();
rollback;
