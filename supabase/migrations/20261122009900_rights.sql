-- JobForge, chapter 18: rights. Default deny; every right stands here.
--
-- No API role, service_role included, may write any table: all changes go through functions that
-- check. The SECURITY DEFINER functions, each with the reason at its head, are listed with what
-- bounds them in ARCHITECTURE.md, and a test compares that list with the catalog.

revoke all on schema jobforge from public;
revoke all on all tables in schema jobforge from public, anon, authenticated, service_role;
revoke all on all sequences in schema jobforge from public, anon, authenticated, service_role;
revoke execute on all functions in schema jobforge from public, anon, authenticated, service_role;
revoke all on public.jobforge_queues, public.jobforge_jobs, public.jobforge_job_attempts,
  public.jobforge_job_results, public.jobforge_audit_log
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
  public.jobforge_doctor, public.jobforge_probe_worker
  from public, anon, authenticated, service_role;

-- Reading: tenants see their own rows, services all of them.
alter table public.jobforge_queues enable row level security;
alter table public.jobforge_jobs enable row level security;
alter table public.jobforge_job_attempts enable row level security;
alter table public.jobforge_job_results enable row level security;
alter table public.jobforge_audit_log enable row level security;
alter table jobforge.settings enable row level security;
alter table jobforge.runs enable row level security;
alter table jobforge.queue_tallies enable row level security;
alter table jobforge.wakeups enable row level security;
alter table jobforge.idempotency_keys enable row level security;
alter table jobforge.job_types enable row level security;

grant usage on schema jobforge to authenticated, service_role;
grant execute on function jobforge.tenant_ids, jobforge.caller_role, jobforge.claims
  to authenticated, service_role;
grant select on public.jobforge_queues, public.jobforge_jobs, public.jobforge_job_attempts,
  public.jobforge_job_results, public.jobforge_audit_log
  to authenticated, service_role;

create policy jobforge_queues_select_authenticated on public.jobforge_queues
  for select to authenticated using (tenant_id = any ((select jobforge.tenant_ids())::uuid[]));
create policy jobforge_jobs_select_authenticated on public.jobforge_jobs
  for select to authenticated using (tenant_id = any ((select jobforge.tenant_ids())::uuid[]));
create policy jobforge_job_attempts_select_authenticated on public.jobforge_job_attempts
  for select to authenticated using (tenant_id = any ((select jobforge.tenant_ids())::uuid[]));
create policy jobforge_job_results_select_authenticated on public.jobforge_job_results
  for select to authenticated using (tenant_id = any ((select jobforge.tenant_ids())::uuid[]));
create policy jobforge_audit_log_select_authenticated on public.jobforge_audit_log
  for select to authenticated using (tenant_id = any ((select jobforge.tenant_ids())::uuid[]));

-- Users and services.
grant execute on function
  jobforge.enqueue_job, public.jobforge_enqueue_job,
  jobforge.enqueue_jobs, public.jobforge_enqueue_jobs,
  jobforge.cancel_job, public.jobforge_cancel_job,
  jobforge.retry_job, public.jobforge_retry_job,
  jobforge.reschedule_job, public.jobforge_reschedule_job,
  jobforge.explain_job, public.jobforge_explain_job,
  jobforge.queue_stats, public.jobforge_queue_stats
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
  jobforge.probe_worker, public.jobforge_probe_worker
  to service_role;
