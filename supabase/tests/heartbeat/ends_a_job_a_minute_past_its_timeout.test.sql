begin;
select plan(7);

select tests.freeze();
select tests.hold_job('job', '{"timeout_ms": 30000, "max_attempts": 3}');
select tests.enqueue('long', '{"timeout_ms": 120000}');
select tests.claim();
create function pg_temp.beat_after(p_wait interval)
returns text
language plpgsql
as $$
begin
  perform tests.advance(p_wait);
  perform jobforge_heartbeat(tests.run_id());
  return tests.status('job');
end
$$;
select is(pg_temp.beat_after('40 seconds'), 'running', 'past its timeout, the worker may report');
select is(pg_temp.beat_after('40 seconds'), 'running', 'for a minute');
select isnt(pg_temp.beat_after('11 seconds'), 'running', 'then its lease has ended');
select is(tests.attempts('job'), '1 lease_expired', 'and its attempt');
select is(tests.status('long'), 'running', 'a job of the same run has its own time');
select pg_temp.beat_after('40 seconds');
select pg_temp.beat_after('40 seconds');
select is(tests.status('long'), 'running', 'and its own minute');
select pg_temp.beat_after('12 seconds');
select isnt(tests.status('long'), 'running', 'until that is over');

select * from finish();
rollback;
