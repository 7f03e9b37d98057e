begin;
select plan(2);

select is_empty($$
  select p.oid::regprocedure
  from pg_proc as p
  join pg_namespace as n on n.oid = p.pronamespace
  cross join aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as a
  where (n.nspname = 'jobforge' or n.nspname = 'public' and p.proname like 'jobforge\_%')
    and a.grantee = 0
$$, 'no function is open to every role');
select is_empty($$
  select p.oid::regprocedure
  from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
  where (n.nspname = 'jobforge' or n.nspname = 'public' and p.proname like 'jobforge\_%')
    and has_function_privilege('anon', p.oid, 'execute')
$$, 'nor to anon');

select * from finish();
rollback;
