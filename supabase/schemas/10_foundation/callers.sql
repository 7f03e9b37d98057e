-- Who calls, and for which tenants.
--
-- A JWT counts only in a session that could act as a service anyway, which is the Data API's. The
-- tenant comes from app_metadata. An invalid claim grants access to no tenant.

create function jobforge.caller_role()
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- SECURITY DEFINER does not change the setting "role". Without SET ROLE the session user calls.
  return case
    when coalesce(current_setting('role', true), '') in ('', 'none') then session_user::text
    else current_setting('role')
  end;
end
$$;
comment on function jobforge.caller_role() is
  'Policies: the role that called, also from within SECURITY DEFINER functions.';

create function jobforge.is_service()
returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return pg_catalog.pg_has_role(jobforge.caller_role(), 'service_role', 'usage');
end
$$;
comment on function jobforge.is_service() is
  'Returns true for service_role and the roles that inherit it: those of a secret key, of the '
  'migration owner and of pg_cron.';

create function jobforge.session_tenant()
returns uuid
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select case when named.tenant_id ~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){4}[0-9a-fA-F]{8}$'
    then named.tenant_id::uuid end
  from (select current_setting('app.tenant_id', true)) as named (tenant_id)
$$;
comment on function jobforge.session_tenant() is
  'The tenant of a direct session without a JWT, or null for an invalid one. Grant EXECUTE on it '
  'to let a role connect this way.';

create function jobforge.claims()
returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_text constant text := nullif(current_setting('request.jwt.claims', true), '');
begin
  -- Outside a request this skips the block below, which costs a subtransaction.
  if v_text is null then
    return null;
  end if;
  begin
    return v_text::jsonb;
  exception when others then
    -- Also numbers out of range and claims nested too deep.
    return '{}'::jsonb;
  end;
end
$$;
comment on function jobforge.claims() is
  'Policies: the claims of the request''s JWT, or null outside a request.';

create function jobforge.tenant_ids()
returns uuid[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_role constant text := jobforge.caller_role();
  v_claims constant jsonb := jobforge.claims();
  v_one jsonb;
  v_many jsonb;
begin
  if v_role = 'authenticated' then
    -- Claims count only in a session that could act as a service anyway, as the Data API's can. Any
    -- other login that may SET ROLE could set claims of every tenant for itself.
    if v_claims ->> 'role' is distinct from 'authenticated'
      or not pg_catalog.pg_has_role(session_user, 'service_role', 'member')
    then
      return '{}'::uuid[];
    end if;
    v_one := v_claims #> '{app_metadata,tenant_id}';
    v_many := v_claims #> '{app_metadata,tenant_ids}';
    -- One invalid claim or entry makes all of them untrusted. The type is checked first, so that
    -- no list is joined into the other claim.
    if jsonb_typeof(v_one) <> 'string' or jsonb_typeof(v_many) <> 'array' then
      return '{}'::uuid[];
    end if;
    v_many := coalesce(v_many, '[]') || coalesce(v_one, '[]');
    if exists (
      select from jsonb_array_elements(v_many) as tenant (id)
      where jsonb_typeof(tenant.id) <> 'string'
        or tenant.id #>> '{}' !~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'
    ) then
      return '{}'::uuid[];
    end if;
    return coalesce(
      (select array_agg(distinct tenant.id::uuid)
        from jsonb_array_elements_text(v_many) as tenant (id)),
      '{}');
  end if;
  -- Nested, because Postgres checks the rights of all functions in a condition before it runs one.
  if v_claims is null
    and pg_catalog.has_function_privilege(v_role, 'jobforge.session_tenant()', 'execute')
  then
    return array_remove(array[jobforge.session_tenant()], null);
  end if;
  return '{}'::uuid[];
end
$$;
comment on function jobforge.tenant_ids() is
  'Policies: the tenants in app_metadata of the caller''s JWT. An invalid claim grants access to '
  'no tenant.';

create function jobforge.callers_tenants(p_tenant_id uuid)
returns uuid[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant_ids uuid[];
begin
  if jobforge.is_service() then
    if p_tenant_id is null then
      perform jobforge.fail(
        'invalid_argument', 'p_tenant_id is missing: a service names the tenant');
    end if;
    return array[p_tenant_id];
  end if;
  v_tenant_ids := jobforge.tenant_ids();
  if cardinality(v_tenant_ids) = 0 then
    perform jobforge.fail(
      'forbidden', 'the caller''s JWT has no tenant: set app_metadata.tenant_id');
  elsif p_tenant_id is null then
    return v_tenant_ids;
  elsif p_tenant_id <> all (v_tenant_ids) then
    perform jobforge.fail('forbidden', 'the caller does not belong to this tenant');
  end if;
  return array[p_tenant_id];
end
$$;
comment on function jobforge.callers_tenants(uuid) is
  'The tenants of a call: the one it names, which must be the caller''s, or else all of the '
  'caller''s.';

create function jobforge.callers_tenant(p_tenant_id uuid)
returns uuid
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant_ids uuid[];
begin
  if p_tenant_id is not null and jobforge.is_service() then
    return p_tenant_id;
  end if;
  v_tenant_ids := jobforge.callers_tenants(p_tenant_id);
  if cardinality(v_tenant_ids) > 1 then
    perform jobforge.fail(
      'invalid_argument', 'p_tenant_id is missing: the caller has several tenants');
  end if;
  return v_tenant_ids[1];
end
$$;
comment on function jobforge.callers_tenant(uuid) is
  'The one tenant of a call. Raises an error when the caller has several and names none.';

create function jobforge.subject()
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_subject constant jsonb := jobforge.claims() -> 'sub';
begin
  return case when jsonb_typeof(v_subject) = 'string' then left(v_subject #>> '{}', 255) end;
end
$$;
comment on function jobforge.subject() is
  'The subject of the JWT, at most 255 characters. Null for none, and for one that is no text.';

create function jobforge.caller()
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return case when coalesce(current_setting('request.jwt.claims', true), '') = ''
    then jobforge.caller_role() else coalesce(jobforge.subject(), jobforge.caller_role()) end;
end
$$;
comment on function jobforge.caller() is 'The subject of the JWT, or else the role that called.';

create function jobforge.require_service()
returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if not jobforge.is_service() then
    perform jobforge.fail('forbidden', 'only a service may do this');
  end if;
  return true;
end
$$;
comment on function jobforge.require_service() is
  'A second check behind the grants. Returns true for services and raises forbidden for others.';
