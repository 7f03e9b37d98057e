begin;
select plan(5);

select tests.unused_project();
select tests.freeze();
select jobforge_configure_retention(30, 30);
select tests.enqueue('of acme', '{}', 'acme');
select tests.enqueue('of globex', '{}', 'globex');
select tests.enqueue('of hooli', '{}', 'hooli');
select jobforge_cancel_job(tests.id('of ' || name), tests.tenant(name))
from unnest('{acme,globex,hooli}'::text[]) as name;
-- What the application may do with its own trigger or foreign key.
create function public.refuse_globex()
returns trigger
language plpgsql
as $$ begin
  if old.tenant_id = tests.tenant('globex') then
    raise exception 'the application needs it';
  end if;
  return old;
end $$;
create trigger refuse_globex before delete on jobforge.jobs
for each row execute function public.refuse_globex();
select tests.advance('31 days');
set local client_min_messages = error;
select jobforge.perform_task('delete_expired_jobs');
select set_eq('select tenant_id from jobforge.jobs', array[tests.tenant('globex')],
  'the jobs of the others are deleted');
select is((select last_error from jobforge.maintenance_tasks where name = 'delete_expired_jobs'),
  'P0001: the application needs it', 'the error is that of the task');
select jobforge.perform_task('delete_expired_jobs');
select is((select failures from jobforge.maintenance_tasks where name = 'delete_expired_jobs'), 2,
  'as long as no pass went without it');
drop trigger refuse_globex on jobforge.jobs;
select tests.advance('61 minutes');
select jobforge.perform_task('delete_expired_jobs');
select is_empty('select from jobforge.jobs', 'the next pass tries it again');
select is((select failures from jobforge.maintenance_tasks where name = 'delete_expired_jobs'), 0,
  'and forgets the error');

select * from finish();
rollback;
