-- Maintenance: tasks that run beside dispatching. Each is bounded, and none stops another.

create function jobforge.perform_maintenance_tasks(p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  begin
    perform jobforge.roll_up(p_now);
  exception when others then
    raise warning 'jobforge: folding failed with %', sqlstate;
  end;
  begin
    perform jobforge.fire_schedules(p_now, 1000);
  exception when others then
    raise warning 'jobforge: schedules failed with %', sqlstate;
  end;
  begin
    perform jobforge.request_refills(p_now);
  exception when others then
    raise warning 'jobforge: asking for occurrences failed with %', sqlstate;
  end;
  begin
    perform jobforge.continue_erasures(1000);
  exception when others then
    raise warning 'jobforge: an erasure failed with %', sqlstate;
  end;
  begin
    perform jobforge.delete_expired_jobs(p_now, 2000);
  exception when others then
    raise warning 'jobforge: retention failed with %', sqlstate;
  end;
  begin
    perform jobforge.evaluate_alerts(p_now);
  exception when others then
    raise warning 'jobforge: watching failed with %', sqlstate;
  end;
  begin
    perform jobforge.seal_audit(2000);
  exception when others then
    raise warning 'jobforge: sealing the audit log failed with %', sqlstate;
  end;
end
$$;
comment on function jobforge.perform_maintenance_tasks(timestamptz) is
  'Metrics, alerts, schedules, calendar, erasures, retention and the seals of the audit log.';

create function jobforge.maintain()
returns void
language plpgsql
security definer -- prunes internal tables and the history of our own cron jobs
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
  delete from jobforge.idempotency_keys as k using expired as e
  where k.tenant_id = e.tenant_id and k.type = e.type and k.key = e.key;
  delete from jobforge.runs as r
  where r.id in (
    select e.id from jobforge.runs as e
    where e.state not in ('pending', 'live') and e.ended_at < v_now - interval '7 days'
    limit 10000);
  perform jobforge.prune_connectors(v_now);
  delete from cron.job_run_details as d
  where d.end_time < v_now - interval '1 day'
    and d.jobid in (select j.jobid from cron.job as j where j.jobname like 'jobforge-%');
end
$$;
comment on function jobforge.maintain() is
  'Database: expired idempotency keys, receipts and secrets, runs older than a week, a day of '
  'our cron history.';
