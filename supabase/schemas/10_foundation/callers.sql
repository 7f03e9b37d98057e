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
  -- SECURITY DEFINER does not change the setting "role"; without SET ROLE the session user calls.
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
  'True for service_role and for roles that inherit it: a secret key, the migration owner, pg_cron.';

create function jobforge.session_tenant()
returns uuid
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select nullif(current_setting('app.tenant_id', true), '')::uuid $$;
comment on function jobforge.session_tenant() is
  'Tenant of a direct session without a JWT. EXECUTE on it is what lets a role in that way.';

create function jobforge.claims()
returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_text constant text := nullif(current_setting('request.jwt.claims', true), '');
begin
  -- Outside a request the block below, a subtransaction, is saved.
  if v_text is null then
    return null;
  end if;
  begin
    return v_text::jsonb;
  exception when invalid_text_representation then
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
  v_named jsonb;
begin
  if v_role = 'authenticated' then
    -- Claims count in sessions that could act as a service anyway, as the Data API's: any other login
    -- that may SET ROLE could write itself claims of every tenant.
    if v_claims ->> 'role' is distinct from 'authenticated'
      or not pg_catalog.pg_has_role(session_user, 'service_role', 'member')
    then
      return '{}'::uuid[];
    end if;
    v_named := case jsonb_typeof(v_claims #> '{app_metadata,tenant_ids}')
      when 'array' then v_claims #> '{app_metadata,tenant_ids}' else '[]' end
      || coalesce(v_claims #> '{app_metadata,tenant_id}', '[]');
    -- One odd entry makes the whole claim untrusted.
    if exists (
      select from jsonb_array_elements(v_named) as t (id)
      where jsonb_typeof(t.id) <> 'string'
        or t.id #>> '{}' !~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'
    ) then
      return '{}'::uuid[];
    end if;
    return coalesce(
      (select array_agg(distinct t.id::uuid) from jsonb_array_elements_text(v_named) as t (id)),
      '{}');
  end if;
  -- Nested, because the rights of every function of a condition are checked at once.
  if v_claims is null
    and pg_catalog.has_function_privilege(v_role, 'jobforge.session_tenant()', 'execute')
  then
    return array_remove(array[jobforge.session_tenant()], null);
  end if;
  return '{}'::uuid[];
end
$$;
comment on function jobforge.tenant_ids() is
  'Policies: tenants the caller belongs to: app_metadata of a user''s JWT. Anything odd means '
  'none.';

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
      perform jobforge.fail('invalid_argument', 'p_tenant_id is missing: a service names the tenant');
    end if;
    return array[p_tenant_id];
  end if;
  v_tenant_ids := jobforge.tenant_ids();
  if cardinality(v_tenant_ids) = 0 then
    perform jobforge.fail('forbidden', 'the caller belongs to no tenant');
  elsif p_tenant_id is null then
    return v_tenant_ids;
  elsif p_tenant_id <> all (v_tenant_ids) then
    perform jobforge.fail('forbidden', 'the caller does not belong to this tenant');
  end if;
  return array[p_tenant_id];
end
$$;
comment on function jobforge.callers_tenants(uuid) is
  'The tenants a call may touch: the one it names if the caller may, else all of the caller''s.';

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
    perform jobforge.fail('invalid_argument', 'p_tenant_id is missing: the caller has several tenants');
  end if;
  return v_tenant_ids[1];
end
$$;
comment on function jobforge.callers_tenant(uuid) is
  'The one tenant a call is for; refuses when that is not clear.';

create function jobforge.caller()
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return case when coalesce(current_setting('request.jwt.claims', true), '') = ''
    then jobforge.caller_role()
    else coalesce(jobforge.claims() ->> 'sub', jobforge.caller_role()) end;
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
  'Second lock behind the grants: refuses everyone but services, and is true for them.';
