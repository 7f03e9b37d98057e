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
    select r.tenant_id, r.config_id, r.replay_key from public.jobforge_received_webhooks as r
    where r.expires_at < p_now limit 10000 for update skip locked
  )
  delete from public.jobforge_received_webhooks as r using expired as e
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
