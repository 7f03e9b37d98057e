begin;
select plan(1);

select bag_eq($$
  select n.nspname || '.' || p.proname
  from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
  where (n.nspname = 'jobforge' or n.nspname = 'public' and p.proname like 'jobforge\_%')
    and has_function_privilege('service_role', p.oid, 'execute')
$$, array[
  'jobforge.caller_role', 'jobforge.claims', 'jobforge.tenant_ids',
  'jobforge.cancel_job', 'public.jobforge_cancel_job',
  'jobforge.configure_schedule', 'public.jobforge_configure_schedule',
  'jobforge.delete_schedule', 'public.jobforge_delete_schedule',
  'jobforge.run_schedule', 'public.jobforge_run_schedule',
  'jobforge.next_runs', 'public.jobforge_next_runs',
  'jobforge.retry_jobs', 'public.jobforge_retry_jobs',
  'jobforge.cancel_jobs', 'public.jobforge_cancel_jobs',
  'jobforge.fill_calendar', 'public.jobforge_fill_calendar',
  'jobforge.cleanup', 'public.jobforge_cleanup',
  'jobforge.configure_retention', 'public.jobforge_configure_retention',
  'jobforge.erase_tenant', 'public.jobforge_erase_tenant',
  'jobforge.readmit_tenant', 'public.jobforge_readmit_tenant',
  'jobforge.verify_audit', 'public.jobforge_verify_audit',
  'jobforge.revoke_secret', 'public.jobforge_revoke_secret',
  'jobforge.rotate_secret', 'public.jobforge_rotate_secret',
  'jobforge.set_secret', 'public.jobforge_set_secret',
  'jobforge.close_host', 'public.jobforge_close_host',
  'jobforge.configure_connector', 'public.jobforge_configure_connector',
  'jobforge.delete_connector', 'public.jobforge_delete_connector',
  'jobforge.disable_connector', 'public.jobforge_disable_connector',
  'jobforge.open_connector', 'public.jobforge_open_connector',
  'jobforge.receive_webhook', 'public.jobforge_receive_webhook',
  'jobforge.webhook_endpoint', 'public.jobforge_webhook_endpoint',
  'jobforge.configure_queue', 'public.jobforge_configure_queue',
  'jobforge.dispatch', 'public.jobforge_dispatch',
  'jobforge.metrics', 'public.jobforge_metrics',
  'jobforge.list_alerts', 'public.jobforge_alerts',
  'jobforge.configure_alert', 'public.jobforge_configure_alert',
  'jobforge.count_refusals', 'public.jobforge_count_refusals',
  'jobforge.history', 'public.jobforge_history',
  'jobforge.overview', 'public.jobforge_overview',
  'jobforge.doctor', 'public.jobforge_doctor',
  'jobforge.probe_worker', 'public.jobforge_probe_worker',
  'jobforge.enqueue_job', 'public.jobforge_enqueue_job',
  'jobforge.enqueue_jobs', 'public.jobforge_enqueue_jobs',
  'jobforge.explain_job', 'public.jobforge_explain_job',
  'jobforge.finish_run', 'public.jobforge_finish_run',
  'jobforge.heartbeat', 'public.jobforge_heartbeat',
  'jobforge.queue_stats', 'public.jobforge_queue_stats',
  'jobforge.list_jobs', 'public.jobforge_list_jobs',
  'jobforge.list_queues', 'public.jobforge_list_queues',
  'jobforge.release_jobs', 'public.jobforge_release_jobs',
  'jobforge.reschedule_job', 'public.jobforge_reschedule_job',
  'jobforge.retry_job', 'public.jobforge_retry_job',
  'jobforge.settle_and_claim', 'public.jobforge_settle_and_claim',
  'public.jobforge_claim_jobs', 'public.jobforge_complete_jobs',
  'jobforge.setup', 'public.jobforge_setup',
  'jobforge.start_run', 'public.jobforge_start_run'],
  'and no others');

select * from finish();
rollback;
