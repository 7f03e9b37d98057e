begin;
select plan(7);

select tests.unused_project();
create table public.tenant_rows (id uuid primary key);
insert into public.tenant_rows
select tenant_id from public.jobforge_queues union select tests.tenant('globex');
alter table public.jobforge_queues
  add constraint of_a_customer foreign key (tenant_id) references public.tenant_rows (id);
set client_min_messages = error;
-- The wake-ups of both wait, and the tenant without a customer comes first.
select jobforge_enqueue_job('00000000-0000-4000-8000-000000000001', 'test.job');
select jobforge_enqueue_job(tests.tenant('globex'), 'test.job');
select tests.start_run();
select is(json_array_length(
  jobforge_settle_and_claim(tests.run_id(), '[]', 100) #> '{jobs,id}'), 1,
  'the first job of the other tenant is claimed');
select is(
  (select count(*) from jobforge.newcomers), 1::bigint, 'the job without a customer waits');
select is((select count(*) from jobforge.wakeups where queue_id = 0), 0::bigint,
  'without a wake-up that each claim would look at');
select jobforge_dispatch();
select is((select left(last_error, 40) from jobforge.maintenance_tasks where name = 'dispatch'),
  'promote: a trigger or a constraint of jo', 'the dispatcher keeps the reason');

insert into public.tenant_rows values ('00000000-0000-4000-8000-000000000001');
select jobforge.settle_newcomers(100, jobforge.clock());
select is((select count(*) from jobforge.newcomers), 1::bigint, 'it is not tried at once');
update jobforge.failed_newcomers set failed_at = failed_at - interval '11 seconds';
select jobforge.look_at_missed(jobforge.clock());
select is((select count(*) from jobforge.newcomers), 0::bigint, 'maintenance tries it again');
select jobforge_dispatch();
select is((select failures from jobforge.maintenance_tasks where name = 'dispatch'), 0,
  'and then the dispatcher is well');

select * from finish();
rollback;
