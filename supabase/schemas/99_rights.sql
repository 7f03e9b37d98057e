-- HEADER

revoke all on schema jobforge from public;
revoke all on all tables in schema jobforge from public, anon, authenticated, service_role;
revoke all on all sequences in schema jobforge from public, anon, authenticated, service_role;
revoke execute on all functions in schema jobforge from public, anon, authenticated, service_role;
revoke all on public.jobforge_queues, public.jobforge_jobs, public.jobforge_job_attempts,
  public.jobforge_job_results, public.jobforge_audit_log, public.jobforge_connector_configs,
  public.jobforge_webhook_receipts, public.jobforge_schedules
  from public, anon, authenticated, service_role;
revoke all on sequence public.jobforge_queues_id_seq, public.jobforge_audit_log_id_seq
  from public, anon, authenticated, service_role;

revoke execute on function
  public.jobforge_enqueue_job, public.jobforge_enqueue_jobs, public.jobforge_cancel_job,
  public.jobforge_retry_job, public.jobforge_reschedule_job, public.jobforge_explain_job,
  public.jobforge_queue_stats, public.jobforge_configure_queue, public.jobforge_setup,
  public.jobforge_dispatch, public.jobforge_start_run, public.jobforge_settle_and_claim,
  public.jobforge_claim_jobs, public.jobforge_complete_jobs, public.jobforge_heartbeat,
  public.jobforge_release_jobs, public.jobforge_finish_run,
  public.jobforge_doctor, public.jobforge_probe_worker,
  public.jobforge_configure_schedule, public.jobforge_delete_schedule,
  public.jobforge_run_schedule, public.jobforge_next_runs, public.jobforge_retry_jobs,
  public.jobforge_cancel_jobs, public.jobforge_fill_calendar, public.jobforge_cleanup,
  public.jobforge_configure_retention, public.jobforge_erase_tenant,
  public.jobforge_readmit_tenant, public.jobforge_verify_audit,
  public.jobforge_list_jobs, public.jobforge_list_queues,
  public.jobforge_configure_connector, public.jobforge_delete_connector,
  public.jobforge_set_secret, public.jobforge_rotate_secret, public.jobforge_revoke_secret,
  public.jobforge_open_connector, public.jobforge_close_host, public.jobforge_disable_connector,
  public.jobforge_webhook_endpoint, public.jobforge_receive_webhook,
  public.jobforge_metrics, public.jobforge_history, public.jobforge_overview,
  public.jobforge_alerts, public.jobforge_configure_alert, public.jobforge_count_refusals
  from public, anon, authenticated, service_role;

-- Reading: tenants see their own rows, services all of them.
alter table public.jobforge_queues enable row level security;
alter table public.jobforge_jobs enable row level security;
alter table jobforge.unsuccessful_attempts enable row level security;
alter table public.jobforge_job_results enable row level security;
alter table public.jobforge_audit_log enable row level security;
alter table public.jobforge_schedules enable row level security;
alter table jobforge.settings enable row level security;
alter table jobforge.runs enable row level security;
alter table jobforge.queue_tallies enable row level security;
alter table jobforge.wakeups enable row level security;
alter table jobforge.idempotency_keys enable row level security;
alter table jobforge.job_types enable row level security;
alter table jobforge.audit_seals enable row level security;
alter table jobforge.audit_chain enable row level security;
alter table jobforge.occurrences enable row level security;
alter table jobforge.schedule_jobs enable row level security;
alter table jobforge.retention enable row level security;
alter table jobforge.erasures enable row level security;
alter table public.jobforge_connector_configs enable row level security;
alter table public.jobforge_webhook_receipts enable row level security;
alter table jobforge.secrets enable row level security;
alter table jobforge.closed_hosts enable row level security;
alter table jobforge.settled enable row level security;
alter table jobforge.type_totals enable row level security;
alter table jobforge.minutes enable row level security;
alter table jobforge.folding enable row level security;
alter table jobforge.alert_rules enable row level security;
alter table jobforge.alerts enable row level security;
alter table jobforge.webhook_refusals enable row level security;
alter table jobforge.enqueue_volumes enable row level security;
alter table jobforge.schedule_misses enable row level security;

grant usage on schema jobforge to authenticated, service_role;
grant execute on function jobforge.tenant_ids, jobforge.caller_role, jobforge.claims
  to authenticated, service_role;
grant select on public.jobforge_queues, public.jobforge_jobs, public.jobforge_job_attempts,
  public.jobforge_job_results, public.jobforge_audit_log, jobforge.unsuccessful_attempts,
  public.jobforge_schedules
  to authenticated, service_role;
grant select on public.jobforge_webhook_receipts to authenticated, service_role;
-- Without secret_refs.
grant select (tenant_id, id, connector, name, config, enabled, disabled_reason, created_at,
  updated_at)
  on public.jobforge_connector_configs to authenticated;
