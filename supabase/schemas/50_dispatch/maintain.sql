-- Maintain: once an hour, delete what is no longer needed.

create function jobforge.maintain()
returns void
language plpgsql
security definer -- prunes internal tables and the history of JobForge's cron jobs
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
begin
  perform jobforge.require_service();
  with expired as materialized (
    select k.tenant_id, k.type, k.key from jobforge.idempotency_keys as k
    where k.expires_at < v_now limit 10000 for update skip locked
  )
  delete from jobforge.idempotency_keys as k using expired
  where k.tenant_id = expired.tenant_id and k.type = expired.type and k.key = expired.key;
  delete from jobforge.runs as r
  where r.id in (
    select r_old.id from jobforge.runs as r_old
    where r_old.state not in ('pending', 'live') and r_old.ended_at < v_now - interval '7 days'
    limit 10000);
  perform jobforge.prune_connectors(v_now);
  delete from cron.job_run_details
  where job_run_details.end_time < v_now - interval '1 day'
    and job_run_details.jobid in (
      select job.jobid from cron.job where job.jobname like 'jobforge-%');
end
$$;
comment on function jobforge.maintain() is
  'Database: deletes expired idempotency keys, received webhooks and secrets, runs older than a '
  'week, and JobForge''s cron history older than a day.';
