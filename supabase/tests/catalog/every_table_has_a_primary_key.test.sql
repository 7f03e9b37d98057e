begin;
select plan(1);

select is_empty($$
  select c.oid::regclass
  from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p')
    and (n.nspname = 'jobforge' or n.nspname = 'public' and c.relname like 'jobforge\_%')
    and c.oid <> 'jobforge.outcome_batches'::regclass
    and not exists (select from pg_index as i where i.indrelid = c.oid and i.indisprimary)
$$, 'only the log of outcome batches has none');

select * from finish();
rollback;
