-- JobForge, chapter 44: alerts.
--
-- A rule finds subjects that are in trouble; an alert is one subject's trouble from its opening to
-- its closing. It opens once, and closes after the value stayed clear of the threshold for a while.

create table jobforge.alert_rules (
  rule text primary key,
  enabled boolean not null default true,
  severity text not null,
  threshold double precision not null,
  clear_below double precision not null,
  window_seconds int not null default 600,
  minimum int not null default 0,
  constraint severity_is_known check (severity in ('info', 'warning', 'critical')),
  constraint clears_below_its_threshold check (clear_below <= threshold and clear_below >= 0),
  constraint threshold_positive check (threshold > 0),
  constraint window_in_range check (window_seconds between 60 and 86400),
  constraint minimum_not_negative check (minimum >= 0)
);
comment on table jobforge.alert_rules is 'When alerts open and close.';
comment on column jobforge.alert_rules.clear_below is
  'Between this and the threshold an open alert stays open and a new one does not open.';
comment on column jobforge.alert_rules.minimum is
  'Fewer events than this within the window say nothing.';
insert into jobforge.alert_rules (rule, severity, threshold, clear_below, window_seconds, minimum)
values
  ('jobs_failing', 'warning', 0.2, 0.1, 600, 20),
  ('queue_waiting', 'warning', 900, 600, 600, 0),
  ('tickets_undelivered', 'critical', 3, 1, 600, 0),
  ('no_successful_run', 'critical', 120, 60, 600, 0),
  ('schedule_missed', 'warning', 120, 60, 600, 0),
  ('signatures_refused', 'warning', 20, 10, 600, 0),
  ('enqueue_volume', 'warning', 10, 5, 600, 1000),
  ('secret_old', 'info', 90, 90, 600, 0),
  ('runs_lost', 'warning', 3, 1, 600, 0);

create table jobforge.alerts (
  id bigint generated always as identity primary key,
  rule text not null references jobforge.alert_rules (rule),
  subject text not null,
  tenant_id uuid,
  severity text not null,
  message text not null,
  value double precision not null,
  threshold double precision not null,
  opened_at timestamptz not null,
  seen_at timestamptz not null,
  closed_at timestamptz,
  calm int not null default 0,
  notified_at timestamptz,
  recovery_notified_at timestamptz
);
comment on table jobforge.alerts is 'A subject''s trouble by one rule, from its opening to its closing.';
comment on column jobforge.alerts.calm is
  'Evaluations in a row that found it clear. The third closes it.';
create unique index alerts_open_idx on jobforge.alerts (rule, subject) where closed_at is null;
create index alerts_closed_idx on jobforge.alerts (closed_at) where closed_at is not null;
create index alerts_tenant_idx on jobforge.alerts (tenant_id) where tenant_id is not null;

alter table jobforge.settings
  add column alert_tenant_id uuid,
  add column alert_endpoint text;
comment on column jobforge.settings.alert_tenant_id is
  'The operator''s own tenant, whose endpoint alert_endpoint gets the notices. Null: none are sent.';

create function jobforge.list_alerts(p_open boolean)
returns table (id bigint, rule text, subject text, tenant_id uuid, opened_at timestamptz,
  closed_at timestamptz, severity text, message text, value double precision,
  threshold double precision, notified_at timestamptz)
language plpgsql stable
security definer -- operators: reads every tenant's alerts
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  perform jobforge.require_service();
  return query
  select a.id, a.rule, a.subject, a.tenant_id, a.opened_at, a.closed_at, a.severity, a.message,
    a.value, a.threshold, coalesce(a.recovery_notified_at, a.notified_at)
  from jobforge.alerts as a
  where p_open is null or (a.closed_at is null) = p_open
  order by a.id desc
  limit 1000;
end
$$;
comment on function jobforge.list_alerts(boolean) is
  'Open alerts, closed ones of the last 30 days, or, for null, both; the newest 1,000.';