grant select on public.jobforge_connector_configs to service_role;

create policy jobforge_queues_select_authenticated on public.jobforge_queues
  for select to authenticated using (tenant_id = any ((select jobforge.tenant_ids())::uuid[]));
create policy jobforge_jobs_select_authenticated on public.jobforge_jobs
  for select to authenticated using (tenant_id = any ((select jobforge.tenant_ids())::uuid[]));
create policy unsuccessful_attempts_select_authenticated on jobforge.unsuccessful_attempts
  for select to authenticated using (tenant_id = any ((select jobforge.tenant_ids())::uuid[]));
create policy jobforge_job_results_select_authenticated on public.jobforge_job_results
  for select to authenticated using (tenant_id = any ((select jobforge.tenant_ids())::uuid[]));
create policy jobforge_audit_log_select_authenticated on public.jobforge_audit_log
  for select to authenticated using (tenant_id = any ((select jobforge.tenant_ids())::uuid[]));
create policy jobforge_schedules_select_authenticated on public.jobforge_schedules
  for select to authenticated using (tenant_id = any ((select jobforge.tenant_ids())::uuid[]));
create policy jobforge_connector_configs_select_authenticated on public.jobforge_connector_configs
  for select to authenticated using (tenant_id = any ((select jobforge.tenant_ids())::uuid[]));
create policy jobforge_webhook_receipts_select_authenticated on public.jobforge_webhook_receipts
  for select to authenticated using (tenant_id = any ((select jobforge.tenant_ids())::uuid[]));

-- Users and services.
grant execute on function
  jobforge.enqueue_job, public.jobforge_enqueue_job,
  jobforge.enqueue_jobs, public.jobforge_enqueue_jobs,
  jobforge.cancel_job, public.jobforge_cancel_job,
  jobforge.retry_job, public.jobforge_retry_job,
  jobforge.reschedule_job, public.jobforge_reschedule_job,
  jobforge.explain_job, public.jobforge_explain_job,
  jobforge.queue_stats, public.jobforge_queue_stats,
  jobforge.list_jobs, public.jobforge_list_jobs,
  jobforge.list_queues, public.jobforge_list_queues,
  jobforge.history, public.jobforge_history,
  jobforge.overview, public.jobforge_overview,
  jobforge.configure_schedule, public.jobforge_configure_schedule,
  jobforge.delete_schedule, public.jobforge_delete_schedule,
  jobforge.run_schedule, public.jobforge_run_schedule,
  jobforge.next_runs, public.jobforge_next_runs,
  jobforge.retry_jobs, public.jobforge_retry_jobs,
  jobforge.cancel_jobs, public.jobforge_cancel_jobs,
  jobforge.set_secret, public.jobforge_set_secret,
  jobforge.rotate_secret, public.jobforge_rotate_secret,
  jobforge.revoke_secret, public.jobforge_revoke_secret
  to authenticated, service_role;

-- Services only: workers and operators.
grant execute on function
  jobforge.start_run, public.jobforge_start_run,
  jobforge.settle_and_claim, public.jobforge_settle_and_claim,
  public.jobforge_claim_jobs, public.jobforge_complete_jobs,
  jobforge.heartbeat, public.jobforge_heartbeat,
  jobforge.release_jobs, public.jobforge_release_jobs,
  jobforge.finish_run, public.jobforge_finish_run,
  jobforge.configure_queue, public.jobforge_configure_queue,
  jobforge.setup, public.jobforge_setup,
  jobforge.dispatch, public.jobforge_dispatch,
  jobforge.doctor, public.jobforge_doctor,
  jobforge.probe_worker, public.jobforge_probe_worker,
  jobforge.fill_calendar, public.jobforge_fill_calendar,
  jobforge.cleanup, public.jobforge_cleanup,
  jobforge.configure_retention, public.jobforge_configure_retention,
  jobforge.erase_tenant, public.jobforge_erase_tenant,
  jobforge.readmit_tenant, public.jobforge_readmit_tenant,
  jobforge.verify_audit, public.jobforge_verify_audit,
  jobforge.configure_connector, public.jobforge_configure_connector,
  jobforge.delete_connector, public.jobforge_delete_connector,
  jobforge.open_connector, public.jobforge_open_connector,
  jobforge.close_host, public.jobforge_close_host,
  jobforge.disable_connector, public.jobforge_disable_connector,
  jobforge.webhook_endpoint, public.jobforge_webhook_endpoint,
  jobforge.receive_webhook, public.jobforge_receive_webhook,
  jobforge.metrics, public.jobforge_metrics,
  jobforge.list_alerts, public.jobforge_alerts,
  jobforge.configure_alert, public.jobforge_configure_alert,
  jobforge.count_refusals, public.jobforge_count_refusals
  to service_role;
