begin;
select plan(7);

-- Each of these alone is reason enough to look at the queues, for a claim without a dispatcher.
select tests.unused_project();
select tests.freeze();
select tests.start_run('typed', 100, '[{"type": "test.job"}]');
select tests.start_run();
create function pg_temp.claim_with(p_left text, p_run text default 'worker') returns text
language plpgsql
as $$
begin
  if p_left <> 'wakeups' then
    delete from jobforge.wakeups;
  end if;
  if p_left <> 'parked_queues' then
    delete from jobforge.parked_queues;
  end if;
  return (select string_agg(name, ',') from tests.claim(1, p_run) as name);
end
$$;
select tests.enqueue('woken');
select is(pg_temp.claim_with('wakeups'), 'woken', 'a wake-up');
select tests.claim();
select tests.enqueue('missed');
select is(pg_temp.claim_with('parked_queues'), 'missed', 'a queue that was parked a moment ago');
select tests.settle_all('succeeded');
select tests.enqueue('due', '{"run_at": "2030-01-01T01:00:00Z"}');
select is(pg_temp.claim_with('wakeups'), null, 'nothing is due');
select tests.advance('1 hour');
select is(pg_temp.claim_with('wake_at'), 'due', 'a time that has come');
select tests.settle_all('succeeded');
select tests.enqueue('other', '{"type": "other.job"}');
select is_empty($$ select tests.claim(1, 'typed') $$, 'a job that a run cannot take');
select is(pg_temp.claim_with('unclaimed'), 'other', 'is for another one');
select tests.settle_all('succeeded');
select tests.enqueue('poison');
select tests.quarantine_ready();
select is(pg_temp.claim_with('quarantined'), 'poison', 'a quarantined job');

select * from finish();
rollback;
