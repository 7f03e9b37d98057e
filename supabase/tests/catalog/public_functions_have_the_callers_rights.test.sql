begin;
select plan(1);

select is_empty($$
  select p.oid::regprocedure
  from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
  where n.nspname = 'public' and p.proname like 'jobforge\_%' and p.prosecdef
$$, 'what the Data API shows is security invoker');

select * from finish();
rollback;
