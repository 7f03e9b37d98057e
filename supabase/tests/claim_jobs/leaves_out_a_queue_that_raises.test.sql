begin;
select plan(9);

select tests.freeze();
select tests.start_run();
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"rate_limit": 60}');
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
select tests.enqueue('at fault');
select tests.enqueue('sound', '{}', 'globex');
update jobforge.queues set runnable = true;
delete from jobforge.wakeups;
set local client_min_messages = error;
select lives_ok('select jobforge_claim_jobs(tests.run_id(), 10)', 'no claim fails');
select set_eq('select tests.claim(10)', '{sound}'::text[], 'the next one serves the others');
select results_eq('select queue_id, at, sqlstate, message from jobforge.queue_faults',
  $$ select (tests.queue()).id, jobforge.clock(), '22003', '22003: integer out of range' $$,
  'the fault is kept');
select is(jobforge_explain_job(tests.id('at fault'), tests.tenant('acme')) ->> 'reason',
  'queue_at_fault', 'and explained');
select matches((select string_agg(d::text, ' ') from jobforge_doctor() as d), 'out of range',
  'and the doctor shows it');
insert into jobforge.wakeups (queue_id) values ((tests.queue()).id);
select jobforge_dispatch();
select is((select last_error from jobforge.maintenance_tasks where name = 'dispatch'), null,
  'the dispatcher looks at it no more');
select is((tests.queue()).runnable, false, 'so it sleeps');
create or replace function jobforge.used_starts(p_queue jobforge.queues, p_now timestamptz)
returns double precision language sql immutable return 0;
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"rate_limit": 50}');
select set_eq('select tests.claim(10)', '{at fault}'::text[], 'a new configuration wakes it');
select is_empty('select from jobforge.queue_faults', 'and ends the fault');

select * from finish();
rollback;
