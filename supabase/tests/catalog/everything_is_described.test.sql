begin;
select plan(5);

select is_empty($$
  select c.oid::regclass
  from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v')
    and (n.nspname = 'jobforge' or n.nspname = 'public' and c.relname like 'jobforge\_%')
    and obj_description(c.oid, 'pg_class') is null
$$, 'every table');
select is_empty($$
  select p.oid::regprocedure
  from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
  where (n.nspname = 'jobforge' or n.nspname = 'public' and p.proname like 'jobforge\_%')
    and obj_description(p.oid, 'pg_proc') is null
$$, 'every function');
select is_empty($$
  select t.oid::regtype
  from pg_type as t left join pg_class as c on c.oid = t.typrelid
  where t.typnamespace = 'jobforge'::regnamespace
    and (t.typtype in ('d', 'e') or c.relkind = 'c')
    and obj_description(t.oid, 'pg_type') is null
$$, 'every type');
select is_empty($$
  select t.tgname
  from pg_trigger as t join pg_class as c on c.oid = t.tgrelid
  where not t.tgisinternal and (c.relnamespace = 'jobforge'::regnamespace
    or c.relname like 'jobforge\_%')
    and obj_description(t.oid, 'pg_trigger') is null
$$, 'every trigger');
select isnt(obj_description('jobforge'::regnamespace, 'pg_namespace'), null, 'the schema');

select * from finish();
rollback;
