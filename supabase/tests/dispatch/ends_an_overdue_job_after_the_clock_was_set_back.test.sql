begin;
select plan(7);

select tests.unused_project();
select tests.freeze();
select tests.setup(2);
select tests.hold_job('job', '{"timeout_ms": 30000, "max_attempts": 3}');
select tests.advance('-1 hour');
select tests.enqueue('next', '{"timeout_ms": 60000}');
-- The first claim still looks behind the last job that was found by the old clock.
select tests.claim();
select results_eq('select tests.claim()', '{next}'::text[], 'the next job starts');
create function pg_temp.beat_after(p_wait interval)
returns text
language plpgsql
as $$
begin
  perform tests.advance(p_wait);
  perform jobforge_heartbeat(tests.run_id());
  perform jobforge_dispatch();
  return tests.status('job');
end
$$;
select is(pg_temp.beat_after('0 seconds'), 'running', 'a run that lives keeps its job');
select ok((select bool_and(started_at <= jobforge.clock()) from jobforge.leases),
  'which did not start in the future');
select is(pg_temp.beat_after('40 seconds'), 'running', 'until its timeout');
select is(pg_temp.beat_after('40 seconds'), 'running', 'and for a minute');
select isnt(pg_temp.beat_after('11 seconds'), 'running', 'then its lease has ended');
select is(tests.status('next'), 'running', 'one that started by the new clock has its own time');

select * from finish();
rollback;
