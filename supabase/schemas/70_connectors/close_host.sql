-- Close a host that asked for a pause. No worker calls it for the tenant until then. Jobs that need
-- it are postponed and keep their attempts.

create table jobforge.closed_hosts (
  tenant_id uuid not null,
  host text not null,
  closed_until timestamptz not null,
  constraint closed_hosts_pkey primary key (tenant_id, host),
  constraint host_is_plain check (host ~ '^[!-~]{1,255}$' and host = lower(host collate "C"))
);
comment on table jobforge.closed_hosts is 'Hosts that a tenant''s jobs may not call until a time.';
create index closed_hosts_expiry_idx on jobforge.closed_hosts (closed_until);

create function jobforge.close_host(p_tenant_id uuid, p_host text, p_ms int)
returns int
language plpgsql
security definer -- workers: a pause that one receives binds all
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
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
  insert into jobforge.closed_hosts (tenant_id, host, closed_until)
  values (p_tenant_id, lower(p_host collate "C"), v_until)
  on conflict (tenant_id, host) do update
    set closed_until = greatest(closed_hosts.closed_until, excluded.closed_until)
  returning closed_until into v_until;
  return ceil(extract(epoch from v_until - v_now) * 1000);
exception when lock_not_available then
  perform jobforge.fail('busy', 'another transaction is closing this host: try again');
  return null;
end
$$;
comment on function jobforge.close_host(uuid, text, int) is
  'Workers: closes a host for a second to an hour. Returns for how many milliseconds it is closed, '
  'which an earlier call may have made longer.';

create function public.jobforge_close_host(p_tenant_id uuid, p_host text, p_ms int)
returns int
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select jobforge.close_host(p_tenant_id, p_host, p_ms) $$;
comment on function public.jobforge_close_host(uuid, text, int) is
  'Workers: closes a host for a tenant''s jobs for a while.';
