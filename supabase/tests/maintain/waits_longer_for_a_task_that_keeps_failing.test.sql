begin;
select plan(4);

select tests.unused_project();
select tests.freeze();
drop function jobforge.roll_up(timestamptz);
set local client_min_messages = error;
create function pg_temp.wait_after_failures(p_failures int)
returns interval
language plpgsql
as $$
begin
  for v_n in 1..p_failures loop
    perform jobforge.perform_task('roll_up');
  end loop;
  return (select next_at - jobforge.clock() from jobforge.maintenance_tasks
    where name = 'roll_up');
end
$$;
select is(pg_temp.wait_after_failures(1), '10 seconds', 'after one failure');
select is(pg_temp.wait_after_failures(2), '40 seconds', 'after three');
select is(pg_temp.wait_after_failures(7), '5 minutes', 'after ten, and never more');
select is((select failures from jobforge.maintenance_tasks where name = 'roll_up'), 10,
  'all are counted');

select * from finish();
rollback;
