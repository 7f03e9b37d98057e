begin;
select plan(3);

-- The other tests of the catalog go by the name, so an object without it would escape them.
-- An application has objects in public as well. Ours use the internal schema or our tables.
-- names_test.ts checks a project without an application by the name alone.
create temp table ours as
  select c.oid, c.oid::regclass::text as name
  from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
  where c.relkind = 'r'
    and (n.nspname = 'jobforge' or n.nspname = 'public' and c.relname like 'jobforge\_%');
select is_empty($$
  select c.oid::regclass
  from pg_class as c join pg_attribute as a on a.attrelid = c.oid
  join pg_type as t on t.oid = a.atttypid
  where c.relnamespace = 'public'::regnamespace and c.relname !~ '^jobforge_'
    and t.typnamespace = 'jobforge'::regnamespace
  union
  select r.ev_class::regclass
  from pg_rewrite as r join pg_depend as d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
  join pg_class as c on c.oid = r.ev_class
  where d.refobjid in (select oid from ours)
    and c.relnamespace = 'public'::regnamespace and c.relname !~ '^jobforge_'
$$, 'every relation in public');
select is_empty($$
  select p.oid::regprocedure from pg_proc as p
  where p.pronamespace = 'public'::regnamespace and p.proname !~ '^jobforge_'
    and p.prosrc ~ '\mjobforge\.'
$$, 'every function in public');
select is_empty($$
  select n.nspname, p.proname
  from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
  where p.prosecdef and p.proowner = 'postgres'::regrole
    and n.nspname not in ('jobforge', 'tests')
    and p.prosrc ~ ('\m(jobforge\.|(' || (select string_agg(name, '|') from ours) || ')\M)')
$$, 'and no function of ours with its owner''s rights stands anywhere but in the internal schema');

select * from finish();
rollback;
