begin;
select plan(1);

-- The ledger in ARCHITECTURE.md gives for each the reason and what bounds it.
select bag_eq($$
  select n.nspname || '.' || p.proname
  from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
  where (n.nspname = 'jobforge' or n.nspname = 'public' and p.proname like 'jobforge\_%')
    and p.prosecdef
$$, array[
  'jobforge.cancel_job', 'jobforge.cancel_jobs', 'jobforge.cleanup',
  'jobforge.configure_retention', 'jobforge.configure_schedule', 'jobforge.delete_schedule',
  'jobforge.erase_tenant', 'jobforge.fill_calendar', 'jobforge.next_runs',
  'jobforge.readmit_tenant', 'jobforge.retry_jobs', 'jobforge.run_schedule',
  'jobforge.configure_alert', 'jobforge.count_refusals', 'jobforge.history', 'jobforge.list_alerts', 'jobforge.metrics',
  'jobforge.overview', 'jobforge.verify_audit', 'jobforge.close_host', 'jobforge.configure_connector',
  'jobforge.configure_queue', 'jobforge.delete_connector', 'jobforge.disable_connector',
  'jobforge.dispatch', 'jobforge.doctor', 'jobforge.enqueue_job', 'jobforge.enqueue_jobs',
  'jobforge.explain_job', 'jobforge.finish_run', 'jobforge.heartbeat', 'jobforge.list_jobs', 'jobforge.list_queues', 'jobforge.maintain',
  'jobforge.open_connector', 'jobforge.probe_worker', 'jobforge.queue_stats',
  'jobforge.receive_webhook', 'jobforge.release_jobs', 'jobforge.reschedule_job',
  'jobforge.retry_job', 'jobforge.revoke_secret', 'jobforge.rotate_secret', 'jobforge.set_secret',
  'jobforge.settle_and_claim', 'jobforge.setup', 'jobforge.start_run', 'jobforge.wake_at_commit',
  'jobforge.webhook_endpoint'],
  'security definer, and no others');

select * from finish();
rollback;
