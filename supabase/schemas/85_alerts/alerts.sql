-- List alerts.

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
  select id, rule, subject, tenant_id, opened_at, closed_at, severity, message,
    value, threshold, coalesce(recovery_notified_at, notified_at)
  from jobforge.alerts
  where p_open is null or (closed_at is null) = p_open
  order by id desc
  limit 1000;
end
$$;
comment on function jobforge.list_alerts(boolean) is
  'Operators: returns open alerts, alerts closed in the last 30 days, or both for null. At most '
  'the newest 1,000.';

create function public.jobforge_alerts(p_open boolean default true)
returns table (id bigint, rule text, subject text, tenant_id uuid, opened_at timestamptz,
  closed_at timestamptz, severity text, message text, value double precision,
  threshold double precision, notified_at timestamptz)
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select * from jobforge.list_alerts(p_open) $$;
comment on function public.jobforge_alerts(boolean) is
  'Operators: returns open alerts, closed alerts, or both for null.';
