begin;
select plan(2);

-- One such index or CHECK would end HOT updates for the whole table, silently.
select is_empty($$
  select i.indexrelid::regclass from pg_index as i
  where i.indrelid = 'jobforge.jobs'::regclass and not i.indisprimary
$$, 'bodies have no index but their key');
select is_empty($$
  select c.conname from pg_constraint as c
  where c.conrelid in ('jobforge.jobs'::regclass, 'jobforge.runs'::regclass) and c.contype = 'c'
$$, 'and no CHECK, as little as runs');

select * from finish();
rollback;
