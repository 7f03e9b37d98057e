begin;
select plan(8);

create function pg_temp.places(p_name text)
returns text[]
language sql
as $$
  select array(
    select 'ready' from jobforge.ready where id = tests.id(p_name)
    union all select 'scheduled' from jobforge.scheduled where id = tests.id(p_name)
    union all select 'quarantined' from jobforge.quarantined where id = tests.id(p_name)
    union all select 'leases' from jobforge.leases where tests.id(p_name) = any (ids))
$$;
select tests.freeze();
select tests.start_run();
select tests.enqueue('job', '{"run_at": "2030-01-01T01:00:00Z", "max_attempts": 9}');
select is(pg_temp.places('job'), '{scheduled}', 'scheduled');
select tests.advance('1 hour');
select tests.claim();
select is(pg_temp.places('job'), '{leases}', 'running');
select tests.settle('job', 'released');
select is(pg_temp.places('job'), '{ready}', 'queued');
select tests.claim();
select tests.settle('job', 'errored');
select is(pg_temp.places('job'), '{scheduled}', 'waiting for the next attempt');
select tests.advance('1 hour');
select tests.expire_lease('job');
select tests.expire_lease('job');
select is(pg_temp.places('job'), '{quarantined}', 'quarantined');
select tests.start_run('alone');
select tests.claim(1, 'alone');
select is(pg_temp.places('job'), '{leases}', 'running again');
select tests.settle('job', 'succeeded');
select is(pg_temp.places('job'), '{}', 'ended');
select is(tests.status('job'), 'succeeded', 'with a status');

select * from finish();
rollback;
