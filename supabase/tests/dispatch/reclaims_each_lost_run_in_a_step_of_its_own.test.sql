begin;
select plan(6);

select tests.unused_project();
select tests.freeze();
update jobforge.settings set max_runs = 10;
create function pg_temp.states()
returns text[]
language sql
as $$ select array_agg(r.state::text order by n.name) from tests.named_runs as n
  join jobforge.runs as r on r.id = n.id $$;
select tests.enqueue_each('first', 'second', 'third');
select tests.start_run('1');
select tests.claim(1, '1');
select tests.start_run('2');
select tests.claim(1, '2');
select tests.start_run('3');
select tests.claim(1, '3');
select tests.advance('46 seconds');
select is(jobforge.reclaim_lost_runs(jobforge.clock(), '-infinity'), null, 'without time');
select is(pg_temp.states(), '{lost,live,live}', 'one run is a step, so that none waits forever');

-- The jobs of the second run raise an error.
create function pg_temp.refuse_run()
returns trigger
language plpgsql
as $$ begin
  if new.run_id = (select id from tests.named_runs where name = '2') then
    raise division_by_zero;
  end if;
  return new;
end $$;
create trigger refused before insert on jobforge.unsuccessful_attempts
  for each row execute function pg_temp.refuse_run();
set local client_min_messages = error;
select jobforge_dispatch();
select is(pg_temp.states(), '{lost,live,lost}', 'the error of one run stops no other');
select is(
  array[tests.status('first'), tests.status('second'), tests.status('third')],
  '{queued,running,queued}', 'their jobs wait again');
select matches(
  (select last_error from jobforge.maintenance_tasks where name = 'dispatch'),
  '^reclaim_lost_runs .*22012', 'the error is recorded');
drop trigger refused on jobforge.unsuccessful_attempts;
select jobforge_dispatch();
select is(pg_temp.states(), '{lost,lost,lost}', 'the next dispatch ends that run as well');

select * from finish();
rollback;
