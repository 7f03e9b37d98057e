-- JobForge, chapter 49: the public functions for metrics, histories and alerts.

create function public.jobforge_metrics()
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select jobforge.metrics() $$;
comment on function public.jobforge_metrics() is
  'Operators: queues that are not empty, counters and histograms per type, runs, open alerts.';

create function public.jobforge_history(
  p_from timestamptz, p_to timestamptz, p_step_seconds int, p_tenant_id uuid default null,
  p_queue text default null, p_type text default null)
returns table (at timestamptz, started bigint, succeeded bigint, failed bigint, dead bigint,
  canceled bigint, retried bigint, duration_p50_ms bigint, duration_p95_ms bigint,
  latency_p50_ms bigint, latency_p95_ms bigint)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select * from jobforge.history(p_from, p_to, p_step_seconds, p_tenant_id, p_queue, p_type)
$$;
comment on function public.jobforge_history(timestamptz, timestamptz, int, uuid, text, text) is
  'Attempts that ended per step of whole minutes, up to 1,000 steps within the last 14 days.';

create function public.jobforge_overview(p_tenant_id uuid default null)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select jobforge.overview(p_tenant_id) $$;
comment on function public.jobforge_overview(uuid) is
  'Ready, scheduled and running jobs, what ended lately, open alerts; services also see the runs.';

create function public.jobforge_alerts(p_open boolean default true)
returns table (id bigint, rule text, subject text, tenant_id uuid, opened_at timestamptz,
  closed_at timestamptz, severity text, message text, value double precision,
  threshold double precision, notified_at timestamptz)
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select * from jobforge.list_alerts(p_open) $$;
comment on function public.jobforge_alerts(boolean) is
  'Operators: open alerts, closed ones, or, for null, both.';

create function public.jobforge_configure_alert(p_rule text, p_settings jsonb)
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.configure_alert(p_rule, p_settings) $$;
comment on function public.jobforge_configure_alert(text, jsonb) is
  'Operators: thresholds of a rule, or, for delivery, the tenant and endpoint that get the notices.';

create function public.jobforge_count_refusals(p_refusals jsonb)
returns int
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.count_refusals(p_refusals) $$;
comment on function public.jobforge_count_refusals(jsonb) is
  'webhook-verify: adds up what endpoints refused, as a list of config_id and refused.';
