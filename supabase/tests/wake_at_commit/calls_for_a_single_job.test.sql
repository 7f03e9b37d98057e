begin;
select plan(7);

create function pg_temp.enqueue_one()
returns int
language plpgsql
as $$
declare
  v_before constant bigint := tests.call_count();
begin
  perform jobforge_enqueue_job(tests.tenant('acme'), 'test.job');
  perform tests.commit();
  return tests.call_count() - v_before;
end
$$;
select tests.unused_project();
select tests.freeze();
select tests.setup(9);
select tests.known('acme');
select is(pg_temp.enqueue_one(), 1, 'its queue slept');
select is(pg_temp.enqueue_one(), 0, 'the worker is on its way');
select tests.start_run('worker', 3);
select is((select count(*) from tests.claim(2)), 2::bigint, 'both start');
select is(pg_temp.enqueue_one(), 0, 'the run that lives has a free slot');
select tests.claim(2);
select tests.advance('5 seconds');
select tests.claim(1);
update jobforge.runs set polled_at = jobforge.clock() where id = tests.run_id();
update jobforge.queues set runnable = true;
delete from jobforge.wakeups;
select jobforge_enqueue_job(tests.tenant('acme'), 'test.job');
select isnt_empty('select from jobforge.wakeups', 'it has none left');
select tests.commit();
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"paused": true}');
select tests.advance('10 seconds');
delete from jobforge.wakeups;
select is(pg_temp.enqueue_one(), 0, 'a paused queue may not start one');
select is_empty('select from jobforge.wakeups', 'nor does it need a wake-up');

select * from finish();
rollback;
