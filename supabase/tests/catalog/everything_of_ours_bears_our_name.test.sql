begin;
select plan(3);

-- The other tests of the catalog go by the name: what does not bear it would escape them.
select is_empty($$
  select c.oid::regclass from pg_class as c
  where c.relnamespace = 'public'::regnamespace and c.relname !~ '^jobforge_'
    and c.relkind not in ('i', 'I', 't')
$$, 'every relation in public');
select is_empty($$
  select p.oid::regprocedure from pg_proc as p
  where p.pronamespace = 'public'::regnamespace and p.proname !~ '^jobforge_'
$$, 'every function in public');
select is_empty($$
  select n.nspname, p.proname
  from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
  where p.prosecdef and p.proowner = 'postgres'::regrole
    and n.nspname not in ('jobforge', 'tests')
$$, 'and no function with its owner''s rights stands anywhere but in the internal schema');

select * from finish();
rollback;
