begin;
select plan(9);

select tests.unused_project();
select tests.freeze();
-- Counts the tries, because a sequence is not rolled back.
create sequence public.tries;
create function public.refuse_acme()
returns trigger
language plpgsql
as $$ begin
  if new.tenant_id = tests.tenant('acme') then
    raise exception 'not for acme %', nextval('public.tries');
  end if;
  return new;
end $$;
create trigger refuse_acme before insert on public.jobforge_queues
for each row execute function public.refuse_acme();
set client_min_messages = error;
select jobforge_enqueue_job(tests.tenant('acme'), 'test.job') from generate_series(1, 50);
create temp table places as select id, ctid as place from jobforge.newcomers;
select jobforge.promote(jobforge.clock());
select is((select last_value from public.tries), 1::bigint, 'its queue is tried');
select is_empty('select id, place from places except select id, ctid from jobforge.newcomers',
  'no job of it is written');
select results_eq('select tenant_id, failed_at from jobforge.failed_newcomers',
  $$ values (tests.tenant('acme'), jobforge.clock()) $$, 'the tenant is noted');
select jobforge_enqueue_job(tests.tenant('acme'), 'test.job');
select tests.advance('9 seconds');
select jobforge.promote(jobforge.clock());
select is((select last_value from public.tries), 1::bigint,
  'its next job is no reason to try again');
select is((select count(*) from jobforge.wakeups where queue_id = 0), 0::bigint,
  'and leaves no wake-up behind');
select tests.advance('2 seconds');
select jobforge.look_at_missed(jobforge.clock());
select is((select last_value from public.tries), 2::bigint, 'maintenance tries it');
drop trigger refuse_acme on public.jobforge_queues;
select tests.advance('11 seconds');
select jobforge.look_at_missed(jobforge.clock());
select is((select count(*)::int from jobforge.newcomers), 0, 'until its queue can be made');
select is_empty('select from jobforge.failed_newcomers', 'then it is noted no longer');

-- Its jobs were canceled meanwhile.
insert into jobforge.failed_newcomers values (tests.tenant('globex'), jobforge.clock());
select tests.advance('61 minutes');
select jobforge.look_at_missed(jobforge.clock());
select is_empty('select from jobforge.failed_newcomers', 'nor when it has no job left');

select * from finish();
rollback;
