-- JobForge, chapter 21: opening a connector, and closed hosts.
--
-- A host that asked for a pause is closed for the whole tenant: its jobs are postponed, unspent,
-- whichever worker holds them.

create table jobforge.closed_hosts (
  tenant_id uuid not null,
  host text not null,
  closed_until timestamptz not null,
  constraint closed_hosts_pkey primary key (tenant_id, host),
  constraint host_is_plain check (host ~ '^[!-~]{1,255}$' and host = lower(host))
);
comment on table jobforge.closed_hosts is 'Hosts that a tenant''s jobs leave alone until a time.';
create index closed_hosts_expiry_idx on jobforge.closed_hosts (closed_until);

create function jobforge.close_host(p_tenant_id uuid, p_host text, p_ms int)
returns int
language plpgsql
security definer -- workers: what one is told, all keep to
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_until timestamptz;
begin
  perform jobforge.require_service();
  if p_tenant_id is null or p_ms is null or p_host is null or p_host !~ '^[!-~]{1,255}$' then
    perform jobforge.fail('invalid_argument',
      'p_tenant_id, p_host (up to 255 printable characters) and p_ms are needed');
  end if;
  perform jobforge.refuse_erased(p_tenant_id);
  v_until := v_now + make_interval(secs => least(greatest(p_ms, 1000), 3600000) / 1000.0);
  insert into jobforge.closed_hosts as h (tenant_id, host, closed_until)
  values (p_tenant_id, lower(p_host), v_until)
  on conflict (tenant_id, host) do update
    set closed_until = greatest(h.closed_until, excluded.closed_until)
  returning h.closed_until into v_until;
  return ceil(extract(epoch from v_until - v_now) * 1000);
end
$$;
comment on function jobforge.close_host(uuid, text, int) is
  'Closes a host for a second to an hour, and returns for how many milliseconds it is closed: the '
  'later of two ends counts.';

create function jobforge.open_connector(
  p_tenant_id uuid, p_connector text, p_name text, p_host text)
returns json
language plpgsql volatile
security definer -- workers: reads configurations and Vault
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_config public.jobforge_connector_configs;
begin
  perform jobforge.require_service();
  select c.* into v_config from public.jobforge_connector_configs as c
  where c.tenant_id = p_tenant_id and c.connector = p_connector and c.name = p_name;
  if not found then
    perform jobforge.fail('not_found', 'no such connector');
  end if;
  return json_build_object(
    'id', v_config.id, 'config', v_config.config, 'enabled', v_config.enabled,
    'disabled_reason', v_config.disabled_reason,
    'secrets', case when v_config.enabled
      then jobforge.resolve_secrets(p_tenant_id, v_config.secret_refs) else '[]' end,
    'closed_ms', (
      select ceil(extract(epoch from h.closed_until - v_now) * 1000)::int
      from jobforge.closed_hosts as h
      where h.tenant_id = p_tenant_id and h.closed_until > v_now
        and h.host = coalesce(lower(p_host),
          substring(v_config.config ->> 'url' from '^https?://([^:/?]+)'))));
end
$$;
comment on function jobforge.open_connector(uuid, text, text, text) is
  'A configuration with its secrets, none while it is disabled, and for how long a host is closed.';

create function jobforge.prune_connectors(p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_secret record;
begin
  with expired as materialized (
    select r.tenant_id, r.config_id, r.replay_key from public.jobforge_webhook_receipts as r
    where r.expires_at < p_now limit 10000 for update skip locked
  )
  delete from public.jobforge_webhook_receipts as r using expired as e
  where r.tenant_id = e.tenant_id and r.config_id = e.config_id and r.replay_key = e.replay_key;
  delete from jobforge.closed_hosts as h where h.closed_until < p_now;
  for v_secret in
    select s.tenant_id, s.name, array_agg(s.version) as versions
    from jobforge.secrets as s
    where s.expires_at <= p_now and s.vault_id is not null
    group by s.tenant_id, s.name
  loop
    perform jobforge.end_secrets(v_secret.tenant_id, v_secret.name, v_secret.versions, p_now);
  end loop;
  delete from jobforge.secrets as s where s.expires_at < p_now - interval '30 days';
end
$$;
comment on function jobforge.prune_connectors(timestamptz) is
  'Deletes receipts, closed hosts and secrets whose time is over.';
