-- Count rejected webhooks per webhook endpoint.

create table jobforge.webhook_refusals (
  config_id uuid not null,
  at timestamptz not null,
  tenant_id uuid not null,
  refused bigint not null,
  constraint webhook_refusals_pkey primary key (config_id, at)
) with (fillfactor = 70);
comment on table jobforge.webhook_refusals is
  'Webhooks that an endpoint rejected within a minute. Kept for a day.';
create index webhook_refusals_age_idx on jobforge.webhook_refusals (at);

create function jobforge.count_refusals(p_refusals jsonb)
returns int
language plpgsql
security definer -- webhook-verify: counts what it rejected
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
declare
  v_config_ids uuid[];
  v_refused bigint[];
  v_count int;
begin
  perform jobforge.require_service();
  if jobforge.jsonb_fits(p_refusals, 65536) is not true
    or jsonb_typeof(p_refusals) <> 'array' or jsonb_array_length(p_refusals) > 100
  then
    perform jobforge.fail('invalid_argument',
      'p_refusals must be a list of at most 100 entries and 65536 bytes');
  end if;
  -- Apart from the join, which reads no entry when there is no endpoint.
  select array_agg(entry.config_id), array_agg(entry.refused) into v_config_ids, v_refused
  from jsonb_to_recordset(p_refusals) as entry (config_id uuid, refused bigint);
  insert into jobforge.webhook_refusals (config_id, at, tenant_id, refused)
  select jobforge_connector_configs.id, date_trunc('minute', jobforge.clock()),
    jobforge_connector_configs.tenant_id, sum(least(greatest(reported.refused, 0), 1000000))
  from unnest(v_config_ids, v_refused) as reported (config_id, refused)
  join public.jobforge_connector_configs on jobforge_connector_configs.id = reported.config_id
  where jobforge_connector_configs.connector = 'webhook-verify'
  group by jobforge_connector_configs.id, jobforge_connector_configs.tenant_id
  order by jobforge_connector_configs.id
  on conflict (config_id, at) do update
  set refused = webhook_refusals.refused + excluded.refused;
  get diagnostics v_count = row_count;
  return v_count;
exception
  when lock_not_available then
    perform jobforge.fail('busy', 'another transaction is counting for an endpoint: try again');
    return null;
  when data_exception then
    perform jobforge.fail('invalid_argument',
      'p_refusals must have entries like {"config_id": UUID, "refused": number}');
    return null;
end
$$;
comment on function jobforge.count_refusals(jsonb) is
  'Webhooks: adds to the counts of rejected webhooks, except for unknown endpoints. Returns how '
  'many endpoints it counted.';

create function public.jobforge_count_refusals(p_refusals jsonb)
returns int
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '5s'
as $$ select jobforge.count_refusals(p_refusals) $$;
comment on function public.jobforge_count_refusals(jsonb) is
  'Webhooks: adds to the counts of rejected webhooks, from a list of config_id and refused.';
