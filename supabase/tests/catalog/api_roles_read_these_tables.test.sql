begin;
select plan(1);

select bag_eq($$
  select role || ' ' || c.oid::regclass
  from unnest('{anon,authenticated,service_role}'::name[]) as role,
    pg_class as c join pg_namespace as n on n.oid = c.relnamespace
  where (n.nspname = 'jobforge' or n.nspname = 'public' and c.relname like 'jobforge\_%')
    and c.relkind in ('r', 'p', 'v', 'm', 'f')
    and has_any_column_privilege(role, c.oid, 'select')
$$, $$
  select role || ' ' || relation
  from unnest('{authenticated,service_role}'::text[]) as role,
    unnest(array['jobforge_audit_log', 'jobforge_job_attempts', 'jobforge_job_results',
      'jobforge_jobs', 'jobforge_queues', 'jobforge.unsuccessful_attempts',
      'jobforge_connector_configs', 'jobforge_webhook_receipts', 'jobforge_schedules']) as relation
$$, 'and no others; anon none');

select * from finish();
rollback;
