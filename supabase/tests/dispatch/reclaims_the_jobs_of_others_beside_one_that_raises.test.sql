begin;
select plan(6);

select tests.setup();
select tests.start_run('first', 10), tests.start_run('second', 10);
select tests.enqueue('bad', '{}', 'acme'), tests.enqueue('beside', '{}', 'globex');
select tests.claim(10, 'first');
select tests.enqueue('elsewhere', '{}', 'globex');
select tests.claim(10, 'second');
-- A trigger of the application that one tenant makes fail.
create function public.refuse() returns trigger language plpgsql as $$
begin
  if new.tenant_id = tests.tenant('acme') then
    raise exception 'not for acme';
  end if;
  return new;
end
$$;
create trigger of_the_application before insert on jobforge.unsuccessful_attempts
for each row execute function public.refuse();
set client_min_messages = error;

update jobforge.runs set lease_expires_at = jobforge.clock() - interval '2 minutes'
where state = 'live';
select jobforge_dispatch();
select is(tests.status('elsewhere'), 'queued', 'the job of another lost run is queued again');
select is(tests.status('beside'), 'queued', 'and so is the job of another tenant in the same run');
select is(tests.status('bad'), 'running', 'the job that raises stays');
select matches((select last_error from jobforge.maintenance_tasks where name = 'dispatch'),
  '^reclaim_lost_runs .*P0001', 'the dispatcher keeps the reason');
drop trigger of_the_application on jobforge.unsuccessful_attempts;
select jobforge_dispatch();
select is(tests.status('bad'), 'queued', 'it is queued again when the trigger is gone');
select is((select count(*) from jobforge.runs where state = 'live'), 0::bigint,
  'and its run has ended');

select * from finish();
rollback;
