begin;
select plan(7);

select tests.unused_project();
select tests.freeze();
update jobforge.maintenance_tasks set next_at = 'infinity';
update jobforge.maintenance_tasks set next_at = jobforge.clock() - due
from (values ('prune_runs', interval '1 second'), ('roll_up', '2 seconds')) as d (task, due)
where name = task;
create function pg_temp.start(p_left interval default '1 second')
returns text
language sql
as $$ select jobforge.start_task(clock_timestamp() + p_left) $$;
select is(pg_temp.start('-1 millisecond'), null, 'none when the time is over');
select is(pg_temp.start(), 'roll_up', 'the one that waits longer');
select is(pg_temp.start(), 'prune_runs', 'then the other');
select is(pg_temp.start(), null, 'then none is due');
select tests.advance('10 seconds');
select is(pg_temp.start(), 'roll_up', 'after its period it is due again');
select results_eq(
  $$ select failures, last_error from jobforge.maintenance_tasks where name = 'roll_up' $$,
  $$ values (1, 'it did not finish') $$, 'an execution without an end was cut off');
select jobforge.note_task('roll_up', clock_timestamp(), 20000, null, true);
select is(pg_temp.start(), 'roll_up', 'a task that stopped at its budget is due at once');

select * from finish();
rollback;
