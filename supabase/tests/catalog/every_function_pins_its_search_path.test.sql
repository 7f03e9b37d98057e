begin;
select plan(2);

create temp table ours as
  select p.oid::regprocedure as function, p.proconfig
  from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
  where (n.nspname = 'jobforge' or n.nspname = 'public' and p.proname like 'jobforge\_%')
    -- A procedure that commits can pin none: see every_procedure_qualifies_its_names.
    and p.prokind <> 'p';
select cmp_ok((select count(*) from ours), '>=', 140::bigint, 'the functions are found');
select is_empty(
  $$ select function from ours
    where not coalesce('search_path=pg_catalog, pg_temp' = any (proconfig), false) $$,
  'none takes the path of its caller, nor one that others can put objects into');

select * from finish();
rollback;
