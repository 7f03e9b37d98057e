begin;
select plan(2);

create temp table ours as
  select p.oid::regprocedure as function, p.proconfig
  from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
  where n.nspname = 'jobforge' or n.nspname = 'public' and p.proname like 'jobforge\_%';
select cmp_ok((select count(*) from ours), '>=', 140::bigint, 'the functions are found');
select is_empty(
  $$ select function from ours
    where not exists (select from unnest(proconfig) as c where c like 'search\_path=%') $$,
  'none takes the path of its caller');

select * from finish();
rollback;
