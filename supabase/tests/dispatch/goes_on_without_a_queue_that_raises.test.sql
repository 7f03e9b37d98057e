begin;
select plan(8);

select tests.unused_project();
select tests.freeze();
select tests.setup(4);
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"rate_limit": 60}');
select tests.enqueue('at fault');
select tests.enqueue('sound', '{}', 'globex');
select jobforge.look_at(array(select id from jobforge.queues), jobforge.clock(), false);
select tests.advance('1 minute');
create or replace function jobforge.used_starts(p_queue jobforge.queues, p_now timestamptz)
returns double precision
language plpgsql immutable
as $$
begin
  if p_queue.tenant_id = tests.tenant('acme') then
    raise numeric_value_out_of_range using message = 'integer out of range';
  end if;
  return 0;
end
$$;
set local client_min_messages = error;
select is(jobforge_dispatch(), 1, 'a dispatch that a queue fails calls a worker for the others');
select matches((select last_error from jobforge.maintenance_tasks where name = 'dispatch'),
  '22003: integer out of range', 'and keeps the error');
select tests.advance('1 minute');
select is(jobforge_dispatch(), 1, 'the next one calls again, since none came');
select is((select failures from jobforge.maintenance_tasks where name = 'dispatch'), 0,
  'and does not fail');
select lives_ok('select jobforge.look_at_missed(jobforge.clock())', 'nor does the safety net');

-- The queue has nothing but a quarantined job, so it is neither awake nor due.
delete from jobforge.queue_faults;
select tests.quarantine_ready() from tests.start_run();
update jobforge.queues set runnable = false, wake_at = null;
select lives_ok('select jobforge_claim_jobs(tests.run_id(), 5)', 'a claim does not fail');
select isnt_empty('select from jobforge.queue_faults',
  'a queue with a quarantined job is left out');
select set_eq('select tests.claim(5)', '{sound}'::text[], 'the next one has that of the other');

select * from finish();
rollback;
