-- Count refusals: webhooks that failed verification, per webhook endpoint.

create table jobforge.webhook_refusals (
  config_id uuid not null,
  at timestamptz not null,
  tenant_id uuid not null,
  refused bigint not null,
  constraint webhook_refusals_pkey primary key (config_id, at)
) with (fillfactor = 70);
comment on table jobforge.webhook_refusals is
  'Webhooks an endpoint refused within a minute. Kept for a day.';
create index webhook_refusals_age_idx on jobforge.webhook_refusals (at);

create function jobforge.count_refusals(p_refusals jsonb)
returns int
language plpgsql
security definer -- webhook-verify: counts what it refused
set search_path = pg_catalog, pg_temp
as $$
declare
  v_count int;
begin
  perform jobforge.require_service();
  if jsonb_typeof(p_refusals) is distinct from 'array' or jsonb_array_length(p_refusals) > 100 then
    perform jobforge.fail('invalid_argument', 'p_refusals must be an array of at most 100 entries');
  end if;
  insert into jobforge.webhook_refusals as r (config_id, at, tenant_id, refused)
  select c.id, date_trunc('minute', jobforge.clock()), c.tenant_id,
    sum(least(greatest(e.refused, 0), 1000000))
  from jsonb_to_recordset(p_refusals) as e (config_id uuid, refused bigint)
  join public.jobforge_connector_configs as c on c.id = e.config_id
  where c.connector = 'webhook-verify'
  group by c.id, c.tenant_id
  order by c.id
  on conflict (config_id, at) do update set refused = r.refused + excluded.refused;
  get diagnostics v_count = row_count;
  return v_count;
exception when data_exception then
  perform jobforge.fail('invalid_argument', format('p_refusals: %s', sqlerrm));
  return null;
end
$$;
comment on function jobforge.count_refusals(jsonb) is
  'Webhooks: adds up webhooks that endpoints refused; unknown endpoints are left out. Returns how '
  'many were known.';

create function public.jobforge_count_refusals(p_refusals jsonb)
returns int
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.count_refusals(p_refusals) $$;
comment on function public.jobforge_count_refusals(jsonb) is
  'Webhooks: adds up what endpoints refused, as a list of config_id and refused.';
