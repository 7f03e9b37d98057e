begin;
select plan(2);

select is_empty($$
  select p.oid::regprocedure
  from pg_proc as p
  where p.pronamespace = 'jobforge'::regnamespace and p.prosecdef
    and has_function_privilege('authenticated', p.oid, 'execute')
    and p.oid <> 'jobforge.type_limits(text)'::regprocedure -- of the views, by a job's type
    and p.prosrc !~ 'jobforge\.(callers_tenants?|tenants_to_show|find_job|schedule_of_caller)\('
$$, 'each asks which tenants the caller has');
select is_empty($$
  select p.oid::regprocedure
  from pg_proc as p
  where p.pronamespace = 'jobforge'::regnamespace and p.prosecdef
    and not has_function_privilege('authenticated', p.oid, 'execute')
    and p.prorettype <> 'trigger'::regtype
    and p.prosrc !~ 'jobforge\.(require_service|lock_live_run)\('
$$, 'all others ask whether the caller is a service');

select * from finish();
rollback;
