begin;
select plan(1);

select is_empty($$
  select c.oid::regclass
  from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
  where c.relkind = 'v' and (n.nspname = 'jobforge' or c.relname like 'jobforge\_%')
    and not coalesce(c.reloptions @> '{security_invoker=true}', false)
$$, 'a view of its owner would show every tenant');

select * from finish();
rollback;
