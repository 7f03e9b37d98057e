begin;
select plan(1);

-- Left out of a search_path, pg_temp is searched first for tables and types.
select is_empty($$
  select p.oid::regprocedure
  from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
  where (n.nspname = 'jobforge' or n.nspname = 'public' and p.proname like 'jobforge\_%')
    and p.prokind <> 'p'
    and not exists (
      select from unnest(p.proconfig) as c where c like 'search\_path=%pg\_temp')
$$, 'a temporary type must not stand in for a real one');

select * from finish();
rollback;
