begin;
select plan(2);

select bag_eq($$
  select concat_ws(' ', tablename, lower(cmd), role)
  from pg_policies, unnest(roles) as role
  where schemaname = 'jobforge' or tablename like 'jobforge\_%'
$$, array[
  'jobforge_audit_log select authenticated',
  'unsuccessful_attempts select authenticated',
  'jobforge_connector_configs select authenticated',
  'jobforge_job_results select authenticated',
  'jobs select authenticated', 'ready select authenticated', 'scheduled select authenticated',
  'quarantined select authenticated', 'unclaimed select authenticated',
  'newcomers select authenticated', 'leases select authenticated', 'queues select authenticated',
  'cancel_requests select authenticated', 'job_progress select authenticated',
  'jobforge_queues select authenticated',
  'jobforge_schedules select authenticated',
  'jobforge_received_webhooks select authenticated'],
  'reading for authenticated, nothing else');
select is_empty($$
  select policyname from pg_policies
  where (schemaname = 'jobforge' or tablename like 'jobforge\_%')
    and policyname <> format('%s_%s_%s', tablename, lower(cmd), roles[1])
$$, 'a policy is named for its table, operation and role');

select * from finish();
rollback;
