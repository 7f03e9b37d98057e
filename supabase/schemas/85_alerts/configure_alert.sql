-- Configure an alert rule, or where notifications go.

create function jobforge.configure_delivery(p_settings jsonb)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant_id uuid;
  v_destination text := coalesce(p_settings ->> 'destination', 'default');
begin
  v_tenant_id := (p_settings ->> 'tenant_id')::uuid;
  if v_tenant_id is not null then
    perform jobforge.refuse_erased(v_tenant_id);
    if not exists (
      select from public.jobforge_connector_configs
      where tenant_id = v_tenant_id and connector = 'connector.webhook.deliver'
        and name = v_destination)
    then
      perform jobforge.fail('not_found', 'the tenant has no such connector.webhook.deliver');
    end if;
  elsif p_settings ->> 'destination' is not null then
    -- It would stop the notifications without a word.
    perform jobforge.fail('invalid_argument',
      'p_settings must have the tenant_id of the destination, or be {} to stop notifications');
  end if;
  update jobforge.settings
  set alert_tenant_id = v_tenant_id,
    alert_destination = case when v_tenant_id is not null then v_destination end
  where id;
exception when invalid_text_representation then
  perform jobforge.fail('invalid_argument', 'tenant_id must be a uuid');
end
$$;
comment on function jobforge.configure_delivery(jsonb) is
  'Stores which webhook destination of which tenant receives notifications. {} stops them.';

create function jobforge.rule_schema()
returns jsonb
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select '{"type": "object", "required": [], "keys": {
    "enabled": {"type": "boolean"},
    "severity": {"type": "string", "like": "^(?:info|warning|critical)$",
      "must": "be info, warning or critical"},
    "threshold": {"type": "number", "decimals": true, "min": 0.000001, "max": 1000000000000},
    "window_seconds": {"type": "number", "min": 60, "max": 86400},
    "minimum": {"type": "number", "min": 0, "max": 2147483647}}}'::jsonb
$$;
comment on function jobforge.rule_schema() is 'The schema of the settings of an alert rule.';

create function jobforge.change_rule(p_rule text, p_settings jsonb)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_problem constant text :=
    jobforge.validation_error('p_settings', p_settings, jobforge.rule_schema());
  v_rule jobforge.alert_rules;
begin
  if v_problem is not null then
    perform jobforge.fail('invalid_argument', v_problem);
  end if;
  select (jsonb_populate_record(alert_rules, p_settings)).* into v_rule
  from jobforge.alert_rules where rule = p_rule for no key update;
  if not found then
    perform jobforge.fail('not_found', 'no such rule');
  end if;
  update jobforge.alert_rules
  set enabled = v_rule.enabled, severity = v_rule.severity, threshold = v_rule.threshold,
    window_seconds = v_rule.window_seconds, minimum = v_rule.minimum
  where rule = p_rule;
  return to_jsonb(v_rule);
end
$$;
comment on function jobforge.change_rule(text, jsonb) is
  'Changes settings of a rule and returns all its settings.';

create function jobforge.configure_alert(p_rule text, p_settings jsonb)
returns jsonb
language plpgsql
security definer -- operators: thresholds, and where notifications go
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
declare
  v_known constant text[] := case when p_rule = 'delivery' then '{tenant_id,destination}'::text[]
    else '{enabled,severity,threshold,window_seconds,minimum}'::text[] end;
  v_unknown text;
  v_before jsonb;
  v_after jsonb;
begin
  perform jobforge.require_service();
  if jobforge.jsonb_fits(p_settings, 4096) is not true or jsonb_typeof(p_settings) <> 'object' then
    perform jobforge.fail('invalid_argument', 'p_settings must be an object of at most 4096 bytes');
  end if;
  select min(setting) into v_unknown
  from jsonb_object_keys(p_settings) as setting where setting <> all (v_known);
  if v_unknown is not null then
    perform jobforge.fail('invalid_argument', format('p_settings: unknown setting %s; there are %s',
      jobforge.quote(v_unknown), array_to_string(v_known, ', ')));
  end if;
  if p_rule = 'delivery' then
    select jsonb_build_object('tenant_id', alert_tenant_id, 'destination', alert_destination)
    into v_before from jobforge.settings;
    perform jobforge.configure_delivery(p_settings);
    select jsonb_build_object('tenant_id', alert_tenant_id, 'destination', alert_destination)
    into v_after from jobforge.settings;
  else
    v_before := jobforge.change_rule(p_rule, '{}');
    v_after := jobforge.change_rule(p_rule, p_settings);
  end if;
  if v_after is distinct from v_before then
    perform jobforge.audit_change('configure_alert', null, p_rule, v_before, v_after);
  end if;
  return v_after;
exception when lock_not_available then
  perform jobforge.fail('busy', 'another transaction is changing these settings: try again');
  return null;
end
$$;
comment on function jobforge.configure_alert(text, jsonb) is
  'Operators: changes settings of a rule. For delivery, sets where notifications go. Returns all '
  'settings of the rule or of delivery.';

create function public.jobforge_configure_alert(p_rule text, p_settings jsonb)
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select jobforge.configure_alert(p_rule, p_settings) $$;
comment on function public.jobforge_configure_alert(text, jsonb) is
  'Operators: changes settings of a rule. For delivery, sets the tenant and the webhook '
  'destination of notifications.';
