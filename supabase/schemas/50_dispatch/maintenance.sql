-- Maintenance tasks: the dispatcher performs them. Each is bounded, and none stops another.

create function jobforge.perform_maintenance_tasks(p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  begin
    perform jobforge.roll_up(p_now);
  exception when others then
    raise warning 'jobforge: rolling up metrics failed with %', sqlstate;
  end;
  begin
    perform jobforge.fire_schedules(p_now, 1000);
  exception when others then
    raise warning 'jobforge: schedules failed with %', sqlstate;
  end;
  begin
    perform jobforge.request_refills(p_now);
  exception when others then
    raise warning 'jobforge: requesting occurrences failed with %', sqlstate;
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
    raise warning 'jobforge: evaluating alerts failed with %', sqlstate;
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
