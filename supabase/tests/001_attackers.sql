-- Who attacks, and what comes of it. Loaded after the other helpers, and kept like them.

-- Everyone who might attack. `sees` are the tenants whose rows it may read; null: no table at all.
create table tests.actors (actor text primary key, role text, claims jsonb, sees text);
insert into tests.actors values
  ('anonymous', 'anon', '{"role": "anon"}', null),
  ('anonymous with the claims of a member', 'anon', jsonb_build_object('role', 'authenticated',
    'app_metadata', jsonb_build_object('tenant_id', tests.tenant('acme'))), null),
  ('user without tenant', 'authenticated', '{"role": "authenticated", "sub": "x"}', ''),
  ('member of acme', 'authenticated', jsonb_build_object('role', 'authenticated',
    'app_metadata', jsonb_build_object('tenant_id', tests.tenant('acme'))), 'acme'),
  ('member of globex', 'authenticated', jsonb_build_object('role', 'authenticated',
    'app_metadata', jsonb_build_object('tenant_id', tests.tenant('globex'))), 'globex'),
  ('member of both', 'authenticated', jsonb_build_object('role', 'authenticated', 'app_metadata',
    jsonb_build_object('tenant_ids', array[tests.tenant('acme'), tests.tenant('globex')])),
    'acme,globex'),
  ('user who claims to be a service', 'authenticated', jsonb_build_object('role', 'service_role',
    'app_metadata', jsonb_build_object('tenant_id', tests.tenant('acme'))), ''),
  ('user with a tenant in user_metadata', 'authenticated', jsonb_build_object('role',
    'authenticated', 'user_metadata', jsonb_build_object('tenant_id', tests.tenant('acme'))), ''),
  ('user with a service in app_metadata', 'authenticated',
    '{"role": "authenticated", "app_metadata": {"role": "service_role", "tenant_id": "*"}}', ''),
  ('service', 'service_role', '{"role": "service_role"}', 'acme,globex'),
  ('service with the claims of a member', 'service_role', jsonb_build_object('role',
    'authenticated', 'app_metadata', jsonb_build_object('tenant_id', tests.tenant('acme'))),
    'acme,globex'),
  ('login', 'jobforge_tests_plain', null, null),
  ('login that claims to be a service', 'jobforge_tests_plain', '{"role": "service_role"}', null),
  ('login that is authenticated', 'jobforge_tests_member', null, '');

create function tests.attack(p_actor text, p_statement text, p_function regproc default null)
returns text
language plpgsql
as $$
declare
  v_actor tests.actors;
  v_answer text;
begin
  -- What a statement answers when an actor runs it, or its SQLSTATE. Nothing of it stays.
  -- With p_function: whether the actor reaches the function the statement calls.
  select * into strict v_actor from tests.actors where actor = p_actor;
  if v_actor.role like 'jobforge\_tests\_%' and to_regrole(v_actor.role) is null then
    execute format('create role %I; grant %1$I to current_user', v_actor.role);
    if v_actor.role = 'jobforge_tests_member' then
      grant authenticated to jobforge_tests_member;
    end if;
  end if;
  begin
    perform set_config('app.tenant_id', tests.tenant('acme')::text, true);
    perform tests.act(v_actor.role, coalesce(v_actor.claims::text, ''));
    execute p_statement into v_answer;
    raise exception using errcode = 'TEST0', message = coalesce(v_answer, '');
  exception when others then
    if p_function is not null then
      return case when sqlerrm in (
        select 'permission denied for function ' || proname from pg_proc where oid = p_function
        union all
        select 'permission denied for schema ' || pronamespace::regnamespace
        from pg_proc where oid = p_function) then 'denied' else 'reached' end;
    end if;
    return case
      when sqlstate = 'TEST0' then sqlerrm
      when sqlstate = '42501' and sqlerrm !~ '^permission denied for ' then sqlerrm
      else sqlstate
    end;
  end;
end
$$;

create function tests.refusal(p_call text, p_words text)
returns text
language plpgsql
as $$
declare
  v_hint text; v_detail text; v_context text; v_column text; v_constraint text; v_type text;
  v_table text; v_schema text;
begin
  -- Everything the error of a call can say, the caller's own words apart.
  execute format(p_call, p_words);
  return 'done';
exception when others then
  get stacked diagnostics v_hint = pg_exception_hint, v_detail = pg_exception_detail,
    v_context = pg_exception_context, v_column = column_name, v_constraint = constraint_name,
    v_type = pg_datatype_name, v_table = table_name, v_schema = schema_name;
  -- Postgres names the expression only until its plan is kept; the functions count.
  select string_agg(m[1], '; ') into v_context
  from regexp_matches(v_context, '^((?:PL/pgSQL|SQL) function .*)$', 'gn') as m;
  return replace(concat_ws(' ', sqlstate, v_detail, sqlerrm, v_hint, v_context, v_column,
    v_constraint, v_type, v_table, v_schema), p_words, 'the words');
end
$$;
