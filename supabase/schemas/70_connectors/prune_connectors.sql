-- Prune received webhooks, closed hosts and secrets that expired.

create function jobforge.prune_received_webhooks(p_now timestamptz, p_limit int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_count int;
begin
  delete from public.jobforge_received_webhooks
  where jobforge_received_webhooks.ctid = any (array(
    select expired.ctid from public.jobforge_received_webhooks as expired
    where expired.expires_at < p_now
    order by expired.expires_at
    limit p_limit
    for update skip locked));
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function jobforge.prune_received_webhooks(timestamptz, int) is
  'Deletes received webhooks that expired.';

create function jobforge.prune_connectors(p_now timestamptz, p_limit int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_secret record;
  v_hosts int;
  v_ended int := 0;
  v_forgotten int;
begin
  delete from jobforge.closed_hosts
  where closed_hosts.ctid = any (array(
    select opened.ctid from jobforge.closed_hosts as opened
    where opened.closed_until < p_now
    limit p_limit
    for update skip locked));
  get diagnostics v_hosts = row_count;
  for v_secret in
    select expired.tenant_id, expired.name, array_agg(expired.version) as versions
    from (
      select tenant_id, name, version from jobforge.secrets
      where expires_at <= p_now and vault_id is not null
      limit p_limit
      for update skip locked
    ) as expired
    group by expired.tenant_id, expired.name
  loop
    -- A user who changes a secret of the tenant holds this lock, and maintenance waits for none.
    continue when not pg_try_advisory_xact_lock(1246708236, hashtext(v_secret.tenant_id::text));
    perform jobforge.end_secrets(v_secret.tenant_id, v_secret.name, v_secret.versions, p_now);
    v_ended := v_ended + 1;
  end loop;
  delete from jobforge.secrets
  where secrets.ctid = any (array(
    select ended.ctid from jobforge.secrets as ended
    where ended.expires_at < p_now - interval '30 days'
    order by ended.expires_at
    limit p_limit
    for update skip locked));
  get diagnostics v_forgotten = row_count;
  return greatest(v_hosts, v_ended, v_forgotten);
end
$$;
comment on function jobforge.prune_connectors(timestamptz, int) is
  'Deletes closed hosts and secrets that expired.';
