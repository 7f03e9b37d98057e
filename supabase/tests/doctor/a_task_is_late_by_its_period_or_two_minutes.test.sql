begin;
select plan(3);

select tests.unused_project();
select tests.freeze();
select tests.maintenance_ran();
create function pg_temp.late(p_after interval) returns text[] language sql
return (with moved as (select jobforge.clock() + p_after as at)
  select array(select name from moved, jobforge.task_states(moved.at)
    where problem is not null and name in ('fire_schedules', 'prune_audit', 'dispatch')
    order by name));
update jobforge.maintenance_tasks set next_at = jobforge.clock() where next_at < 'infinity';
select is(pg_temp.late('2 minutes'), '{}', 'none at two minutes');
select is(pg_temp.late('2 minutes 1 second'), '{dispatch,fire_schedules}',
  'then those of short periods');
select is(pg_temp.late('1 day 1 second'), '{dispatch,fire_schedules,prune_audit}',
  'that of a day a day later');

select * from finish();
rollback;
