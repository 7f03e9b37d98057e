begin;
select plan(5);

select tests.freeze();
select tests.schedule('late', '{"expression": "3600 seconds", "catch_up": "skip"}');
create function pg_temp.dispatch_for(p_minutes int) returns void language sql as $$
  select jobforge.fire_schedules(tests.advance('1 minute'), 0) from generate_series(1, p_minutes)
$$;
select pg_temp.dispatch_for(59);
-- As if ten dispatches had not come to it.
update jobforge_schedules set paused = true where id = (tests.scheduled('late')).id;
select pg_temp.dispatch_for(11);
update jobforge_schedules set paused = false where id = (tests.scheduled('late')).id;
select jobforge.fire_schedules(jobforge.clock(), 1000);
select is((tests.scheduled('late')).started, 1::bigint, 'ten minutes late, and it starts');
select is((tests.scheduled('late')).missed, 0::bigint, 'nothing is missed');
select tests.advance('53 minutes');
select jobforge.fire_schedules(jobforge.clock(), 1000);
select is((tests.scheduled('late')).started, 1::bigint, 'after a downtime it does not start');
select is((tests.scheduled('late')).missed, 1::bigint, 'it is missed');
select is((select count(*) from jobforge.firing_periods), 1::bigint,
  'all turns are kept in one row');

select * from finish();
rollback;
