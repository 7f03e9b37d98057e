-- Evaluate alerts: once a minute, each rule in a block of its own, so that none stops another.

create function jobforge.evaluate_rule(p_rule jobforge.alert_rules, p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_readings jobforge.reading[];
begin
  -- Per subject the worst; those that are open first, so that a crowd of new ones closes none.
  select array_agg(w.reading) into v_readings
  from (
    select row(f.subject, f.tenant_id, f.value, f.message)::jobforge.reading as reading
    from (
      select distinct on (f.subject) f.* from jobforge.readings(p_rule, p_now) as f
      where f.value >= p_rule.threshold
      order by f.subject, f.value desc
    ) as f
    left join jobforge.alerts as a
      on a.rule = p_rule.rule and a.subject = f.subject and a.closed_at is null
    order by a.id is null, f.value desc
    limit 100
  ) as w;
  update jobforge.alerts as a
  set clear_count = 0, seen_at = p_now, value = f.value, message = f.message
  from unnest(v_readings) as f
  where a.rule = p_rule.rule and a.subject = f.subject and a.closed_at is null;
  insert into jobforge.alerts
    (rule, subject, tenant_id, severity, message, value, threshold, opened_at, seen_at)
  select p_rule.rule, f.subject, f.tenant_id, p_rule.severity, f.message, f.value,
    p_rule.threshold, p_now, p_now
  from unnest(v_readings) as f
  where p_rule.enabled
  on conflict (rule, subject) where closed_at is null do nothing;
  update jobforge.alerts as a
  set clear_count = a.clear_count + 1,
    closed_at = case when a.clear_count >= 2 or not p_rule.enabled then p_now end
  where a.rule = p_rule.rule and a.closed_at is null
    and (a.seen_at < p_now or not p_rule.enabled);
end
$$;
comment on function jobforge.evaluate_rule(jobforge.alert_rules, timestamptz) is
  'Opens alerts at the threshold, and closes those that three evaluations in a row found below it.';

create function jobforge.evaluate_alerts(p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_rule jobforge.alert_rules;
begin
  perform from jobforge.roll_up_progress as f
  where f.id and f.alerts_evaluated_at <= p_now - interval '55 seconds'
  for no key update skip locked;
  if not found then
    return;
  end if;
  update jobforge.roll_up_progress as f set alerts_evaluated_at = p_now where f.id;
  perform jobforge.observe_volumes(p_now);
  perform jobforge.observe_schedules(p_now);
  for v_rule in select r.* from jobforge.alert_rules as r order by r.rule loop
    begin
      perform jobforge.evaluate_rule(v_rule, p_now);
    exception when others then
      raise warning 'jobforge: the rule % failed with %', v_rule.rule, sqlstate;
    end;
  end loop;
  begin
    perform jobforge.send_notifications(p_now);
  exception when others then
    raise warning 'jobforge: notices failed with %', sqlstate;
  end;
  delete from jobforge.alerts as a where a.closed_at < p_now - interval '30 days';
  delete from jobforge.webhook_refusals as r where r.at < p_now - interval '1 day';
  delete from jobforge.enqueue_volumes as v
  where not exists (select from public.jobforge_queues as q where q.id = v.queue_id);
end
$$;
comment on function jobforge.evaluate_alerts(timestamptz) is
  'Once a minute: evaluates the rules, sends notices, forgets alerts closed 30 days ago.';
