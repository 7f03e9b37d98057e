-- Secrets.
--
-- Supabase Vault holds the values, one entry per version. The table jobforge.secrets holds the
-- versions. Users and operators write secrets. Only a worker's service key can read them.

do $extension$
begin
  if to_regnamespace('vault') is null then
    begin
      create extension if not exists supabase_vault cascade;
    exception when others then raise notice 'supabase_vault is not available here: %', sqlstate;
    end;
  end if;
end
$extension$;

create table jobforge.secrets (
  tenant_id uuid not null,
  name text not null,
  version int not null,
  vault_id uuid,
  created_at timestamptz not null,
  expires_at timestamptz,
  constraint secrets_pkey primary key (tenant_id, name, version),
  constraint secret_name_is_plain check (name ~ '^[a-z][a-z0-9_-]{0,62}$'),
  constraint version_positive check (version > 0),
  constraint ended_has_a_time check (vault_id is not null or expires_at is not null)
);
comment on table jobforge.secrets is
  'Versions of a tenant''s secrets. Vault has the values as jobforge/<tenant>/<name>/<version>.';
comment on column jobforge.secrets.vault_id is
  'Null after the value was deleted. The newest version of a name stays, so that no later version '
  'has its number.';
create index secrets_expiry_idx on jobforge.secrets (expires_at) where expires_at is not null;
create index secrets_age_idx on jobforge.secrets (created_at) where vault_id is not null;

create function jobforge.active_secrets(p_tenant_id uuid, p_name text, p_now timestamptz)
returns table (name text, version int, vault_id uuid, expires_at timestamptz)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select name, version, vault_id, expires_at
  from jobforge.secrets
  where tenant_id = p_tenant_id and name = p_name and vault_id is not null
    and (expires_at is null or expires_at > p_now)
  order by version desc
$$;
comment on function jobforge.active_secrets(uuid, text, timestamptz) is
  'Returns the active versions of a secret, newest first: at most three.';

create function jobforge.end_secrets(
  p_tenant_id uuid, p_name text, p_versions int[], p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if to_regclass('vault.secrets') is not null then
    delete from vault.secrets
    where id in (
      select vault_id from jobforge.secrets
      where tenant_id = p_tenant_id and name = p_name and version = any (p_versions));
  end if;
  update jobforge.secrets set vault_id = null, expires_at = p_now
  where tenant_id = p_tenant_id and name = p_name and version = any (p_versions)
    and vault_id is not null;
  delete from jobforge.secrets
  where tenant_id = p_tenant_id and name = p_name and vault_id is null
    and version < (
      select max(version) from jobforge.secrets where tenant_id = p_tenant_id and name = p_name);
end
$$;
comment on function jobforge.end_secrets(uuid, text, int[], timestamptz) is
  'Deletes the values of these versions from Vault forever.';

create function jobforge.lock_secrets_of(p_tenant_id uuid)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
begin
  -- One writer per tenant: versions are numbered and counted.
  perform pg_advisory_xact_lock(1246708236, hashtext(p_tenant_id::text));
exception when lock_not_available then
  perform jobforge.fail('busy',
    'another transaction is changing a secret of this tenant: try again after it has ended');
end
$$;
comment on function jobforge.lock_secrets_of(uuid) is
  'Waits a second at most for other changes of a tenant''s secrets and connectors.';

create function jobforge.lock_secret(p_tenant_id uuid, p_name text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_name is null or p_name !~ '^[a-z][a-z0-9_-]{0,62}$' then
    perform jobforge.fail('invalid_argument',
      'p_name must be a lower-case letter and then up to 62 letters, digits or _ -');
  end if;
  perform jobforge.refuse_erased(p_tenant_id);
  perform jobforge.lock_secrets_of(p_tenant_id);
end
$$;
comment on function jobforge.lock_secret(uuid, text) is
  'Checks the name of a secret to change, and waits for other changes of the tenant''s secrets.';

create function jobforge.add_secret(p_tenant_id uuid, p_name text, p_value text, p_now timestamptz)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_value constant text := jobforge.usable_secret(p_tenant_id, p_name, p_value);
  v_version int;
  v_vault_id uuid;
begin
  if to_regclass('vault.decrypted_secrets') is null then
    perform jobforge.fail('extension_missing',
      'enable the extension supabase_vault, or use env: references');
  elsif (select count(distinct name) from jobforge.secrets
    where tenant_id = p_tenant_id and name <> p_name) >= 100
  then
    perform jobforge.fail('wrong_state', 'the tenant has 100 secrets already');
  end if;
  select coalesce(max(version), 0) + 1 into v_version
  from jobforge.secrets where tenant_id = p_tenant_id and name = p_name;
  v_vault_id := vault.create_secret(
    v_value, format('jobforge/%s/%s/%s', p_tenant_id, p_name, v_version));
  insert into jobforge.secrets (tenant_id, name, version, vault_id, created_at)
  values (p_tenant_id, p_name, v_version, v_vault_id, p_now);
  return v_version;
end
$$;
comment on function jobforge.add_secret(uuid, text, text, timestamptz) is
  'Stores a value as the next version of a secret and returns its number.';

create function jobforge.resolve_secrets(p_tenant_id uuid, p_refs text[])
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_secrets jsonb := '[]'::jsonb;
  v_ref text;
  v_secret record;
  v_value text;
begin
  foreach v_ref in array p_refs loop
    if v_ref like 'env:%' then
      v_secrets := v_secrets || jsonb_build_object('ref', v_ref);
      continue;
    end if;
    for v_secret in
      select active.vault_id
      from jobforge.active_secrets(
        p_tenant_id, substr(v_ref, length('vault:') + 1), v_now) as active
    loop
      if to_regclass('vault.decrypted_secrets') is null then
        perform jobforge.fail('extension_missing',
          'the extension supabase_vault is missing: enable it again');
      end if;
      select decrypted_secret into v_value from vault.decrypted_secrets
      where id = v_secret.vault_id;
      if v_value is not null then
        v_secrets := v_secrets || jsonb_build_object('value', v_value);
      end if;
    end loop;
  end loop;
  return jsonb_path_query_array(v_secrets, '$[0 to 2]');
end
$$;
comment on function jobforge.resolve_secrets(uuid, text[]) is
  'Returns at most three secrets, newest first: values from Vault, and the env: references that '
  'the worker reads from its environment.';
