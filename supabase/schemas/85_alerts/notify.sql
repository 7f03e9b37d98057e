-- Alert notifications.
--
-- A notification is a webhook delivery: a job like any other, signed and retried. Its idempotency
-- key prevents a second one.

create function jobforge.notify_operator(p_alert jobforge.alerts, p_settings jobforge.settings)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_event constant text := case when p_alert.closed_at is null then 'opened' else 'closed' end;
begin
  perform jobforge.enqueue(p_settings.alert_tenant_id, array[row(
    'connector.webhook.deliver',
    jsonb_build_object('destination', p_settings.alert_destination,
      'event_type', 'jobforge.alert.' || v_event,
      'data', jsonb_build_object('id', p_alert.id, 'rule', p_alert.rule,
        'subject', p_alert.subject, 'tenant_id', p_alert.tenant_id,
        'severity', p_alert.severity, 'message', p_alert.message, 'value', p_alert.value,
        'threshold', p_alert.threshold, 'opened_at', p_alert.opened_at,
        'closed_at', p_alert.closed_at)),
    format('jobforge alert %s %s', p_alert.id, v_event),
    null, null, null, null, null, null, null)::jobforge.new_job]);
end
$$;
comment on function jobforge.notify_operator(jobforge.alerts, jobforge.settings) is
  'Enqueues the notification of an alert that opened or closed.';

create function jobforge.send_notifications(p_now timestamptz)
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '200ms'
as $$
declare
  v_settings jobforge.settings;
  v_alert jobforge.alerts;
  v_sent int := 0;
  v_error text;
begin
  select * into v_settings from jobforge.settings;
  if v_settings.alert_tenant_id is null then
    return null;
  end if;
  -- A closing is sent only after its opening was. An alert that closed unsent needs neither.
  for v_alert in
    select * from jobforge.alerts where closed_at is null and notified_at is null
    union all
    select * from jobforge.alerts
    where closed_at > p_now - interval '1 day' and notified_at is not null
      and recovery_notified_at is null
    order by id
    limit 1000
  loop
    exit when v_sent >= 20;
    begin
      perform jobforge.notify_operator(v_alert, v_settings);
      update jobforge.alerts
      set notified_at = coalesce(notified_at, p_now),
        recovery_notified_at = case when closed_at is not null then p_now end
      where id = v_alert.id;
      v_sent := v_sent + 1;
    exception when others then
      -- For example the key of this one is that of another job. The others are sent.
      v_error := coalesce(v_error, jobforge.short_error(sqlstate, sqlerrm));
      -- A transaction that holds one key may hold many, and each would be waited for.
      exit when sqlstate in ('55P03', 'PT409');
    end;
  end loop;
  return v_error;
end
$$;
comment on function jobforge.send_notifications(timestamptz) is
  'Notifies the operator of alerts that opened or closed, at most 20 a minute. Returns the first '
  'error, which stops no other notification.';
