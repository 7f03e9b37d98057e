begin;
select plan(282);

select tests.fill('acme', 1);
create temp table attempts as
  select role, relation, operation, format(statement, relation) as statement
  from unnest('{anon,authenticated,service_role}'::text[]) as role,
    unnest(array['public.jobforge_jobs', 'public.jobforge_queues', 'jobforge.unsuccessful_attempts',
      'public.jobforge_job_results', 'public.jobforge_audit_log', 'jobforge.runs',
      'jobforge.settings', 'jobforge.queue_tallies', 'jobforge.wakeups',
      'jobforge.idempotency_keys', 'jobforge.job_types', 'public.jobforge_schedules',
      'jobforge.audit_seals', 'jobforge.audit_chain', 'jobforge.occurrences',
      'jobforge.schedule_jobs', 'jobforge.retention', 'jobforge.erasures',
      'public.jobforge_connector_configs',
      'public.jobforge_webhook_receipts', 'jobforge.secrets', 'jobforge.closed_hosts']) as relation,
    (values ('insert', 'insert into %s default values'), ('delete', 'delete from %s'),
      ('truncate', 'truncate %s')) as o (operation, statement)
  union all
  select role, 'public.jobforge_jobs', 'update', 'update public.jobforge_jobs set ' || change
  from unnest('{anon,authenticated,service_role}'::text[]) as role,
    unnest(array['status = status', 'tenant_id = tenant_id', 'max_attempts = 1000',
      'run_at = run_at', 'payload = payload']) as change
  union all
  select role, relation, 'update', format('update %s set %s = %2$s', relation, col)
  from unnest('{anon,authenticated,service_role}'::text[]) as role,
    (values ('public.jobforge_queues', 'weight'), ('jobforge.unsuccessful_attempts', 'outcome'),
      ('public.jobforge_job_results', 'result'), ('public.jobforge_audit_log', 'subject'),
      ('jobforge.runs', 'state'), ('jobforge.settings', 'project_url'),
      ('jobforge.queue_tallies', 'total'), ('jobforge.wakeups', 'queue_id'),
      ('jobforge.idempotency_keys', 'job_id'), ('jobforge.job_types', 'timeout_ms'),
      ('public.jobforge_schedules', 'paused'), ('jobforge.audit_seals', 'digest'),
      ('jobforge.audit_chain', 'hash'), ('jobforge.occurrences', 'due_at'),
      ('jobforge.schedule_jobs', 'job_id'), ('jobforge.retention', 'resting_until'),
      ('jobforge.erasures', 'counts'),
      ('public.jobforge_connector_configs', 'config'),
      ('public.jobforge_connector_configs', 'secret_refs'),
      ('public.jobforge_connector_configs', 'enabled'),
      ('public.jobforge_webhook_receipts', 'job_id'), ('jobforge.secrets', 'vault_id'),
      ('jobforge.closed_hosts', 'closed_until'))
      as c (relation, col);

create function pg_temp.attempt(p_role text, p_statement text)
returns text
language plpgsql
as $$
begin
  perform tests.act(p_role, case p_role when 'authenticated' then jsonb_build_object(
    'role', 'authenticated', 'app_metadata', jsonb_build_object('tenant_id', tests.tenant('acme')))
    else jsonb_build_object('role', p_role) end::text);
  execute p_statement;
  return 'done';
exception when others then
  return sqlstate;
end
$$;
select is(pg_temp.attempt(role, statement), '42501', role || ': ' || statement) from attempts;

select * from finish();
rollback;
