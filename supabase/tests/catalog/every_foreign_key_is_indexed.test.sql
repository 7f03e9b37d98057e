begin;
select plan(1);

select is_empty($$
  select k.conrelid::regclass, k.conname
  from pg_constraint as k join pg_namespace as n on n.oid = k.connamespace
  where k.contype = 'f'
    and (n.nspname = 'jobforge' or k.conrelid::regclass::text ~ '^jobforge_')
    and not exists (
      select from pg_index as i
      where i.indrelid = k.conrelid and i.indkey::int2[] @> k.conkey
        and i.indkey[0] = any (k.conkey))
$$, 'none is without an index');

select * from finish();
rollback;
