-- Prune received webhooks, closed hosts and secrets that expired.

create function jobforge.prune_connectors(p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_secret record;
begin
  with expired as materialized (
    select tenant_id, config_id, replay_key from public.jobforge_received_webhooks
    where expires_at < p_now limit 10000 for update skip locked
  )
  delete from public.jobforge_received_webhooks using expired
  where jobforge_received_webhooks.tenant_id = expired.tenant_id
    and jobforge_received_webhooks.config_id = expired.config_id
    and jobforge_received_webhooks.replay_key = expired.replay_key;
  delete from jobforge.closed_hosts where closed_until < p_now;
  for v_secret in
    select tenant_id, name, array_agg(version) as versions
    from jobforge.secrets
    where expires_at <= p_now and vault_id is not null
    group by tenant_id, name
  loop
    perform jobforge.end_secrets(v_secret.tenant_id, v_secret.name, v_secret.versions, p_now);
  end loop;
  delete from jobforge.secrets where expires_at < p_now - interval '30 days';
end
$$;
comment on function jobforge.prune_connectors(timestamptz) is
  'Deletes received webhooks, closed hosts and secrets that expired.';
