-- Evaluate alerts once a minute, each rule in a block of its own. The error of one stops no other.

create function jobforge.evaluate_rule(p_rule jobforge.alert_rules, p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_readings jobforge.reading[];
begin
  -- The highest value per subject. Open alerts come first, so that many new ones close none.
  select array_agg(chosen.reading) into v_readings
  from (
    select row(highest.subject, highest.tenant_id, highest.value, highest.message)::jobforge.reading
      as reading
    from (
      select distinct on (reading.subject) reading.*
      from jobforge.readings(p_rule, p_now) as reading
      where reading.value >= p_rule.threshold
      order by reading.subject, reading.value desc
    ) as highest
    left join jobforge.alerts
      on alerts.rule = p_rule.rule and alerts.subject = highest.subject
        and alerts.closed_at is null
    order by alerts.id is null, highest.value desc
    limit 100
  ) as chosen;
  update jobforge.alerts
  set clear_count = 0, seen_at = p_now, value = reading.value, message = reading.message
  from unnest(v_readings) as reading
  where alerts.rule = p_rule.rule and alerts.subject = reading.subject
    and alerts.closed_at is null;
  insert into jobforge.alerts
    (rule, subject, tenant_id, severity, message, value, threshold, opened_at, seen_at)
  select p_rule.rule, reading.subject, reading.tenant_id, p_rule.severity, reading.message,
    reading.value, p_rule.threshold, p_now, p_now
  from unnest(v_readings) as reading
  where p_rule.enabled
  on conflict (rule, subject) where closed_at is null do nothing;
  update jobforge.alerts
  set clear_count = clear_count + 1,
    closed_at = case when clear_count >= 2 or not p_rule.enabled then p_now end
  where rule = p_rule.rule and closed_at is null
    and (seen_at < p_now or not p_rule.enabled);
end
$$;
comment on function jobforge.evaluate_rule(jobforge.alert_rules, timestamptz) is
  'Opens alerts at the threshold. Closes alerts after three evaluations in a row below it.';

create function jobforge.evaluate_alerts(p_now timestamptz)
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_rule jobforge.alert_rules;
  v_error text;
  v_unsent text;
begin
  perform from jobforge.roll_up_progress
  where id and alerts_evaluated_at not between p_now - interval '55 seconds' and p_now
  for no key update skip locked;
  if not found then
    return null;
  end if;
  update jobforge.roll_up_progress set alerts_evaluated_at = p_now where id;
  perform jobforge.observe_volumes(p_now);
  perform jobforge.observe_schedules(p_now);
  for v_rule in select * from jobforge.alert_rules order by rule loop
    begin
      perform jobforge.evaluate_rule(v_rule, p_now);
    exception when others then
      v_error := coalesce(v_error,
        format('rule %s: %s', v_rule.rule, jobforge.short_error(sqlstate, sqlerrm)));
    end;
  end loop;
  begin
    v_unsent := jobforge.send_notifications(p_now);
  exception when others then
    v_unsent := jobforge.short_error(sqlstate, sqlerrm);
  end;
  return coalesce(v_error, 'notifications: ' || v_unsent);
end
$$;
comment on function jobforge.evaluate_alerts(timestamptz) is
  'Once a minute: evaluates the rules, sends notifications. Returns the first error, which stops '
  'nothing else.';
