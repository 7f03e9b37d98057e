begin;
select plan(1);

-- A publication for all tables needs one of the two, or every update and delete fails.
select is_empty($$
  select c.oid::regclass
  from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p')
    and (n.nspname = 'jobforge' or n.nspname = 'public' and c.relname like 'jobforge\_%')
    and c.relreplident <> 'f'
    and not exists (select from pg_index as i where i.indrelid = c.oid and i.indisprimary)
$$, 'or its whole row is its identity');

select * from finish();
rollback;
