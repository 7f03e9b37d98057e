begin;
select plan(1);

select bag_eq($$
  select n.nspname || '.' || p.proname
  from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
  where (n.nspname = 'jobforge' or n.nspname = 'public' and p.proname like 'jobforge\_%')
    and has_function_privilege('authenticated', p.oid, 'execute')
$$, array[
  'jobforge.caller_role', 'jobforge.claims', 'jobforge.tenant_ids',
  'jobforge.cancel_job', 'public.jobforge_cancel_job',
  'jobforge.configure_schedule', 'public.jobforge_configure_schedule',
  'jobforge.delete_schedule', 'public.jobforge_delete_schedule',
  'jobforge.run_schedule', 'public.jobforge_run_schedule',
  'jobforge.next_runs', 'public.jobforge_next_runs',
  'jobforge.retry_jobs', 'public.jobforge_retry_jobs',
  'jobforge.cancel_jobs', 'public.jobforge_cancel_jobs',
  'jobforge.history', 'public.jobforge_history',
  'jobforge.overview', 'public.jobforge_overview',
  'jobforge.enqueue_job', 'public.jobforge_enqueue_job',
  'jobforge.enqueue_jobs', 'public.jobforge_enqueue_jobs',
  'jobforge.explain_job', 'public.jobforge_explain_job',
  'jobforge.queue_stats', 'public.jobforge_queue_stats',
  'jobforge.list_jobs', 'public.jobforge_list_jobs',
  'jobforge.list_queues', 'public.jobforge_list_queues',
  'jobforge.revoke_secret', 'public.jobforge_revoke_secret',
  'jobforge.rotate_secret', 'public.jobforge_rotate_secret',
  'jobforge.set_secret', 'public.jobforge_set_secret',
  'jobforge.reschedule_job', 'public.jobforge_reschedule_job',
  'jobforge.retry_job', 'public.jobforge_retry_job'],
  'and no others');

select * from finish();
rollback;
