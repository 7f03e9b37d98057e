begin;
select plan(6);

-- As a run that reports in every five seconds, but nothing of a job.
select tests.unused_project();
select tests.freeze();
select tests.start_run();
select tests.enqueue('stuck', '{"timeout_ms": 30000}');
select tests.enqueue('fine', '{"timeout_ms": 600000}');
select tests.claim(2);
create function pg_temp.dispatch_after(p_wait interval) returns text[] language plpgsql as $$
begin
  perform tests.advance(p_wait);
  update jobforge.runs set lease_expires_at = jobforge.clock() + interval '45 seconds';
  perform jobforge_dispatch();
  return array[tests.status('stuck'), tests.status('fine'), (tests.run()).state];
end
$$;
select is(pg_temp.dispatch_after('90 seconds'), '{running,running,live}',
  'a minute after its timeout');
select is(pg_temp.dispatch_after('1 millisecond'), '{queued,running,live}',
  'its lease ends, and no other, and the run lives');
select is((tests.run()).held, 1, 'with one job');
select is((tests.run()).overdue_at, (tests.job('fine')).started_at + interval '660 seconds',
  'and is looked at again when that is overdue');
select is(pg_temp.dispatch_after('569.999 seconds'), '{queued,running,live}', 'not before');
select is(tests.attempts('stuck'), '1 lease_expired', 'the attempt is spent');

select * from finish();
rollback;
