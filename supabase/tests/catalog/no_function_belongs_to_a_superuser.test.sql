begin;
select plan(1);

select is_empty($$
  select p.oid::regprocedure
  from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
  join pg_roles as r on r.oid = p.proowner
  where (n.nspname = 'jobforge' or n.nspname = 'public' and p.proname like 'jobforge\_%')
    and r.rolsuper
$$, 'the owner''s rights are not all rights');

select * from finish();
rollback;