create function jobforge.configure_delivery(p_settings jsonb)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant_id uuid;
  v_endpoint text := coalesce(p_settings ->> 'endpoint', 'default');
begin
  v_tenant_id := (p_settings ->> 'tenant_id')::uuid;
  if v_tenant_id is not null then
    perform jobforge.refuse_erased(v_tenant_id);
    if not exists (
      select from public.jobforge_connector_configs as c
      where c.tenant_id = v_tenant_id and c.connector = 'connector.webhook.deliver'
        and c.name = v_endpoint)
    then
      perform jobforge.fail('not_found', 'the tenant has no such connector.webhook.deliver');
    end if;
  end if;
  update jobforge.settings as s
  set alert_tenant_id = v_tenant_id,
    alert_endpoint = case when v_tenant_id is not null then v_endpoint end
  where s.id;
exception when invalid_text_representation then
  perform jobforge.fail('invalid_argument', 'tenant_id must be a uuid');
end
$$;
comment on function jobforge.configure_delivery(jsonb) is
  'Says which endpoint of which tenant gets the notices; {} ends them.';

create function jobforge.configure_alert(p_rule text, p_settings jsonb)
returns jsonb
language plpgsql
security definer -- operators: thresholds, and where notices go
set search_path = pg_catalog, pg_temp
as $$
declare
  v_known constant text[] := case when p_rule = 'delivery' then '{tenant_id,endpoint}'::text[]
    else '{enabled,severity,threshold,clear_below,window_seconds,minimum}'::text[] end;
  v_unknown text;
  v_before jsonb;
  v_after jsonb;
begin
  perform jobforge.require_service();
  if p_settings is null or jsonb_typeof(p_settings) <> 'object' then
    perform jobforge.fail('invalid_argument', 'p_settings must be an object');
  end if;
  select min(k) into v_unknown from jsonb_object_keys(p_settings) as k where k <> all (v_known);
  if v_unknown is not null then
    perform jobforge.fail('invalid_argument', format('p_settings: unknown setting %s', v_unknown));
  end if;
  if p_rule = 'delivery' then
    select jsonb_build_object('tenant_id', s.alert_tenant_id, 'endpoint', s.alert_endpoint)
    into v_before from jobforge.settings as s;
    perform jobforge.configure_delivery(p_settings);
    select jsonb_build_object('tenant_id', s.alert_tenant_id, 'endpoint', s.alert_endpoint)
    into v_after from jobforge.settings as s;
  else
    v_before := jobforge.change_rule(p_rule, '{}');
    v_after := jobforge.change_rule(p_rule, p_settings);
  end if;
  if v_after is distinct from v_before then
    perform jobforge.audit_change('configure_alert', null, p_rule, v_before, v_after);
  end if;
  return v_after;
end
$$;
comment on function jobforge.configure_alert(text, jsonb) is
  'Changes settings of a rule, or, for delivery, says where notices go. Returns all of them.';

create function jobforge.change_rule(p_rule text, p_settings jsonb)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_rule jobforge.alert_rules;
begin
  select (jsonb_populate_record(r, p_settings)).* into v_rule
  from jobforge.alert_rules as r where r.rule = p_rule for no key update;
  if not found then
    perform jobforge.fail('not_found', 'no such rule');
  end if;
  -- A threshold moved below where it clears takes that along.
  if not p_settings ? 'clear_below' then
    v_rule.clear_below := least(v_rule.clear_below, v_rule.threshold);
  end if;
  update jobforge.alert_rules as r
  set enabled = v_rule.enabled, severity = v_rule.severity, threshold = v_rule.threshold,
    clear_below = v_rule.clear_below, window_seconds = v_rule.window_seconds,
    minimum = v_rule.minimum
  where r.rule = p_rule;
  return to_jsonb(v_rule);
exception when data_exception or integrity_constraint_violation then
  perform jobforge.fail('invalid_argument', format('p_settings: %s', sqlerrm));
  return null;
end
$$;
comment on function jobforge.change_rule(text, jsonb) is
  'Changes settings of a rule and returns all of them.';
