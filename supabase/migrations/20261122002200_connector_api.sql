-- JobForge, chapter 22: the public functions for connectors, secrets and webhooks.

create function public.jobforge_configure_connector(p_tenant_id uuid, p_connector text,
  p_name text default 'default', p_config jsonb default '{}', p_secret_refs text[] default '{}',
  p_enabled boolean default true)
returns uuid
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select jobforge.configure_connector(
    p_tenant_id, p_connector, p_name, p_config, p_secret_refs, p_enabled)
$$;
comment on function public.jobforge_configure_connector(uuid, text, text, jsonb, text[], boolean) is
  'Operators: makes or replaces a tenant''s connector configuration; returns its id.';

create function public.jobforge_delete_connector(
  p_tenant_id uuid, p_connector text, p_name text default 'default')
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.delete_connector(p_tenant_id, p_connector, p_name) $$;
comment on function public.jobforge_delete_connector(uuid, text, text) is
  'Operators: deletes a tenant''s connector configuration.';

create function public.jobforge_set_secret(
  p_tenant_id uuid default null, p_name text default null, p_value text default null)
returns table (name text, version int, expires_at timestamptz)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select * from jobforge.set_secret(p_tenant_id, p_name, p_value) $$;
comment on function public.jobforge_set_secret(uuid, text, text) is
  'Stores a secret in Vault; versions before it end at once. Write-only.';

create function public.jobforge_rotate_secret(p_tenant_id uuid default null,
  p_name text default null, p_value text default null, p_overlap_seconds int default 86400)
returns table (name text, version int, expires_at timestamptz)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select * from jobforge.rotate_secret(p_tenant_id, p_name, p_value, p_overlap_seconds) $$;
comment on function public.jobforge_rotate_secret(uuid, text, text, int) is
  'Stores the next version of a secret; the versions before it count for the overlap.';

create function public.jobforge_revoke_secret(
  p_tenant_id uuid default null, p_name text default null, p_version int default null)
returns table (name text, version int, expires_at timestamptz)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select * from jobforge.revoke_secret(p_tenant_id, p_name, p_version) $$;
comment on function public.jobforge_revoke_secret(uuid, text, int) is
  'Deletes a version of a secret, or all of them, at once.';

create function public.jobforge_open_connector(
  p_tenant_id uuid, p_connector text, p_name text, p_host text default null)
returns json
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.open_connector(p_tenant_id, p_connector, p_name, p_host) $$;
comment on function public.jobforge_open_connector(uuid, text, text, text) is
  'Workers: a configuration with its secrets, and for how long a host is closed.';

create function public.jobforge_close_host(p_tenant_id uuid, p_host text, p_ms int)
returns int
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.close_host(p_tenant_id, p_host, p_ms) $$;
comment on function public.jobforge_close_host(uuid, text, int) is
  'Workers: closes a host for a tenant''s jobs for a while.';

create function public.jobforge_disable_connector(p_tenant_id uuid, p_id uuid, p_reason text)
returns boolean
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.disable_connector(p_tenant_id, p_id, p_reason) $$;
comment on function public.jobforge_disable_connector(uuid, uuid, text) is
  'Workers: disables a configuration until an operator enables it again.';

create function public.jobforge_webhook_endpoint(p_id uuid)
returns json
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.webhook_endpoint(p_id) $$;
comment on function public.jobforge_webhook_endpoint(uuid) is
  'The verifying function: how to verify what comes in at an endpoint.';

create function public.jobforge_receive_webhook(
  p_id uuid, p_replay_key text, p_payload jsonb, p_traceparent text default null)
returns json
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.receive_webhook(p_id, p_replay_key, p_payload, p_traceparent) $$;
comment on function public.jobforge_receive_webhook(uuid, text, jsonb, text) is
  'The verifying function: turns a verified webhook into one job, however often it comes.';
