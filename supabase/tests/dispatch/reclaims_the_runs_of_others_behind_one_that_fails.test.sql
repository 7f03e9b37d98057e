begin;
select plan(8);

select tests.unused_project();
select tests.freeze();
update jobforge.settings set max_runs = 10;
select tests.start_run('bad'), tests.start_run('good');
-- The jobs of acme are in three leases, and each makes a trigger of the application fail.
select tests.enqueue_each('one', 'two', 'three');
select tests.claim(1, 'bad') from generate_series(1, 3);
select tests.enqueue('other', '{}', 'globex');
select tests.claim(1, 'good');
create sequence public.tries;
create function public.refuse() returns trigger language plpgsql as $$
begin
  if new.tenant_id = tests.tenant('acme') then
    raise exception 'not for acme %', nextval('public.tries');
  end if;
  return new;
end
$$;
create trigger of_the_application before insert on jobforge.unsuccessful_attempts
for each row execute function public.refuse();
set client_min_messages = error;

select tests.advance('46 seconds');
select matches(jobforge.reclaim_lost_runs(jobforge.clock(), '-infinity'), 'P0001',
  'a dispatch without time ends no run when the first one fails');
select is((select last_value from public.tries), 2::bigint, 'and tries one of its three leases');
select is(tests.status('other'), 'running', 'the other run is lost, too');
select tests.advance('1 second');
select is(jobforge.reclaim_lost_runs(jobforge.clock(), '-infinity'), null,
  'the next dispatch begins with it');
select is(tests.status('other'), 'queued', 'its job is queued again');
drop trigger of_the_application on jobforge.unsuccessful_attempts;
select tests.advance('1 second');
select jobforge.reclaim_lost_runs(jobforge.clock(), '-infinity');
select is((tests.run('bad')).state::text, 'lost', 'and then the first one ends as well');

-- A run that raises when it ends, although it has no lease.
select tests.start_run('broken'), tests.start_run('whole');
create function public.refuse_run() returns trigger language plpgsql as $$
begin
  if new.id = tests.run_id('broken') and new.state = 'lost' then
    raise exception 'not this run';
  end if;
  return new;
end
$$;
create trigger of_the_application before update on jobforge.runs
for each row execute function public.refuse_run();
select tests.advance('46 seconds');
select matches(jobforge.reclaim_lost_runs(jobforge.clock(), 'infinity'), 'P0001',
  'the error of a run is returned');
select is((tests.run('whole')).state::text, 'lost', 'and stops no other run');

select * from finish();
rollback;
