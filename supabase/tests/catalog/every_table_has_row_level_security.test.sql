begin;
select plan(2);

create temp table ours as
  select c.oid::regclass as relation, c.relrowsecurity
  from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p')
    and (n.nspname = 'jobforge' or n.nspname = 'public' and c.relname like 'jobforge\_%');
select cmp_ok((select count(*) from ours), '>=', 22::bigint, 'the tables are found');
select is_empty('select relation from ours where not relrowsecurity', 'none is without');

select * from finish();
rollback;
