-- Forms of secrets: a secret that its connector could never use is rejected when it is stored, and
-- when a connector is configured with it. shared/core/webhook/keys.ts reads the same forms.

create function jobforge.secret_form(p_connector text, p_config jsonb)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when p_connector = 'connector.webhook.deliver' then 'signing'
    when p_connector <> 'webhook-verify' then 'header'
    when p_config ->> 'scheme' in ('standard-webhooks', 'svix', 'clerk', 'resend', 'supabase-auth')
      then 'standard'
    when p_config ->> 'scheme' = 'discord' then 'ed25519'
    when p_config ->> 'scheme' = 'sendgrid' then 'p256'
    else coalesce(p_config #>> '{signature,secret}', 'text')
  end
$$;
comment on function jobforge.secret_form(text, jsonb) is
  'Returns the form that the secrets of a configuration must have.';

create function jobforge.base64_bytes(p_text text)
returns int
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_text constant text := translate(regexp_replace(p_text, '={1,2}$', ''), '-_', '+/');
  v_padded constant text := rpad(v_text, (length(v_text) + 3) / 4 * 4, '=');
  v_bytes bytea;
begin
  if v_text !~ '^[A-Za-z0-9+/]+$' or length(v_text) % 4 = 1 then
    return 0;
  end if;
  v_bytes := decode(v_padded, 'base64');
  -- Bits that are left over at the end belong to no byte.
  return case when translate(encode(v_bytes, 'base64'), E'\n', '') = v_padded
    then length(v_bytes) else 0 end;
end
$$;
comment on function jobforge.base64_bytes(text) is
  'Returns how many bytes a text holds in either alphabet of base64, padded or not, 0 if in none.';

create function jobforge.problem_with_secret(p_form text, p_value text)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select case p_form
    when 'text' then case when octet_length(p_value) < 16 then 'must have at least 16 bytes' end
    when 'header' then case when p_value ~ $re$[\x01-\x1f\x7f]$re$ then 'must be one line' end
    when 'signing' then case when p_value !~ '^whsec_[A-Za-z0-9+/]+={0,2}$'
      or length(p_value) % 4 <> 2
      or jobforge.base64_bytes(substr(p_value, 7)) not between 24 and 64
      then 'must be whsec_ and the base64 of 24 to 64 bytes' end
    -- A public or private key of Standard Webhooks is no shared secret.
    when 'standard' then case when p_value ~ '^wh[ps]k_'
      or jobforge.base64_bytes(regexp_replace(p_value, '^(?:v1,)?(?:whsec_)?', '')) < 16
      then 'must be the base64 of at least 16 bytes, as whsec_… or v1,whsec_…' end
    when 'base64' then case when jobforge.base64_bytes(p_value) < 16
      then 'must be the base64 of at least 16 bytes' end
    when 'hex' then case when p_value !~ '^(?:[0-9A-Fa-f]{2}){16,}$'
      then 'must be the hex digits of at least 16 bytes' end
    when 'ed25519' then case when p_value !~ '^[0-9A-Fa-f]{64}$'
      then 'must be the public key of the application, 64 hex digits' end
    when 'p256' then case
      when regexp_replace(p_value, '-----(?:BEGIN|END) PUBLIC KEY-----|\s', '', 'g')
        !~ '^MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE[A-Za-z0-9+/]{85}[AQgw]==$'
      then 'must be the public key of the P-256 signature, in base64' end
  end
$$;
comment on function jobforge.problem_with_secret(text, text) is
  'Returns what a secret of a form must be and is not, or null for a usable one.';

create function jobforge.usable_secret(p_tenant_id uuid, p_name text, p_value text)
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  -- echo and editors add a line break, and no sender gives out one.
  v_value constant text := rtrim(p_value, E'\r\n');
  v_problem text;
begin
  v_problem := case
    when p_value is null or octet_length(p_value) > 8192 or v_value = ''
      then 'must have 1 to 8192 bytes'
    when v_value ~ $re$[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]$re$ then 'must have no control characters'
    when v_value ~ $re$^[\s\u00a0\u200b-\u200f\u2060\ufeff]$re$
      or v_value ~ $re$[\s\u00a0\u200b-\u200f\u2060\ufeff]\Z$re$
      then 'must not begin or end with a blank or an invisible character'
    else (
      select min(jobforge.problem_with_secret(jobforge.secret_form(connector, config), v_value)
        || ', because of the connector that uses it')
      from public.jobforge_connector_configs
      where tenant_id = p_tenant_id and secret_refs @> array['vault:' || p_name])
  end;
  if v_problem is not null then
    perform jobforge.fail('invalid_argument', 'p_value ' || v_problem);
  end if;
  return v_value;
end
$$;
comment on function jobforge.usable_secret(uuid, text, text) is
  'Returns a value as it is stored. Rejects one that no connector of the tenant could use, and '
  'never shows it.';

create function jobforge.problem_with_secrets_of(p_config public.jobforge_connector_configs)
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_problem text;
begin
  if to_regclass('vault.decrypted_secrets') is null then
    return null;
  end if;
  select min(format('p_secret_refs: the secret %s %s', active.name,
    jobforge.problem_with_secret(jobforge.secret_form(p_config.connector, p_config.config),
      decrypted.decrypted_secret)))
  into v_problem
  from unnest(p_config.secret_refs) as ref
    cross join lateral jobforge.active_secrets(
      p_config.tenant_id, substr(ref, length('vault:') + 1), v_now) as active
    join vault.decrypted_secrets as decrypted on decrypted.id = active.vault_id
  where ref like 'vault:%' and jobforge.problem_with_secret(
    jobforge.secret_form(p_config.connector, p_config.config),
    decrypted.decrypted_secret) is not null;
  return v_problem;
end
$$;
comment on function jobforge.problem_with_secrets_of(public.jobforge_connector_configs) is
  'Returns which stored secret a configuration could never use and why, or null.';
