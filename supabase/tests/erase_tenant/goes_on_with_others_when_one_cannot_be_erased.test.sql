begin;
select plan(3);

select tests.unused_project();
select tests.freeze();
-- Six erasures that fail, before one that does not.
select jobforge_enqueue_job(('00000000-0000-4000-8000-00000000000' || n)::uuid, 'test.job')
from generate_series(1, 7) as n;
select jobforge.promote(jobforge.clock());
select jobforge.begin_erasure(('00000000-0000-4000-8000-00000000000' || n)::uuid)
from generate_series(1, 7) as n;
create function public.refuse_six()
returns trigger
language plpgsql
as $$ begin
  if old.tenant_id::text ~ '^00000000.*[1-6]$' then
    raise exception 'the application needs it';
  end if;
  return old;
end $$;
create trigger refuse_six before delete on public.jobforge_queues
for each row execute function public.refuse_six();
create trigger refuse_six before delete on jobforge.jobs
for each row execute function public.refuse_six();
set local client_min_messages = error;
do $$ begin
  for n in 1..5 loop
    perform tests.advance('31 seconds');
    perform jobforge.perform_task('continue_erasures');
  end loop;
end $$;
select set_eq('select right(tenant_id::text, 1) from jobforge.jobs',
  '{1,2,3,4,5,6}'::text[], 'the last one goes on behind six that fail');
select is((select last_error from jobforge.maintenance_tasks where name = 'continue_erasures'),
  'P0001: the application needs it', 'the error is that of the task');
drop trigger refuse_six on public.jobforge_queues;
drop trigger refuse_six on jobforge.jobs;
do $$ begin
  for n in 1..5 loop
    perform tests.advance('31 seconds');
    perform jobforge.perform_task('continue_erasures');
  end loop;
end $$;
select is_empty('select from jobforge.jobs', 'the others go on when they can');

select * from finish();
rollback;
