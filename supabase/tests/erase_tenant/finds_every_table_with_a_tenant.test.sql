begin;
select plan(1);

select set_eq($$
  select c.oid::regclass::text
  from pg_attribute as a join pg_class as c on c.oid = a.attrelid
  join pg_namespace as n on n.oid = c.relnamespace
  where a.attname = 'tenant_id' and c.relkind in ('r', 'p')
    and (n.nspname = 'jobforge' or n.nspname = 'public' and c.relname like 'jobforge\_%')
$$, $$
  select t::text from jobforge.tables_of_tenants() as t
  union
  select unnest('{jobforge.jobs,jobforge.leases,jobforge.cancel_requests,jobforge.queues,
    jobforge_queues,jobforge_audit_log,jobforge.erasures}'::text[])
$$, 'none is forgotten');

select * from finish();
rollback;
