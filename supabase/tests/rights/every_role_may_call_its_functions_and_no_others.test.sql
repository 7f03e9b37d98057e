begin;
select plan(3);

-- Whom each function is for. A public function needs its name here; any other is for nobody.
create temp table kinds (kind, names) as values
  ('policies', array['jobforge.caller_role', 'jobforge.claims', 'jobforge.tenant_ids']),
  ('users', array['jobforge_enqueue_job', 'jobforge_enqueue_jobs', 'jobforge_cancel_job',
    'jobforge_retry_job', 'jobforge_reschedule_job', 'jobforge_explain_job',
    'jobforge_queue_stats', 'jobforge_set_secret', 'jobforge_rotate_secret',
    'jobforge_revoke_secret', 'jobforge_retry_jobs', 'jobforge_cancel_jobs',
    'jobforge_configure_schedule', 'jobforge_delete_schedule', 'jobforge_run_schedule',
    'jobforge_next_runs', 'jobforge_history', 'jobforge_overview', 'jobforge_list_jobs',
    'jobforge_list_queues']),
  ('services', array['jobforge_start_run', 'jobforge_settle_and_claim', 'jobforge_claim_jobs',
    'jobforge_complete_jobs', 'jobforge_heartbeat', 'jobforge_release_jobs', 'jobforge_finish_run',
    'jobforge_configure_queue', 'jobforge_setup', 'jobforge_dispatch', 'jobforge_configure_connector',
    'jobforge_delete_connector', 'jobforge_open_connector', 'jobforge_close_host',
    'jobforge_disable_connector', 'jobforge_webhook_endpoint', 'jobforge_receive_webhook',
    'jobforge_doctor', 'jobforge_probe_worker', 'jobforge_fill_calendar', 'jobforge_cleanup',
    'jobforge_configure_retention', 'jobforge_erase_tenant', 'jobforge_readmit_tenant',
    'jobforge_verify_audit', 'jobforge_metrics', 'jobforge_alerts', 'jobforge.list_alerts',
    'jobforge_configure_alert', 'jobforge_count_refusals']);

-- A public function calls the internal one of its name, with its caller's rights.
create temp table named as
  select kind, name
  from kinds, unnest(names) as public_name,
    unnest(array[public_name, replace(public_name, 'jobforge_', 'jobforge.')]) as name;
create temp table ours as
  select distinct p.oid, p.oid::regproc::text as name, coalesce(n.kind, 'nobody') as kind,
    format('select %s(%s)', p.oid::regproc, (
      select string_agg('null::' || format_type(t.type, null), ', ' order by t.n)
      from unnest(p.proargtypes) with ordinality as t (type, n))) as call
  from pg_proc as p
  left join named as n on n.name = p.oid::regproc::text
  where p.pronamespace = 'jobforge'::regnamespace
    or p.pronamespace = 'public'::regnamespace and p.proname like 'jobforge\_%';

select cmp_ok(
  (select count(*) from ours), '>=', 80::bigint, 'the functions are found');
select bag_eq(
  $$ select name from ours where name ~ '^jobforge_' $$,
  $$ select name from named where name ~ '^jobforge_' $$,
  'every public function stands in the list above');
select is_empty($$
  select actor, call, found
  from tests.actors as a
  cross join ours as o
  cross join lateral tests.attack(a.actor, o.call, o.oid) as r (found)
  where (found = 'denied') = (
    o.kind in ('users', 'policies') and a.role <> 'anon' and a.sees is not null
    or o.kind = 'services' and a.role = 'service_role')
$$, 'every role reaches its functions and is denied all others');

select * from finish();
rollback;
