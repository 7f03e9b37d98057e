begin;
select plan(1);

select is_empty($$
  select pubname, tablename from pg_publication_tables
  where schemaname = 'jobforge' or tablename like 'jobforge\_%'
$$, 'realtime shows deleted rows to every tenant');

select * from finish();
rollback;
