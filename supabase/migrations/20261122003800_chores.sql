-- JobForge, chapter 38: chores of the tick.
-- What the tick does beside dispatching: each bounded, each on its own, so that none stops another.

create function jobforge.run_chores(p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  begin
    perform jobforge.fold(p_now);
  exception when others then
    raise warning 'jobforge: folding failed with %', sqlstate;
  end;
  begin
    perform jobforge.fire_schedules(p_now, 1000);
  exception when others then
    raise warning 'jobforge: schedules failed with %', sqlstate;
  end;
  begin
    perform jobforge.ask_for_refills(p_now);
  exception when others then
    raise warning 'jobforge: asking for occurrences failed with %', sqlstate;
  end;
  begin
    perform jobforge.continue_erasures(1000);
  exception when others then
    raise warning 'jobforge: an erasure failed with %', sqlstate;
  end;
  begin
    perform jobforge.retain(p_now, 2000);
  exception when others then
    raise warning 'jobforge: retention failed with %', sqlstate;
  end;
  begin
    perform jobforge.watch(p_now);
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
comment on function jobforge.run_chores(timestamptz) is
  'Metrics, alerts, schedules, calendar, erasures, retention and the seals of the audit log.';
