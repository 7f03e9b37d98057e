-- JobForge 0.8.0
--
-- Generated from supabase/schemas by `deno task schema`. Do not edit it by hand: edit the schema
-- files and generate it again.

-- A function may call what a later file creates. Tests check every body after the last file.
set check_function_bodies = off;

-- supabase/schemas/10_foundation/00_schema.sql

-- JobForge: multi-tenant background jobs on Supabase.
--
--     scheduled ──time──▶ queued ──claim──▶ running ──▶ succeeded
--         ▲                 ▲                 │ ├────▶ failed     the handler rejected it for good
--         └──retry, later───┴──retry, lease───┘ ├────▶ dead       all attempts are used
--                                               └────▶ canceled   also before it starts
--
-- Each folder is an area and each file one behavior. Files load in name order. Every change of
-- state is a function. The API roles hold no write privilege on any table. Public relations start
-- with jobforge_ and the schema jobforge is not exposed.
--
-- Every function pins its search_path with pg_temp last. Without it Postgres searches pg_temp
-- first, and a caller's temporary type could replace a real one.

create schema jobforge;
comment on schema jobforge is
  'JobForge internals: state, scheduler, dispatch. Not exposed by the Data API.';

-- On Supabase both extensions are available. In tests and the local stack, stand-ins may already
-- own these schemas. jobforge.setup() reports what is missing.
do $extensions$
begin
  if to_regnamespace('cron') is null then
    begin
      create extension if not exists pg_cron with schema pg_catalog;
    exception when others then raise notice 'pg_cron is not available here: %', sqlerrm;
    end;
  end if;
  if to_regnamespace('net') is null then
    begin
      create schema if not exists extensions;
      create extension if not exists pg_net with schema extensions;
    exception when others then raise notice 'pg_net is not available here: %', sqlerrm;
    end;
  end if;
end
$extensions$;

-- supabase/schemas/10_foundation/01_names.sql

-- Rules of names, one each, compared with shared/core/job/names.ts by a test.

create function jobforge.name_pattern()
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$ select '^[a-z][a-z0-9_.-]{0,62}$' $$;
comment on function jobforge.name_pattern() is
  'Regular expression for the name of a queue, a schedule or a connector configuration.';

create function jobforge.type_pattern()
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$ select '^[A-Za-z][A-Za-z0-9_.:-]{0,127}$' $$;
comment on function jobforge.type_pattern() is 'Regular expression for the name of a job type.';

create function jobforge.webhook_schemes()
returns text[]
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select array['standard-webhooks', 'stripe', 'github', 'slack', 'shopify', 'linear', 'paddle',
    'twilio', 'discord', 'jobforge']
$$;
comment on function jobforge.webhook_schemes() is
  'The signature schemes that webhook-verify supports.';

-- supabase/schemas/10_foundation/callers.sql

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
as $$ select nullif(current_setting('app.tenant_id', true), '')::uuid $$;
comment on function jobforge.session_tenant() is
  'The tenant of a direct session without a JWT. Grant EXECUTE on it to let a role connect this '
  'way.';

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
    -- Claims count only in a session that could act as a service anyway, as the Data API's can. Any
    -- other login that may SET ROLE could set claims of every tenant for itself.
    if v_claims ->> 'role' is distinct from 'authenticated'
      or not pg_catalog.pg_has_role(session_user, 'service_role', 'member')
    then
      return '{}'::uuid[];
    end if;
    v_named := case jsonb_typeof(v_claims #> '{app_metadata,tenant_ids}')
      when 'array' then v_claims #> '{app_metadata,tenant_ids}' else '[]' end
      || coalesce(v_claims #> '{app_metadata,tenant_id}', '[]');
    -- One invalid entry makes the whole claim untrusted.
    if exists (
      select from jsonb_array_elements(v_named) as tenant (id)
      where jsonb_typeof(tenant.id) <> 'string'
        or tenant.id #>> '{}' !~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'
    ) then
      return '{}'::uuid[];
    end if;
    return coalesce(
      (select array_agg(distinct tenant.id::uuid)
        from jsonb_array_elements_text(v_named) as tenant (id)),
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
  'A second check behind the grants. Returns true for services and raises forbidden for others.';

-- supabase/schemas/10_foundation/clock.sql

-- The clock.
--
-- Functions on the hot path are in plpgsql even where SQL would do. It keeps their plans for the
-- session, while Postgres plans an SQL function again in every transaction that calls it. Some of
-- them return a value only for an IF, because PERFORM runs a statement at several times the cost
-- of an expression.

create function jobforge.clock()
returns timestamptz
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return clock_timestamp();
end
$$;
comment on function jobforge.clock() is
  'The only clock. A function reads it once. Tests replace it inside their own transaction.';

-- supabase/schemas/10_foundation/domains.sql

-- Rules of single columns that several tables share.
--
-- Postgres parses the CHECKs of a table in every statement that writes to it, and those of a domain
-- once in a session. So a rule about one column of a busy table is a domain.

create domain jobforge.queue_name as text constraint queue_name_is_plain check (
  value ~ jobforge.name_pattern());
comment on domain jobforge.queue_name is
  'A small letter, then up to 62 small letters, digits or _ . -';

create domain jobforge.weight as real constraint weight_in_range check (
  value between 0.001 and 1000);
comment on domain jobforge.weight is 'A share relative to other weights.';

create domain jobforge.count as int constraint count_not_negative check (value >= 0);
comment on domain jobforge.count is 'A number of things.';

create domain jobforge.positive as int constraint number_is_positive check (value > 0);
comment on domain jobforge.positive is 'A number of at least one.';

create domain jobforge.period_ms as int constraint period_in_range check (
  value between 1 and 86400000);
comment on domain jobforge.period_ms is 'Milliseconds, up to a day.';

-- supabase/schemas/10_foundation/errors.sql

-- Errors: a stable code in DETAIL and a SQLSTATE that the Data API maps to an HTTP status.

create function jobforge.error_codes()
returns table (code text, sqlstate text)
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  values
    ('invalid_argument', 'PT400'),
    ('ticket_refused', 'PT401'),
    ('forbidden', '42501'),
    ('tenant_erased', 'PT403'),
    ('not_found', 'PT404'),
    ('wrong_state', 'PT409'),
    ('too_many_schedules', 'PT409'),
    ('run_ended', 'PT410'),
    ('payload_too_large', 'PT413'),
    ('idempotency_mismatch', 'PT422'),
    ('queue_full', 'PT429'),
    ('extension_missing', 'PT501')
$$;
comment on function jobforge.error_codes() is
  'Every stable error code with its SQLSTATE. The Data API answers PTxyz with HTTP status xyz.';

create function jobforge.fail(p_code text, p_message text, p_hint text default null)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sqlstate text;
begin
  select known.sqlstate into strict v_sqlstate
  from jobforge.error_codes() as known
  where known.code = p_code;
  if p_hint is null then
    raise exception using errcode = v_sqlstate, message = p_message, detail = p_code;
  end if;
  raise exception using
    errcode = v_sqlstate, message = p_message, detail = p_code, hint = p_hint;
end
$$;
comment on function jobforge.fail(text, text, text) is
  'Raises an error whose DETAIL is the stable code, and whose HINT, if any, is JSON for programs.';

create function jobforge.fail_invalid(p_index bigint, p_problem text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_problem like 'payload must be at most%' then
    perform jobforge.fail('payload_too_large', format('job %s: %s', p_index, p_problem));
  end if;
  perform jobforge.fail('invalid_argument', format('job %s: %s', p_index, p_problem));
end
$$;
comment on function jobforge.fail_invalid(bigint, text) is
  'Raises invalid_argument or payload_too_large for a problem with the job at an index.';

-- supabase/schemas/10_foundation/ids.sql

-- Identifiers: UUID version 7 (RFC 9562), so that ids sort by the time of their creation.

create function jobforge.id_prefix(p_at timestamptz)
returns text
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_us constant bigint := extract(epoch from p_at) * 1000000;
begin
  return lpad(to_hex(v_us / 1000), 12, '0') || '7'
    || lpad(to_hex(v_us % 1000 * 4096 / 1000), 3, '0');
end
$$;
comment on function jobforge.id_prefix(timestamptz) is
  'The first half of a UUID version 7 (RFC 9562): milliseconds, then 12 bits of their fraction. '
  'Callers append the variant, 14 bits of ordinal that keep a batch in order, and 48 random bits.';

create function jobforge.first_id_at(p_at timestamptz)
returns uuid
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select (lpad(to_hex(greatest(floor(extract(epoch from p_at) * 1000), 0)::bigint), 12, '0')
    || '70008000000000000000')::uuid
$$;
comment on function jobforge.first_id_at(timestamptz) is
  'The smallest id that can be made at this time or later.';

-- supabase/schemas/10_foundation/settings.sql

-- The settings of a project: one row, written by setup and the configure functions.

create table jobforge.settings (
  id boolean primary key default true,
  project_url text,
  max_runs int not null default 4,
  run_capacity int not null default 100,
  lease_seconds int not null default 45,
  max_schedules int not null default 20,
  retention_succeeded_days int default 30,
  retention_unsuccessful_days int default 90,
  alert_tenant_id uuid,
  alert_destination text,
  constraint one_row check (id),
  constraint max_runs_in_range check (max_runs between 1 and 100),
  constraint run_capacity_in_range check (run_capacity between 1 and 1000),
  constraint lease_seconds_in_range check (lease_seconds between 5 and 3600),
  constraint max_schedules_not_negative check (max_schedules >= 0),
  constraint retention_succeeded_in_range check (retention_succeeded_days between 1 and 36500),
  constraint retention_unsuccessful_in_range
    check (retention_unsuccessful_days between 1 and 36500)
);
comment on table jobforge.settings is 'The settings of the project: one row.';
comment on column jobforge.settings.max_schedules is
  'How many schedules a tenant may create itself.';
comment on column jobforge.settings.retention_unsuccessful_days is
  'For how many days failed, dead and canceled jobs are kept. Null keeps them forever.';
comment on column jobforge.settings.alert_tenant_id is
  'The operator''s own tenant. Its webhook destination alert_destination receives the alert '
  'notifications. Null sends none.';
insert into jobforge.settings default values;

-- supabase/schemas/15_audit/00_audit_log.sql

-- The audit log.
--
-- Each change writes an entry and a seal in its own transaction. The seal is a salted digest of
-- the entry. Maintenance chains the seals later, so no writer waits for another. Only the salted
-- digest covers personal data. An erasure deletes the data and the salt, and the chain stays valid.

create table public.jobforge_audit_log (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  role text not null,
  subject text,
  tenant_id uuid,
  action text not null,
  target text,
  detail jsonb,
  erasure_id bigint
);
comment on table public.jobforge_audit_log is
  'A change made by a user or an operator: who, what, which tenant. Append-only.';
comment on column public.jobforge_audit_log.erasure_id is
  'The erasure that deleted subject, tenant, target and detail from this entry.';
create index jobforge_audit_log_tenant_idx on public.jobforge_audit_log (tenant_id, id);
create index jobforge_audit_log_erasure_idx on public.jobforge_audit_log (erasure_id, id)
  where erasure_id is not null;

create table jobforge.audit_seals (
  entry_id bigint primary key,
  salt bytea,
  digest bytea not null,
  seq bigint unique,
  hash bytea,
  constraint hash_when_sealed check ((seq is null) = (hash is null))
);
comment on table jobforge.audit_seals is
  'For each audit entry its digest and, once sealed, its place and hash in the chain.';
create index audit_seals_unsealed_idx on jobforge.audit_seals (entry_id) where seq is null;

create function jobforge.redacted(p_value jsonb)
returns jsonb
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return case jsonb_typeof(p_value)
    when 'object' then (
      select coalesce(jsonb_object_agg(member.key, case
        when member.key ~* ('^(payload|result|error|last_error|progress|headers?|authorization|'
          'cookie|signature|secrets?|secret_refs?|value|token|ticket|lease_token|password|'
          'idempotency_key)$')
          and jsonb_typeof(member.value) not in ('null', 'boolean')
          and not (member.key = 'secret_refs' and jsonb_typeof(member.value) = 'number') -- a count
          then '"[redacted]"' else jobforge.redacted(member.value) end), '{}')
      from jsonb_each(p_value) as member)
    when 'array' then (
      select coalesce(jsonb_agg(jobforge.redacted(element.value) order by element.ordinality), '[]')
      from jsonb_array_elements(p_value) with ordinality as element)
    else p_value
  end;
end
$$;
comment on function jobforge.redacted(jsonb) is
  'A copy that redacts the values of members that could hold payloads, errors or secrets.';

create function jobforge.audit_digest(p_entry public.jobforge_audit_log, p_salt bytea)
returns bytea
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return sha256(p_salt || convert_to(jsonb_build_array(
    p_entry.subject, p_entry.tenant_id, p_entry.target, p_entry.detail)::text, 'UTF8'));
end
$$;
comment on function jobforge.audit_digest(public.jobforge_audit_log, bytea) is
  'A commitment to the erasable part of an entry. Without the salt, subjects cannot be guessed '
  'from it.';

create function jobforge.audit(p_action text, p_tenant_id uuid, p_target text, p_detail jsonb)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_salt constant bytea := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
  v_detail jsonb := jobforge.redacted(p_detail);
  v_entry public.jobforge_audit_log;
begin
  if octet_length(v_detail::text) > 8192 then
    v_detail := '{"omitted": "more than 8192 bytes"}';
  end if;
  insert into public.jobforge_audit_log (at, role, subject, tenant_id, action, target, detail)
  values (jobforge.clock(), jobforge.caller_role(), jobforge.claims() ->> 'sub',
    p_tenant_id, p_action, p_target, v_detail)
  returning * into v_entry;
  insert into jobforge.audit_seals (entry_id, salt, digest)
  values (v_entry.id, v_salt, jobforge.audit_digest(v_entry, v_salt));
end
$$;
comment on function jobforge.audit(text, uuid, text, jsonb) is
  'Records who changed what. Detail is redacted: it never holds payloads or secrets.';

create function jobforge.audit_change(
  p_action text, p_tenant_id uuid, p_target text, p_before jsonb, p_after jsonb)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_keys constant text[] := (
    select array_agg(named.key) from (
      select jsonb_object_keys(coalesce(p_before, '{}')) as key
      union select jsonb_object_keys(coalesce(p_after, '{}'))) as named
    where p_before -> named.key is distinct from p_after -> named.key);
begin
  perform jobforge.audit(p_action, p_tenant_id, p_target, jsonb_build_object(
    'before', (select jsonb_object_agg(member.key, member.value) from jsonb_each(p_before) as member
      where member.key = any (v_keys)),
    'after', (select jsonb_object_agg(member.key, member.value) from jsonb_each(p_after) as member
      where member.key = any (v_keys))));
end
$$;
comment on function jobforge.audit_change(text, uuid, text, jsonb, jsonb) is
  'Records the difference between two states of a thing. Null is the state of a missing thing.';

-- supabase/schemas/15_audit/seal_audit.sql

-- The chain of the audit log.
--
-- A sealed entry cannot be changed, removed or inserted without breaking the chain after it. A
-- database owner could rewrite the whole chain. Store its head outside and pass it to
-- verify_audit.

create table jobforge.audit_chain (
  id boolean primary key default true,
  seq bigint not null default 0,
  hash bytea not null default '',
  constraint one_row check (id)
);
comment on table jobforge.audit_chain is 'The head of the chain of seals: one row.';
insert into jobforge.audit_chain default values;

create function jobforge.audit_hash(
  p_previous bytea, p_seq bigint, p_entry public.jobforge_audit_log, p_digest bytea)
returns bytea
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return sha256(p_previous || p_digest || convert_to(jsonb_build_array(
    p_seq, p_entry.id, (extract(epoch from p_entry.at) * 1000000)::bigint,
    p_entry.role, p_entry.action)::text, 'UTF8'));
end
$$;
comment on function jobforge.audit_hash(bytea, bigint, public.jobforge_audit_log, bytea) is
  'The hash of an entry in the chain: over the hash before it, its place and its content.';

create function jobforge.seal_audit(p_limit int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_chain jobforge.audit_chain;
  v_new record;
  v_sealed int := 0;
begin
  if not pg_try_advisory_xact_lock(1246708289, 0) then
    return 0;
  end if;
  select audit_chain.* into v_chain from jobforge.audit_chain;
  for v_new in
    select jobforge_audit_log as entry, audit_seals.digest from jobforge.audit_seals
    join public.jobforge_audit_log on jobforge_audit_log.id = audit_seals.entry_id
    where audit_seals.seq is null
    order by audit_seals.entry_id
    limit p_limit
  loop
    v_chain.seq := v_chain.seq + 1;
    v_chain.hash := jobforge.audit_hash(v_chain.hash, v_chain.seq, v_new.entry, v_new.digest);
    update jobforge.audit_seals set seq = v_chain.seq, hash = v_chain.hash
    where audit_seals.entry_id = (v_new.entry).id;
    v_sealed := v_sealed + 1;
  end loop;
  update jobforge.audit_chain set seq = v_chain.seq, hash = v_chain.hash where audit_chain.id;
  return v_sealed;
end
$$;
comment on function jobforge.seal_audit(int) is
  'Appends the entries that have no place in the chain yet. One caller at a time: another one '
  'returns at once.';

-- supabase/schemas/15_audit/verify_audit.sql

-- Verify the audit log: whether entries and seals match, and where they do not.

create function jobforge.problems_of_seals(p_after_seq bigint, p_through_seq bigint)
returns table (seq bigint, entry_id bigint, problem text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with sealed as (
    select audit_seals.*, jobforge_audit_log as entry,
      lag(audit_seals.seq, 1, 0::bigint) over chain as previous_seq,
      lag(audit_seals.hash, 1, ''::bytea) over chain as previous_hash
    from jobforge.audit_seals
    left join public.jobforge_audit_log on jobforge_audit_log.id = audit_seals.entry_id
    where audit_seals.seq between p_after_seq and p_through_seq
    window chain as (order by audit_seals.seq)
  )
  select sealed.seq, sealed.entry_id, judged.problem
  from sealed
  cross join lateral (
    select case
      when sealed.seq <> sealed.previous_seq + 1 then 'an entry before it was removed'
      when (sealed.entry).id is null then 'removed'
      when sealed.hash <> jobforge.audit_hash(
        sealed.previous_hash, sealed.seq, sealed.entry, sealed.digest)
        or (sealed.entry).erasure_id is null
          and sealed.digest is distinct from jobforge.audit_digest(sealed.entry, sealed.salt)
        then 'changed'
    end
  ) as judged (problem)
  where sealed.seq > p_after_seq and judged.problem is not null
$$;
comment on function jobforge.problems_of_seals(bigint, bigint) is
  'Sealed entries that differ from what was sealed.';

create function jobforge.problems_of_log()
returns table (seq bigint, entry_id bigint, problem text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
  select audit_chain.seq, null::bigint, 'the newest entries were removed'
  from jobforge.audit_chain
  where audit_chain.seq > 0 and not exists (
    select from jobforge.audit_seals
    where audit_seals.seq = audit_chain.seq and audit_seals.hash = audit_chain.hash)
  union all
  select null, jobforge_audit_log.id, 'inserted'
  from public.jobforge_audit_log
  where not exists (
    select from jobforge.audit_seals where audit_seals.entry_id = jobforge_audit_log.id)
  union all
  select null, audit_seals.entry_id,
    case when jobforge_audit_log.id is null then 'removed' else 'changed' end
  from jobforge.audit_seals
  left join public.jobforge_audit_log on jobforge_audit_log.id = audit_seals.entry_id
  where audit_seals.seq is null and (jobforge_audit_log.id is null
    or jobforge_audit_log.erasure_id is null
      and audit_seals.digest is distinct from jobforge.audit_digest(
        jobforge_audit_log, audit_seals.salt))
  union all
  -- The entries that an erasure emptied must match the digest in its own entry, which is sealed.
  select null, null, format('erasure %s took out other entries than it recorded', erased.erasure_id)
  from (
    select jobforge_audit_log.erasure_id,
      jobforge.erased_entries_digest(jobforge_audit_log.erasure_id) as digest
    from public.jobforge_audit_log
    where jobforge_audit_log.erasure_id is not null
    group by jobforge_audit_log.erasure_id
  ) as erased
  where not exists (
      select from public.jobforge_audit_log
      where jobforge_audit_log.action = 'erase_tenant'
        and jobforge_audit_log.target = 'erasure ' || erased.erasure_id
        and jobforge_audit_log.detail ->> 'audit_digest' = erased.digest)
    and not exists (
      select from jobforge.erasures
      where erasures.id = erased.erasure_id and erasures.finished_at is null);
end
$$;
comment on function jobforge.problems_of_log() is
  'Problems beyond the sealed entries: a cut end, entries without their seal, and erasures that '
  'do not match their own entry.';

create function jobforge.verify_audit(
  p_after_seq bigint, p_limit int, p_known_seq bigint, p_known_hash text)
returns jsonb
language plpgsql stable
security definer -- reads the seals
set search_path = pg_catalog, pg_temp
as $$
declare
  v_chain jobforge.audit_chain;
  v_through bigint;
  v_problems jsonb;
begin
  perform jobforge.require_service();
  if coalesce(p_after_seq, -1) not between 0 and 9000000000000000000
    or coalesce(p_limit, 0) not between 1 and 1000000
  then
    perform jobforge.fail('invalid_argument',
      'p_after_seq must be from 0 to 9000000000000000000, and p_limit from 1 to 1000000');
  end if;
  select audit_chain.* into v_chain from jobforge.audit_chain;
  v_through := p_after_seq + p_limit;
  select jsonb_agg(problems.*) into v_problems
  from (
    select * from jobforge.problems_of_seals(p_after_seq, v_through)
    union all
    select * from jobforge.problems_of_log() where v_through >= v_chain.seq
    union all
    select p_known_seq, null, 'the chain does not hold the head that was noted'
    where p_known_seq is not null and not exists (
      select from jobforge.audit_seals
      where audit_seals.seq = p_known_seq and encode(audit_seals.hash, 'hex') = p_known_hash)
    limit 100
  ) as problems;
  return jsonb_build_object('intact', v_problems is null, 'problems', coalesce(v_problems, '[]'),
    'head', jsonb_build_object('seq', v_chain.seq, 'hash', encode(v_chain.hash, 'hex')),
    'next_seq', case when v_through < v_chain.seq then v_through end,
    'unsealed', (select count(*) from jobforge.audit_seals where audit_seals.seq is null));
end
$$;
comment on function jobforge.verify_audit(bigint, int, bigint, text) is
  'Operators: whether the audit log is as it was recorded, and where it is not.';

create function public.jobforge_verify_audit(
  p_after_seq bigint default 0, p_limit int default 100000, p_known_seq bigint default null,
  p_known_hash text default null)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select jobforge.verify_audit(p_after_seq, p_limit, p_known_seq, p_known_hash) $$;
comment on function public.jobforge_verify_audit(bigint, int, bigint, text) is
  'Operators: whether the audit log was changed, cut or added to. Also compares it with a head '
  'that you stored before.';

-- supabase/schemas/20_jobs/00_jobs.sql

-- The jobs.
--
-- Every key leads with the tenant. There are no foreign keys between the hot tables: a check per
-- insert would lock the parent row that another transaction is about to update.

-- Columns of fixed width come first. To reach a column behind others, Postgres walks over them.
create table public.jobforge_jobs (
  tenant_id uuid not null,
  id uuid not null,
  queue_id int not null,
  priority smallint not null default 0,
  scheduled boolean not null default false,
  attempts int not null default 0,
  max_attempts int not null,
  attempts_before_retry int not null default 0,
  lease_expiries int not null default 0,
  timeout_ms int not null,
  run_at timestamptz not null,
  created_at timestamptz not null,
  status text not null default 'queued',
  queue text not null,
  type text not null,
  payload jsonb not null,
  run_id bigint,
  lease_token bigint,
  started_at timestamptz,
  finished_at timestamptz,
  cancel_requested_at timestamptz,
  created_by text,
  idempotency_key text,
  traceparent text,
  progress jsonb,
  last_error jsonb,
  constraint jobforge_jobs_pkey primary key (tenant_id, id),
  constraint finished_when_terminal check (case when finished_at is null
    then status in ('queued', 'running')
    else status in ('succeeded', 'failed', 'dead', 'canceled') end),
  constraint lease_only_while_running check ((status = 'running') = (lease_token is not null)),
  constraint leased_by_a_run check (lease_token is null or run_id is not null),
  constraint attempts_within_limit check (attempts between 0 and max_attempts)
) with (
  fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0
);
comment on table public.jobforge_jobs is
  'One piece of work of a job type, with a payload.';
comment on column public.jobforge_jobs.priority is 'Within its queue, smaller starts sooner.';
comment on column public.jobforge_jobs.scheduled is
  'Queued, and waiting for run_at. The next claim or dispatch after run_at clears it.';
comment on column public.jobforge_jobs.attempts_before_retry is
  'Attempts made before the last manual retry, which added a fresh set to max_attempts.';
comment on column public.jobforge_jobs.lease_expiries is
  'How often a lease of this job expired. From two on a run claims it alone.';
comment on column public.jobforge_jobs.run_id is
  'The run that holds the job, or the one in which it succeeded.';
comment on column public.jobforge_jobs.lease_token is
  'Fencing token of the current attempt: an outcome counts only with it. The lease ends with that '
  'of the run.';
create index jobforge_jobs_ready_idx on public.jobforge_jobs (queue_id, priority, id)
  where status = 'queued' and not scheduled and lease_expiries < 2;
create index jobforge_jobs_quarantined_idx on public.jobforge_jobs (run_at)
  where status = 'queued' and not scheduled and lease_expiries >= 2;
create index jobforge_jobs_scheduled_idx on public.jobforge_jobs (run_at) where scheduled;
create index jobforge_jobs_running_idx on public.jobforge_jobs (run_id, id)
  where status = 'running';
create index jobforge_jobs_canceling_idx on public.jobforge_jobs (run_id)
  where status = 'running' and cancel_requested_at is not null;
create index jobforge_jobs_unsuccessful_idx on public.jobforge_jobs (tenant_id, id)
  where status in ('failed', 'dead', 'canceled');

-- supabase/schemas/20_jobs/01_attempts.sql

-- Attempts and results.
--
-- A successful attempt stays in the row of its job, because most jobs need no other one. Every
-- other attempt has a row of its own, and one view shows both.

create domain jobforge.failure as text constraint outcome_is_known check (
  value in ('errored', 'failed', 'timed_out', 'canceled', 'lease_expired'));
comment on domain jobforge.failure is 'The outcome of an attempt that did not succeed.';

create table jobforge.unsuccessful_attempts (
  tenant_id uuid not null,
  job_id uuid not null,
  attempt_no int not null,
  run_id bigint not null,
  started_at timestamptz not null,
  finished_at timestamptz not null,
  outcome jobforge.failure not null,
  error jsonb,
  constraint unsuccessful_attempts_pkey primary key (tenant_id, job_id, attempt_no)
);
comment on table jobforge.unsuccessful_attempts is
  'An attempt that ended without success, also by an expired lease.';

create view public.jobforge_job_attempts with (security_invoker = true) as
select a.tenant_id, a.job_id, a.attempt_no, a.run_id, a.started_at, a.finished_at, a.outcome,
  a.error
from jobforge.unsuccessful_attempts as a
union all
select j.tenant_id, j.id, j.attempts, j.run_id, j.started_at, j.finished_at, 'succeeded', null
from public.jobforge_jobs as j
where j.status = 'succeeded';
comment on view public.jobforge_job_attempts is 'An attempt that ended, also by an expired lease.';

create table public.jobforge_job_results (
  tenant_id uuid not null,
  job_id uuid not null,
  result jsonb not null,
  created_at timestamptz not null,
  constraint jobforge_job_results_pkey primary key (tenant_id, job_id)
);
comment on table public.jobforge_job_results is
  'The result that the handler of a succeeded job returned. No row when it returned none.';

-- supabase/schemas/20_jobs/02_job_types.sql

-- Job types, as workers declare them: defaults for enqueue, backoff for retries.

create table jobforge.job_types (
  type text primary key,
  max_attempts int not null,
  timeout_ms int not null,
  backoff_base_ms int not null,
  backoff_cap_ms int not null
);
comment on table jobforge.job_types is
  'A job type as workers declared it. Jobs of an undeclared type get the defaults.';

create function jobforge.declare_types(p_types jsonb)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into jobforge.job_types as t
    (type, max_attempts, timeout_ms, backoff_base_ms, backoff_cap_ms)
  select declared.type, least(greatest(coalesce(declared.max_attempts, 5), 1), 1000),
    least(greatest(coalesce(declared.timeout_ms, 60000), 100), 86400000),
    least(greatest(coalesce(declared.backoff_base_ms, 2000), 0), 86400000),
    least(greatest(coalesce(declared.backoff_cap_ms, 3600000), 0), 86400000)
  from jsonb_to_recordset(p_types) as declared (type text, max_attempts int, timeout_ms int,
    backoff_base_ms int, backoff_cap_ms int)
  where declared.type is not null
  order by declared.type
  on conflict (type) do update set max_attempts = excluded.max_attempts,
    timeout_ms = excluded.timeout_ms, backoff_base_ms = excluded.backoff_base_ms,
    backoff_cap_ms = excluded.backoff_cap_ms
  where (t.max_attempts, t.timeout_ms, t.backoff_base_ms, t.backoff_cap_ms)
    is distinct from (excluded.max_attempts, excluded.timeout_ms, excluded.backoff_base_ms,
      excluded.backoff_cap_ms);
exception when data_exception or cardinality_violation then
  perform jobforge.fail('invalid_argument', format('p_types: %s', sqlerrm));
end
$$;
comment on function jobforge.declare_types(jsonb) is
  'Stores what a worker declares about its types: defaults for enqueue, backoff for retries.';

-- supabase/schemas/20_jobs/03_new_job.sql

-- The rules of a new job: one set for single jobs and batches, for every caller.

create type jobforge.new_job as (
  type text,
  payload jsonb,
  idempotency_key text,
  idempotency_ttl_seconds int,
  run_at timestamptz,
  max_attempts int,
  priority int,
  queue text,
  timeout_ms int,
  traceparent text
);
comment on type jobforge.new_job is 'A job as its caller describes it. Null means the default.';

create function jobforge.validate_jobs(p_jobs jobforge.new_job[])
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_job jobforge.new_job;
  v_index int := 0;
  v_type text;
  v_problem text;
begin
  foreach v_job in array p_jobs loop
    v_problem := case
      when v_job.type is null or v_job.type is distinct from v_type
        and v_job.type !~ jobforge.type_pattern()
        then 'type must be a letter and then up to 127 letters, digits or _ . : -'
      when v_job.payload is null then 'payload must be JSON'
      -- The text counts, because pg_column_size returns the compressed size.
      when octet_length(v_job.payload::text) > 262144
        or jsonb_path_exists(v_job.payload, '$.**{32 to last}')
        then 'payload must be at most 262144 bytes of text, nested less than 32 deep'
    end;
    -- Most jobs leave these out. The condition saves preparing the checks, which takes longer than
    -- evaluating them.
    if v_job.priority <> 0 or num_nonnulls(v_job.max_attempts, v_job.timeout_ms, v_job.run_at,
      v_job.idempotency_key, v_job.idempotency_ttl_seconds, v_job.traceparent) > 0
    then
      v_problem := coalesce(v_problem, case
        when v_job.priority not between -100 and 100 then 'priority must be from -100 to 100'
        when v_job.max_attempts not between 1 and 1000 then 'max_attempts must be from 1 to 1000'
        when v_job.timeout_ms not between 100 and 86400000
          then 'timeout_ms must be from 100 to 86400000'
        when v_job.run_at is not null and v_job.run_at not between
          jobforge.clock() - interval '366 days' and jobforge.clock() + interval '366 days'
          then 'run_at must be within 366 days of now'
        when length(v_job.idempotency_key) not between 1 and 200
          then 'idempotency_key must have 1 to 200 characters'
        when v_job.idempotency_ttl_seconds not between 1 and 31622400
          then 'idempotency_ttl_seconds must be from 1 to 31622400'
        when length(v_job.traceparent) > 128 then 'traceparent must have at most 128 characters'
      end);
    end if;
    if v_problem is not null then
      perform jobforge.fail_invalid(v_index, v_problem);
    end if;
    v_type := v_job.type;
    v_index := v_index + 1;
  end loop;
  return v_index;
end
$$;
comment on function jobforge.validate_jobs(jobforge.new_job[]) is
  'Returns the number of jobs. Raises an error for the first job that breaks a rule.';

create function jobforge.refuse_unknown_queues(p_tenant_id uuid, p_jobs jobforge.new_job[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_index bigint;
begin
  select min(new_job.ordinality) into v_index
  from unnest(p_jobs) with ordinality as new_job
  where new_job.queue <> 'default' and not exists (
    select from public.jobforge_queues as q
    where q.tenant_id = p_tenant_id and q.queue = new_job.queue);
  if v_index is not null then
    perform jobforge.refuse_erased(p_tenant_id);
    perform jobforge.fail('not_found', format(
      'job %s: no such queue. Operators create queues other than default', v_index - 1));
  end if;
end
$$;
comment on function jobforge.refuse_unknown_queues(uuid, jobforge.new_job[]) is
  'Raises not_found for the first job whose queue the tenant does not have.';

-- supabase/schemas/20_jobs/04_job_filter.sql

-- The filter of a list or of a bulk change, parsed and checked.

create type jobforge.job_filter as (
  status text[],
  type text[],
  queue text[],
  error_code text[],
  created_after timestamptz,
  created_before timestamptz
);
comment on type jobforge.job_filter is 'The jobs of a call. A null member means any.';

create function jobforge.job_filter(p_filter jsonb, p_statuses text[], p_default text[])
returns jobforge.job_filter
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_filter jobforge.job_filter;
begin
  if jsonb_typeof(p_filter) is distinct from 'object' or p_filter
    - '{status,type,queue,error_code,created_after,created_before}'::text[] <> '{}'
  then
    perform jobforge.fail('invalid_argument', 'p_filter must be an object with status, type, '
      'queue, error_code (a text or a list of texts each), created_after or created_before');
  end if;
  begin
    v_filter := (
      select jsonb_populate_record(null::jobforge.job_filter, jsonb_object_agg(member.key, case
        when member.key in ('status', 'type', 'queue', 'error_code')
          and jsonb_typeof(member.value) = 'string'
          then jsonb_build_array(member.value)
        else member.value end))
      from jsonb_each(p_filter) as member);
  exception when data_exception then
    perform jobforge.fail('invalid_argument', format('p_filter: %s', sqlerrm));
  end;
  if v_filter.created_after not between '1970-01-01' and '9999-01-01'
    or v_filter.created_before not between '1970-01-01' and '9999-01-01'
  then
    perform jobforge.fail('invalid_argument', 'p_filter: times must be from 1970 to 9999');
  end if;
  v_filter.status := coalesce(v_filter.status, p_default);
  if not v_filter.status <@ p_statuses or cardinality(v_filter.status) = 0 then
    perform jobforge.fail('invalid_argument',
      format('p_filter: status must be of %s', array_to_string(p_statuses, ', ')));
  end if;
  return v_filter;
end
$$;
comment on function jobforge.job_filter(jsonb, text[], text[]) is
  'Returns the filter of a caller, checked. Raises an error for unknown members and statuses.';

-- supabase/schemas/20_jobs/cancel_job.sql

-- Cancel a job: at once while it waits, at its next heartbeat while it runs.

create function jobforge.lock_job(p_job_id uuid, p_tenant_id uuid)
returns public.jobforge_jobs
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_job public.jobforge_jobs;
begin
  select j.* into v_job from public.jobforge_jobs as j
  where j.tenant_id = any (jobforge.callers_tenants(p_tenant_id)) and j.id = p_job_id
  for no key update;
  if not found then
    perform jobforge.fail('not_found', 'no such job');
  end if;
  return v_job;
end
$$;
comment on function jobforge.lock_job(uuid, uuid) is
  'Returns the job, locked. An unknown job and a job of another tenant raise the same not_found.';

create function jobforge.cancel(p_tenant_id uuid, p_ids uuid[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_group record;
begin
  for v_group in
    with stopped as (
      update public.jobforge_jobs as j
      set status = case j.status when 'queued' then 'canceled' else j.status end,
        scheduled = false,
        cancel_requested_at = coalesce(j.cancel_requested_at, v_now),
        finished_at = case j.status when 'queued' then v_now end
      where j.tenant_id = p_tenant_id and j.id = any (p_ids) and j.status in ('queued', 'running')
      returning j.queue_id, j.status
    )
    select stopped.queue_id, count(*)::int as count
    from stopped
    where stopped.status = 'canceled'
    group by stopped.queue_id
    order by stopped.queue_id
  loop
    perform jobforge.tally_enqueued(v_group.queue_id, -v_group.count);
  end loop;
end
$$;
comment on function jobforge.cancel(uuid, uuid[]) is
  'Cancels queued jobs at once and requests that running ones stop. The caller has locked '
  'them.';

create function jobforge.cancel_job(p_job_id uuid, p_tenant_id uuid)
returns table (job_id uuid, status text, cancel_requested boolean)
language plpgsql
security definer -- writes jobs, bounded by the caller's tenants
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_job constant public.jobforge_jobs := jobforge.lock_job(p_job_id, p_tenant_id);
begin
  if v_job.status not in ('queued', 'running', 'canceled') then
    perform jobforge.fail('wrong_state', format('the job is %s already', v_job.status));
  end if;
  perform jobforge.cancel(v_job.tenant_id, array[v_job.id]);
  perform jobforge.audit('cancel_job', v_job.tenant_id, v_job.id::text,
    jsonb_build_object('from', v_job.status));
  return query
  select j.id, j.status, j.cancel_requested_at is not null from public.jobforge_jobs as j
  where j.tenant_id = v_job.tenant_id and j.id = v_job.id;
end
$$;
comment on function jobforge.cancel_job(uuid, uuid) is
  'Users: cancels a queued job at once and a running one at its next heartbeat.';

create function public.jobforge_cancel_job(p_job_id uuid, p_tenant_id uuid default null)
returns table (job_id uuid, status text, cancel_requested boolean)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select * from jobforge.cancel_job(p_job_id, p_tenant_id) $$;
comment on function public.jobforge_cancel_job(uuid, uuid) is
  'Users: cancels a queued job at once and a running one at its next heartbeat.';

-- supabase/schemas/20_jobs/cancel_jobs.sql

-- Cancel jobs by filter.

create function jobforge.cancel_jobs(
  p_tenant_id uuid, p_filter jsonb, p_after uuid, p_limit int, p_dry_run boolean)
returns jsonb
language sql volatile
security definer -- writes jobs, bounded by the caller's tenant
set search_path = pg_catalog, pg_temp
as $$
  select jobforge.change_jobs('cancel_jobs', jobforge.callers_tenant(p_tenant_id),
    p_filter, p_after, p_limit, p_dry_run)
$$;
comment on function jobforge.cancel_jobs(uuid, jsonb, uuid, int, boolean) is
  'Users: cancels queued and running jobs by filter.';

create function public.jobforge_cancel_jobs(
  p_tenant_id uuid default null, p_filter jsonb default '{}', p_after uuid default null,
  p_limit int default 1000, p_dry_run boolean default true)
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.cancel_jobs(p_tenant_id, p_filter, p_after, p_limit, p_dry_run) $$;
comment on function public.jobforge_cancel_jobs(uuid, jsonb, uuid, int, boolean) is
  'Users: cancels queued and running jobs by filter. Only reports them unless p_dry_run is '
  'false.';

-- supabase/schemas/20_jobs/change_jobs.sql

-- Change jobs by filter, for retry_jobs and cancel_jobs.
--
-- One call reads a bounded range of a tenant's jobs and changes a bounded number of them. It skips
-- jobs that another transaction holds. Order of locks: jobs, then per queue the gate (shared),
-- admission, tallies.

create type jobforge.found_jobs as (
  ids uuid[],
  sample jsonb,
  next uuid
);
comment on type jobforge.found_jobs is
  'The jobs that a filter found, with a description of ten. The next call continues after next, '
  'which is null at the end.';

create function jobforge.find_jobs(
  p_tenant_id uuid, p_filter jobforge.job_filter, p_ended boolean, p_after uuid, p_limit int)
returns jobforge.found_jobs
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_scan_limit constant int := 50000;
  -- The id is made a moment before or after created_at is read.
  v_from constant uuid := coalesce(
    jobforge.first_id_at(p_filter.created_after - interval '1 second'), p_after);
  v_until constant uuid := jobforge.first_id_at(
    coalesce(p_filter.created_before, '9999-01-01') + interval '1 second');
  v_found jobforge.found_jobs;
begin
  -- Unsuccessful jobs have an index of their own. Only one of the two halves ever runs.
  with examined as materialized (
    (select j.id, j.status, j.type, j.queue, j.last_error ->> 'code' as error_code, j.created_at,
        j.cancel_requested_at is not null and j.status = 'running' as canceling
      from public.jobforge_jobs as j
      where p_ended and j.tenant_id = p_tenant_id and j.id > p_after
        and j.id >= v_from and j.id < v_until and j.status in ('failed', 'dead', 'canceled')
      order by j.id limit v_scan_limit)
    union all
    (select j.id, j.status, j.type, j.queue, j.last_error ->> 'code', j.created_at,
        j.cancel_requested_at is not null and j.status = 'running'
      from public.jobforge_jobs as j
      where not p_ended and j.tenant_id = p_tenant_id and j.id > p_after
        and j.id >= v_from and j.id < v_until
      order by j.id limit v_scan_limit)
  ),
  matched as (
    select examined.* from examined
    where examined.status = any (p_filter.status) and not examined.canceling
      and (p_filter.type is null or examined.type = any (p_filter.type))
      and (p_filter.queue is null or examined.queue = any (p_filter.queue))
      and (p_filter.error_code is null or examined.error_code = any (p_filter.error_code))
      and (p_filter.created_after is null or examined.created_at >= p_filter.created_after)
      and (p_filter.created_before is null or examined.created_at < p_filter.created_before)
    order by examined.id
    limit p_limit
  ),
  described as (
    select jsonb_agg(to_jsonb(sampled) - 'canceling' order by sampled.id) as sample
    from (select matched.* from matched order by matched.id limit 10) as sampled
  )
  select array_agg(matched.id order by matched.id), (select described.sample from described),
    case when count(*) = p_limit then (array_agg(matched.id order by matched.id desc))[1]
      when (select count(*) from examined) = v_scan_limit
        then (select examined.id from examined order by examined.id desc limit 1) end
  into v_found
  from matched;
  return v_found;
end
$$;
comment on function jobforge.find_jobs(uuid, jobforge.job_filter, boolean, uuid, int) is
  'Returns up to p_limit jobs after an id that pass the filter. Reads 50,000 jobs at most.';

create function jobforge.change_jobs(p_action text, p_tenant_id uuid, p_filter jsonb,
  p_after uuid, p_limit int, p_dry_run boolean)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_ended constant boolean := p_action = 'retry_jobs';
  v_filter constant jobforge.job_filter := case
    when v_ended then jobforge.job_filter(p_filter, '{dead,failed,canceled}', '{dead,failed}')
    else jobforge.job_filter(p_filter, '{queued,running}', '{queued,running}') end;
  v_found jobforge.found_jobs;
  v_held uuid[];
begin
  if p_limit is null or p_limit not between 1 and 10000 then
    perform jobforge.fail('invalid_argument', 'p_limit must be from 1 to 10000');
  end if;
  v_found := jobforge.find_jobs(p_tenant_id, v_filter, v_ended,
    coalesce(p_after, '00000000-0000-0000-0000-000000000000'), p_limit);
  v_held := coalesce(v_found.ids, '{}');
  if p_dry_run is not false then
    return jsonb_build_object('dry_run', true, 'count', cardinality(v_held), 'skipped', 0,
      'sample', coalesce(v_found.sample, '[]'), 'next', v_found.next);
  end if;

  select coalesce(array_agg(held.id), '{}') into v_held
  from (
    select j.id from public.jobforge_jobs as j
    where j.tenant_id = p_tenant_id and j.id = any (v_found.ids)
      and j.status = any (v_filter.status)
    order by j.id
    for no key update skip locked
  ) as held;
  if v_ended then
    perform jobforge.retry_ended(p_tenant_id, v_held);
  else
    perform jobforge.cancel(p_tenant_id, v_held);
  end if;
  perform jobforge.audit(p_action, p_tenant_id, null,
    jsonb_build_object('filter', p_filter, 'count', cardinality(v_held)));
  return jsonb_build_object('dry_run', false, 'count', cardinality(v_held),
    'skipped', coalesce(cardinality(v_found.ids), 0) - cardinality(v_held),
    'sample', coalesce(v_found.sample, '[]'), 'next', v_found.next);
end
$$;
comment on function jobforge.change_jobs(text, uuid, jsonb, uuid, int, boolean) is
  'Retries or cancels the jobs that a filter finds. A dry run only reports them. The caller has '
  'checked the tenant.';

-- supabase/schemas/20_jobs/cleanup.sql

-- Delete finished jobs of one tenant, with their attempts and results.
--
-- Ids sort by time, so the oldest jobs of a tenant come first in the primary key and no index on
-- finished_at is needed. Batches are small, take rows with SKIP LOCKED and touch no queue, so
-- claims never wait for them.

create type jobforge.deletion as (
  examined int,
  deleted int,
  next uuid
);
comment on type jobforge.deletion is
  'How many jobs one batch read and deleted. The next batch continues after next, which is null '
  'at the end.';

create function jobforge.delete_ended(
  p_tenant_id uuid, p_before jsonb, p_after uuid, p_limit int)
returns jobforge.deletion
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  -- A job that finished before a time was created before it, and so was its id.
  v_until constant uuid := jobforge.first_id_at((
    select max(finished_before.value::timestamptz)
    from jsonb_each_text(p_before) as finished_before) + interval '1 second');
  v_deletion jobforge.deletion;
begin
  with examined as materialized (
    select j.id, j.status, j.finished_at from public.jobforge_jobs as j
    where j.tenant_id = p_tenant_id and j.id > p_after and j.id < v_until
    order by j.id
    limit p_limit
  ),
  held as materialized (
    select j.id from public.jobforge_jobs as j
    where j.tenant_id = p_tenant_id
      and j.id in (
        select examined.id from examined
        where examined.finished_at < (p_before ->> examined.status)::timestamptz)
      and j.finished_at < (p_before ->> j.status)::timestamptz
    for update skip locked
  ),
  deleted_attempts as (
    delete from jobforge.unsuccessful_attempts as a using held
    where a.tenant_id = p_tenant_id and a.job_id = held.id
  ),
  deleted_results as (
    delete from public.jobforge_job_results using held
    where jobforge_job_results.tenant_id = p_tenant_id and jobforge_job_results.job_id = held.id
  ),
  deleted_jobs as (
    delete from public.jobforge_jobs as j using held
    where j.tenant_id = p_tenant_id and j.id = held.id
    returning j.id
  )
  select count(*), (select count(*) from deleted_jobs),
    case when count(*) = p_limit then (array_agg(examined.id order by examined.id desc))[1] end
  into v_deletion
  from examined;
  return v_deletion;
end
$$;
comment on function jobforge.delete_ended(uuid, jsonb, uuid, int) is
  'Deletes one batch of a tenant''s jobs after an id: those that finished before the time given '
  'for their status.';

create function jobforge.cleanup(
  p_tenant_id uuid, p_retention_days int, p_statuses text[], p_after uuid, p_limit int)
returns jsonb
language plpgsql
security definer -- deletes finished jobs
set search_path = pg_catalog, pg_temp
as $$
declare
  v_before timestamptz;
  v_deletion jobforge.deletion;
begin
  perform jobforge.require_service();
  if p_tenant_id is null or coalesce(p_retention_days, 0) not between 1 and 36500
    or coalesce(p_limit, 0) not between 1 and 10000
  then
    perform jobforge.fail('invalid_argument', 'p_tenant_id is needed, p_retention_days must be '
      'from 1 to 36500, and p_limit from 1 to 10000');
  elsif coalesce(cardinality(p_statuses), 0) = 0
    or not p_statuses <@ '{succeeded,failed,dead,canceled}'
  then
    perform jobforge.fail('invalid_argument',
      'p_statuses must be of succeeded, failed, dead and canceled');
  end if;
  v_before := jobforge.clock() - make_interval(days => p_retention_days);
  v_deletion := jobforge.delete_ended(p_tenant_id,
    (select jsonb_object_agg(status, v_before) from unnest(p_statuses) as status),
    coalesce(p_after, '00000000-0000-0000-0000-000000000000'), p_limit);
  return jsonb_build_object('deleted', v_deletion.deleted, 'next', v_deletion.next);
end
$$;
comment on function jobforge.cleanup(uuid, int, text[], uuid, int) is
  'Workers: deletes one batch of a tenant''s finished jobs. Returns where the next batch '
  'continues.';

create function public.jobforge_cleanup(
  p_tenant_id uuid, p_retention_days int, p_statuses text[], p_after uuid default null,
  p_limit int default 1000)
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.cleanup(p_tenant_id, p_retention_days, p_statuses, p_after, p_limit) $$;
comment on function public.jobforge_cleanup(uuid, int, text[], uuid, int) is
  'Workers: deletes one batch of a tenant''s finished jobs. Returns where the next batch '
  'continues.';

-- supabase/schemas/20_jobs/configure_retention.sql

-- Configure retention: how many days finished jobs are kept.

create function jobforge.configure_retention(p_succeeded_days int, p_unsuccessful_days int)
returns jsonb
language plpgsql
security definer -- writes settings
set search_path = pg_catalog, pg_temp
as $$
declare
  v_before jsonb;
  v_after jsonb;
begin
  perform jobforge.require_service();
  if p_succeeded_days not between 1 and 36500 or p_unsuccessful_days not between 1 and 36500 then
    perform jobforge.fail('invalid_argument',
      'p_succeeded_days and p_unsuccessful_days must be from 1 to 36500, or null to keep jobs');
  end if;
  select jsonb_build_object('succeeded_days', settings.retention_succeeded_days,
    'unsuccessful_days', settings.retention_unsuccessful_days) into v_before
  from jobforge.settings for no key update;
  update jobforge.settings
  set retention_succeeded_days = p_succeeded_days,
    retention_unsuccessful_days = p_unsuccessful_days
  where settings.id
  returning jsonb_build_object('succeeded_days', settings.retention_succeeded_days,
    'unsuccessful_days', settings.retention_unsuccessful_days) into v_after;
  perform jobforge.audit_change('configure_retention', null, null, v_before, v_after);
  return v_after;
end
$$;
comment on function jobforge.configure_retention(int, int) is
  'Operators: sets for how many days finished jobs are kept. Null keeps them forever.';

create function public.jobforge_configure_retention(p_succeeded_days int, p_unsuccessful_days int)
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.configure_retention(p_succeeded_days, p_unsuccessful_days) $$;
comment on function public.jobforge_configure_retention(int, int) is
  'Operators: sets for how many days finished jobs are kept. Null keeps them forever.';

-- supabase/schemas/20_jobs/enqueue.sql

-- Enqueue: the part that single jobs, batches, schedules and webhooks share.
--
-- Order of locks: idempotency keys, then per queue the gate (shared), admission, tallies. An
-- enqueue never waits for a queue's row. It leaves a wake-up instead.

create table jobforge.idempotency_keys (
  tenant_id uuid not null,
  type text not null,
  key text not null,
  request_hash bytea not null,
  job_id uuid not null,
  expires_at timestamptz,
  constraint idempotency_keys_pkey primary key (tenant_id, type, key)
);
comment on table jobforge.idempotency_keys is
  'The job that a key stands for. A row of its own, so that the key can expire before the job.';
create index idempotency_keys_expiry_idx on jobforge.idempotency_keys (expires_at)
  where expires_at is not null;

create function jobforge.reserve_keys(p_tenant_id uuid, p_jobs jobforge.new_job[], p_ids uuid[])
returns uuid[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_job_ids uuid[];
  v_mismatch bigint;
begin
  -- In one order, so that two batches with the same keys cannot deadlock.
  insert into jobforge.idempotency_keys as k
    (tenant_id, type, key, request_hash, job_id, expires_at)
  select distinct on (new_job.type, new_job.idempotency_key)
    p_tenant_id, new_job.type, new_job.idempotency_key,
    sha256(convert_to(new_job.payload::text, 'UTF8')), p_ids[new_job.ordinality],
    v_now + make_interval(secs => new_job.idempotency_ttl_seconds)
  from unnest(p_jobs) with ordinality as new_job
  where new_job.idempotency_key is not null
  order by new_job.type, new_job.idempotency_key, new_job.ordinality
  on conflict (tenant_id, type, key) do update
    set request_hash = excluded.request_hash, job_id = excluded.job_id,
      expires_at = excluded.expires_at
    where k.expires_at <= v_now;

  select array_agg(coalesce(k.job_id, p_ids[new_job.ordinality]) order by new_job.ordinality),
    min(new_job.ordinality) filter (
      where k.request_hash <> sha256(convert_to(new_job.payload::text, 'UTF8')))
  into v_job_ids, v_mismatch
  from unnest(p_jobs) with ordinality as new_job
  left join jobforge.idempotency_keys as k
    on k.tenant_id = p_tenant_id and k.type = new_job.type and k.key = new_job.idempotency_key;
  if v_mismatch is not null then
    perform jobforge.fail('idempotency_mismatch', format(
      'job %s: its idempotency_key was used for a job with another payload', v_mismatch - 1));
  end if;
  return v_job_ids;
end
$$;
comment on function jobforge.reserve_keys(uuid, jobforge.new_job[], uuid[]) is
  'Returns for each job the id of its idempotency key: its own, or that of the first job.';

create function jobforge.enqueue(p_tenant_id uuid, p_jobs jobforge.new_job[])
returns table (index int, job_id uuid, status text, duplicate boolean)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_count constant int := jobforge.validate_jobs(p_jobs);
  v_now constant timestamptz := jobforge.clock();
  v_created_by constant text := jobforge.caller();
  v_head constant text := jobforge.id_prefix(v_now);
  v_tail constant text := right(gen_random_uuid()::text, 12);
  v_ids constant uuid[] := array(
    select (v_head || to_hex(32768 + ordinal % 16384) || v_tail)::uuid
    from generate_series(1, v_count) as ordinal);
  v_job_ids uuid[] := v_ids;
  v_group record;
  v_queues text[] := '{}'::text[];
  v_queue_ids int[] := '{}'::int[];
begin
  perform jobforge.refuse_unknown_queues(p_tenant_id, p_jobs);
  if exists (select from unnest(p_jobs) as new_job where new_job.idempotency_key is not null) then
    v_job_ids := jobforge.reserve_keys(p_tenant_id, p_jobs, v_ids);
  end if;

  for v_group in
    with grouped as materialized ( -- hashed, because sorting names takes longer than the rest
      select coalesce(new_job.queue, 'default') as queue, count(*)::int as count,
        min(coalesce(new_job.priority, 0)) filter (
          where new_job.run_at is null or new_job.run_at <= v_now) as priority
      from unnest(p_jobs) with ordinality as new_job
      where v_ids[new_job.ordinality] = v_job_ids[new_job.ordinality]
      group by 1
    )
    select grouped.* from grouped order by grouped.queue
  loop
    v_queues := v_queues || v_group.queue;
    v_queue_ids := v_queue_ids || jobforge.add_to_queue(
      p_tenant_id, v_group.queue, v_group.count, v_group.priority);
  end loop;

  insert into public.jobforge_jobs (tenant_id, id, queue_id, queue, type, payload, priority,
    scheduled, run_at, max_attempts, timeout_ms, idempotency_key, traceparent, created_by,
    created_at)
  select p_tenant_id, new_job.id,
    v_queue_ids[array_position(v_queues, coalesce(new_job.queue, 'default'))],
    coalesce(new_job.queue, 'default'), new_job.type, new_job.payload,
    coalesce(new_job.priority, 0), coalesce(new_job.run_at > v_now, false),
    coalesce(new_job.run_at, v_now), coalesce(new_job.max_attempts, t.max_attempts, 5),
    coalesce(new_job.timeout_ms, t.timeout_ms, 60000), new_job.idempotency_key,
    new_job.traceparent, v_created_by, v_now
  from unnest(p_jobs, v_ids, v_job_ids) as new_job (type, payload, idempotency_key,
    idempotency_ttl_seconds, run_at, max_attempts, priority, queue, timeout_ms, traceparent, id,
    job_id)
  left join jobforge.job_types as t on t.type = new_job.type
  where new_job.id = new_job.job_id;

  return query
  select (reserved.index - 1)::int, reserved.job_id,
    case when reserved.id = reserved.job_id then 'queued' else (
      select j.status from public.jobforge_jobs as j
      where j.tenant_id = p_tenant_id and j.id = reserved.job_id) end,
    reserved.id <> reserved.job_id
  from unnest(v_ids, v_job_ids) with ordinality as reserved (id, job_id, index)
  order by reserved.index;
end
$$;
comment on function jobforge.enqueue(uuid, jobforge.new_job[]) is
  'Enqueues all of the jobs or none. The caller has checked the tenant.';

create function jobforge.enqueue_one(p_tenant_id uuid, p_job jobforge.new_job)
returns uuid
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_later constant boolean := coalesce(p_job.run_at > v_now, false);
  v_priority constant int := coalesce(p_job.priority, 0);
  v_queue constant text := coalesce(p_job.queue, 'default');
  v_id constant uuid := (
    jobforge.id_prefix(v_now) || '8000' || right(gen_random_uuid()::text, 12))::uuid;
  v_type jobforge.job_types;
  v_queue_id int;
begin
  select t.* into v_type from jobforge.job_types as t where t.type = p_job.type;
  v_queue_id := jobforge.add_to_queue(
    p_tenant_id, v_queue, 1, case when not v_later then v_priority end);
  insert into public.jobforge_jobs (tenant_id, id, queue_id, queue, type, payload, priority,
    scheduled, run_at, max_attempts, timeout_ms, traceparent, created_by, created_at)
  values (p_tenant_id, v_id, v_queue_id, v_queue, p_job.type, p_job.payload, v_priority,
    v_later, coalesce(p_job.run_at, v_now),
    coalesce(p_job.max_attempts, v_type.max_attempts, 5),
    coalesce(p_job.timeout_ms, v_type.timeout_ms, 60000),
    p_job.traceparent, jobforge.caller(), v_now);
  return v_id;
end
$$;
comment on function jobforge.enqueue_one(uuid, jobforge.new_job) is
  'The short path for one job without an idempotency key. The caller has checked the tenant and '
  'the job.';

-- supabase/schemas/20_jobs/enqueue_job.sql

-- Enqueue one job.

create type jobforge.enqueued as (
  job_id uuid,
  status text,
  duplicate boolean
);
comment on type jobforge.enqueued is
  'The result of an enqueue: a new job, or the earlier one with the same idempotency key.';

create function jobforge.enqueue_job(p_tenant_id uuid, p_job jobforge.new_job)
returns jobforge.enqueued
language plpgsql
security definer -- writes jobs, bounded by the caller's tenant
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
declare
  v_tenant_id constant uuid := jobforge.callers_tenant(p_tenant_id);
  v_enqueued jobforge.enqueued;
begin
  if p_job.idempotency_key is not null then
    select enqueued.job_id, enqueued.status, enqueued.duplicate into v_enqueued
    from jobforge.enqueue(v_tenant_id, array[p_job]) as enqueued;
    return v_enqueued;
  end if;
  if jobforge.validate_jobs(array[p_job]) = 1 and p_job.queue <> 'default' then
    perform jobforge.refuse_unknown_queues(v_tenant_id, array[p_job]);
  end if;
  return row(jobforge.enqueue_one(v_tenant_id, p_job), 'queued', false)::jobforge.enqueued;
end
$$;
comment on function jobforge.enqueue_job(uuid, jobforge.new_job) is
  'Users: enqueues one job for the caller''s tenant.';

create function public.jobforge_enqueue_job(
  p_tenant_id uuid default null,
  p_type text default null,
  p_payload jsonb default '{}',
  p_idempotency_key text default null,
  p_run_at timestamptz default null,
  p_max_attempts int default null,
  p_priority int default 0,
  p_queue text default 'default',
  p_timeout_ms int default null,
  p_traceparent text default null,
  p_idempotency_ttl_seconds int default null)
returns table (job_id uuid, status text, duplicate boolean)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_enqueued constant jobforge.enqueued := jobforge.enqueue_job(p_tenant_id, row(p_type, p_payload,
    p_idempotency_key, p_idempotency_ttl_seconds, p_run_at, p_max_attempts, p_priority, p_queue,
    p_timeout_ms, p_traceparent)::jobforge.new_job);
begin
  job_id := v_enqueued.job_id;
  status := v_enqueued.status;
  duplicate := v_enqueued.duplicate;
  return next;
end
$$;
comment on function public.jobforge_enqueue_job(
  uuid, text, jsonb, text, timestamptz, int, int, text, int, text, int) is
  'Users: enqueues one job. Returns the first job again for the same idempotency key and payload.';

-- supabase/schemas/20_jobs/enqueue_jobs.sql

-- Enqueue a batch of jobs in one transaction.

create function jobforge.fail_at_invalid_value(p_jobs jsonb)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  for v_index in 0..jsonb_array_length(p_jobs) - 1 loop
    begin
      perform jsonb_populate_record(null::jobforge.new_job, p_jobs -> v_index);
    exception when data_exception then
      perform jobforge.fail('invalid_argument', format('job %s: %s', v_index, sqlerrm));
    end;
  end loop;
end
$$;
comment on function jobforge.fail_at_invalid_value(jsonb) is
  'Raises invalid_argument for the first job with a value of the wrong type.';

create function jobforge.enqueue_jobs(p_tenant_id uuid, p_jobs jsonb)
returns table (index int, job_id uuid, status text, duplicate boolean)
language plpgsql
security definer -- writes jobs, bounded by the caller's tenant
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
declare
  v_tenant_id constant uuid := jobforge.callers_tenant(p_tenant_id);
  v_invalid record;
  v_jobs jobforge.new_job[];
begin
  if jsonb_typeof(p_jobs) is distinct from 'array'
    or jsonb_array_length(p_jobs) not between 1 and 1000
  then
    perform jobforge.fail('invalid_argument', 'p_jobs must be an array of 1 to 1000 jobs');
  end if;
  select element.ordinality - 1 as index, jsonb_typeof(element.value) as type into v_invalid
  from jsonb_array_elements(p_jobs) with ordinality as element
  where jsonb_typeof(element.value) <> 'object'
    or element.value - array['type', 'payload', 'idempotency_key', 'idempotency_ttl_seconds',
      'run_at', 'max_attempts', 'priority', 'queue', 'timeout_ms', 'traceparent'] <> '{}'
  limit 1;
  if found then
    perform jobforge.fail('invalid_argument', format(
      'job %s: must be an object with type, payload, idempotency_key, idempotency_ttl_seconds, '
      'run_at, max_attempts, priority, queue, timeout_ms or traceparent and nothing else',
      v_invalid.index));
  end if;
  begin
    select array_agg(row(new_job.type, coalesce(new_job.payload, '{}'), new_job.idempotency_key,
      new_job.idempotency_ttl_seconds, new_job.run_at, new_job.max_attempts, new_job.priority,
      new_job.queue, new_job.timeout_ms, new_job.traceparent)::jobforge.new_job) into v_jobs
    from jsonb_populate_recordset(null::jobforge.new_job, p_jobs) as new_job;
  exception when data_exception then
    perform jobforge.fail_at_invalid_value(p_jobs);
  end;
  return query select * from jobforge.enqueue(v_tenant_id, v_jobs);
end
$$;
comment on function jobforge.enqueue_jobs(uuid, jsonb) is
  'Users: enqueues up to 1,000 jobs for the caller''s tenant: all or none.';

create function public.jobforge_enqueue_jobs(
  p_tenant_id uuid default null, p_jobs jsonb default null)
returns table (index int, job_id uuid, status text, duplicate boolean)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return query select * from jobforge.enqueue_jobs(p_tenant_id, p_jobs);
end
$$;
comment on function public.jobforge_enqueue_jobs(uuid, jsonb) is
  'Users: enqueues up to 1,000 jobs in one transaction: all or none.';

-- supabase/schemas/20_jobs/explain_job.sql

-- Explain a job: why it is not running, and when it could start.

create function jobforge.host_of(p_job public.jobforge_jobs)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select lower(substring(
    case p_job.type
      when 'connector.http.request' then p_job.payload ->> 'url'
      when 'connector.webhook.deliver' then (
        select jobforge_connector_configs.config ->> 'url'
        from public.jobforge_connector_configs
        where jobforge_connector_configs.tenant_id = p_job.tenant_id
          and jobforge_connector_configs.connector = p_job.type
          and jobforge_connector_configs.name
            = coalesce(p_job.payload ->> 'destination', 'default'))
    end from '^https?://([^:/?#@]+)'))
$$;
comment on function jobforge.host_of(public.jobforge_jobs) is
  'The host that the job of a connector calls. Null for other jobs.';

create function jobforge.host_closed_until(p_job public.jobforge_jobs, p_now timestamptz)
returns timestamptz
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select closed_hosts.closed_until from jobforge.closed_hosts
  where closed_hosts.tenant_id = p_job.tenant_id
    and closed_hosts.host = jobforge.host_of(p_job) and closed_hosts.closed_until > p_now
$$;
comment on function jobforge.host_closed_until(public.jobforge_jobs, timestamptz) is
  'The time until which no worker calls the host of a job. Null when the host is open.';

create function jobforge.reason_of(
  p_job public.jobforge_jobs, p_closed_until timestamptz, p_now timestamptz)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when p_job.status = 'running' and p_job.cancel_requested_at is not null then 'canceling'
    when p_job.status = 'running' and not exists (
      select from jobforge.runs as r
      where r.id = p_job.run_id and r.state = 'live' and r.lease_expires_at > p_now)
      then 'lease_expiring'
    when p_job.status <> 'queued' then p_job.status
    when q.tenant_id <> p_job.tenant_id then 'tenant_erasing'
    when q.paused then 'queue_paused'
    when p_job.scheduled and p_job.run_at > p_now
      and (p_job.last_error ->> 'code' = 'host_closed' or p_closed_until >= p_job.run_at)
      then 'host_closed'
    when p_job.scheduled and p_job.run_at > p_now then 'scheduled'
    when jobforge.running(q.id) >= q.max_running then 'queue_at_max_running'
    when jobforge.available_starts(q, p_now) = 0 then 'queue_rate_limited'
    when p_closed_until is not null then 'host_closed'
    when p_job.lease_expiries >= 2 then 'quarantined'
    when not exists (select from jobforge.job_types as t where t.type = p_job.type)
      then 'type_unknown_to_workers'
    when not exists (
      select from jobforge.runs as r where r.state = 'live' and r.lease_expires_at > p_now)
      then 'waiting_for_a_worker'
    else 'waiting_its_turn'
  end
  from public.jobforge_queues as q where q.id = p_job.queue_id
$$;
comment on function jobforge.reason_of(public.jobforge_jobs, timestamptz, timestamptz) is
  'The first reason why a job is not running.';

create function jobforge.schedule_of(p_job public.jobforge_jobs)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- A schedule that is fanned out to all tenants is the operator's. Tenants do not see its name.
  select jsonb_build_object('id', jobforge_schedules.id,
    'name', case when jobforge_schedules.tenant_id is not null or jobforge.is_service()
      then jobforge_schedules.name end,
    'overlap', jobforge_schedules.overlap, 'next_at', jobforge_schedules.next_at,
    'waits_for_this_job',
      jobforge_schedules.overlap = 'skip' and p_job.status in ('queued', 'running'))
  from jobforge.schedule_jobs
  join public.jobforge_schedules on jobforge_schedules.id = schedule_jobs.schedule_id
  where schedule_jobs.tenant_id = p_job.tenant_id and schedule_jobs.job_id = p_job.id
  limit 1
$$;
comment on function jobforge.schedule_of(public.jobforge_jobs) is
  'The schedule of which this is the last job, and whether it skips occurrences meanwhile.';

create function jobforge.explain_job(p_job_id uuid, p_tenant_id uuid)
returns jsonb
language plpgsql
security definer -- reads runs and settings, bounded by the caller's tenants
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_job public.jobforge_jobs;
  v_queue public.jobforge_queues;
  v_closed_until timestamptz;
  v_reason text;
begin
  select j.* into v_job from public.jobforge_jobs as j
  where j.tenant_id = any (jobforge.callers_tenants(p_tenant_id)) and j.id = p_job_id;
  if not found then
    perform jobforge.fail('not_found', 'no such job');
  end if;
  select q.* into strict v_queue from public.jobforge_queues as q where q.id = v_job.queue_id;
  v_closed_until := jobforge.host_closed_until(v_job, v_now);
  v_reason := jobforge.reason_of(v_job, v_closed_until, v_now);
  return jsonb_build_object('job_id', v_job.id, 'status', v_job.status, 'reason', v_reason,
    'message', jobforge.reason_text(v_reason),
    'earliest_at', case v_reason
      when 'scheduled' then v_job.run_at
      when 'host_closed' then greatest(v_job.run_at, v_closed_until)
      when 'queue_rate_limited' then jobforge.next_start(v_queue)
      when 'lease_expiring' then v_now + interval '10 seconds'
      when 'quarantined' then v_now
      when 'waiting_for_a_worker' then v_now
      when 'waiting_its_turn' then v_now
    end) || jsonb_strip_nulls(jsonb_build_object(
    'run_id', case when v_job.status = 'running' then v_job.run_id end,
    'lease_expires_at', case when v_job.status = 'running' then (
      select r.lease_expires_at from jobforge.runs as r where r.id = v_job.run_id) end,
    'schedule', jobforge.schedule_of(v_job)));
end
$$;
comment on function jobforge.explain_job(uuid, uuid) is
  'Users: why a job is not running, and when it could start. Null when that is not known.';

create function jobforge.reason_text(p_reason text)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select case p_reason
    when 'canceling' then 'It is being canceled. Its worker stops it at the next heartbeat.'
    when 'lease_expiring' then 'Its worker stopped reporting. The next dispatch queues it again.'
    when 'running' then 'It is running, under the lease of a live run.'
    when 'succeeded' then 'It has succeeded.'
    when 'failed' then 'Its handler rejected it for good. Call retry_job to queue it again.'
    when 'dead' then 'Its attempts are used up. Call retry_job to queue it again.'
    when 'canceled' then 'It was canceled. Call retry_job to queue it again.'
    when 'tenant_erasing' then 'Its tenant is being erased. It is deleted without running.'
    when 'queue_paused' then 'Its queue is paused.'
    when 'scheduled' then 'It waits for its run_at.'
    when 'host_closed' then 'The host it calls asked for a pause.'
    when 'queue_at_max_running' then 'Its queue runs as many jobs as max_running allows.'
    when 'queue_rate_limited' then 'Its queue has used up its rate for now.'
    when 'quarantined' then 'Its lease expired twice. It waits for a run that holds no other job.'
    when 'type_unknown_to_workers' then 'No worker has declared its type yet.'
    when 'waiting_for_a_worker' then 'It is ready. No worker is running yet.'
    when 'waiting_its_turn' then 'It is ready, behind other jobs of its queue or other queues.'
  end
$$;
comment on function jobforge.reason_text(text) is 'A reason of explain_job in words.';

create function public.jobforge_explain_job(p_job_id uuid, p_tenant_id uuid default null)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select jobforge.explain_job(p_job_id, p_tenant_id) $$;
comment on function public.jobforge_explain_job(uuid, uuid) is
  'Users: why a job is not running, and when it could start. Null when that is not known.';

-- supabase/schemas/20_jobs/list_jobs.sql

-- List jobs, newest first.
--
-- A page is found by walking back from an id through the existing indexes. A filter that matches
-- few jobs could walk for long. So one call reads 10,000 jobs at most and returns where the next
-- one continues.

create type jobforge.job_key as (
  tenant_id uuid,
  id uuid
);
comment on type jobforge.job_key is 'The key of a job.';

create type jobforge.job_page as (
  jobs jobforge.job_key[],
  next uuid
);
comment on type jobforge.job_page is
  'Jobs, newest first. The next page starts at the id next, which is null at the end.';

create function jobforge.jobs_to_read(
  p_tenant_ids uuid[], p_filter jobforge.job_filter, p_source text, p_limit int, p_tenants int)
returns int
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- When every job passes the filter, a page and the next id are enough.
  select case when (p_source <> 'any' and p_filter.status @> '{failed,dead,canceled}'
        or p_filter.status @> '{queued,running,succeeded,failed,dead,canceled}')
      and num_nonnulls(p_filter.type, p_filter.queue, p_filter.error_code,
        p_filter.created_after, p_filter.created_before) = 0
    then p_limit + 1
    else greatest(10000 / greatest(least(count(distinct q.tenant_id), p_tenants), 1),
      p_limit + 1)::int end
  from public.jobforge_queues as q
  where p_tenant_ids is null or q.tenant_id = any (p_tenant_ids)
$$;
comment on function jobforge.jobs_to_read(uuid[], jobforge.job_filter, text, int, int) is
  'How many jobs of each tenant a page reads at most.';

-- A page of the newest jobs can only come from the tenants that have the newest ones.
create function jobforge.newest_jobs(
  p_tenant_ids uuid[], p_source text, p_first uuid, p_from uuid, p_tenants int)
returns table (tenant_id uuid, id uuid, rank bigint)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select tenants.tenant_id, newest.id,
    row_number() over (order by newest.id desc, tenants.tenant_id) as rank
  from (
    select distinct q.tenant_id from public.jobforge_queues as q
    where p_tenant_ids is null or q.tenant_id = any (p_tenant_ids)
  ) as tenants
  cross join lateral (
    (select j.id from public.jobforge_jobs as j
      where p_source = 'any' and j.tenant_id = tenants.tenant_id and j.id between p_first and p_from
      order by j.id desc limit 1)
    union all
    (select j.id from public.jobforge_jobs as j
      where p_source = 'unsuccessful' and j.tenant_id = tenants.tenant_id
        and j.id between p_first and p_from and j.status in ('failed', 'dead', 'canceled')
      order by j.id desc limit 1)
  ) as newest
  order by newest.id desc, tenants.tenant_id
  limit p_tenants + 1
$$;
comment on function jobforge.newest_jobs(uuid[], text, uuid, uuid, int) is
  'The newest job of each tenant, newest first. One tenant more than a page reads.';

create function jobforge.list_jobs_before(
  p_tenant_ids uuid[], p_filter jobforge.job_filter, p_source text, p_from uuid, p_limit int)
returns jobforge.job_page
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenants constant int := 200;
  v_first constant uuid := jobforge.first_id_at(
    coalesce(p_filter.created_after, '1970-01-02') - interval '1 second');
  v_from constant uuid := least(p_from, jobforge.first_id_at(
    coalesce(p_filter.created_before, '9999-01-01') + interval '1 second'));
  v_scan_limit constant int :=
    jobforge.jobs_to_read(p_tenant_ids, p_filter, p_source, p_limit, 200);
  v_page jobforge.job_page;
begin
  with newest as materialized (
    select * from jobforge.newest_jobs(p_tenant_ids, p_source, v_first, v_from, v_tenants)
  ),
  scanned as materialized (
    select of_tenant.* from newest
    cross join lateral (
      (select j.tenant_id, j.id, j.status, j.type, j.queue, j.created_at, j.last_error
        from public.jobforge_jobs as j
        where p_source = 'any' and j.tenant_id = newest.tenant_id
          and j.id between v_first and v_from
        order by j.id desc limit v_scan_limit)
      union all
      (select j.tenant_id, j.id, j.status, j.type, j.queue, j.created_at, j.last_error
        from public.jobforge_jobs as j
        where p_source = 'unsuccessful' and j.tenant_id = newest.tenant_id
          and j.id between v_first and v_from and j.status in ('failed', 'dead', 'canceled')
        order by j.id desc limit v_scan_limit)
    ) as of_tenant
    where newest.rank <= v_tenants
    union all -- no more than the runs hold
    (select j.tenant_id, j.id, j.status, j.type, j.queue, j.created_at, j.last_error
      from public.jobforge_jobs as j
      where p_source = 'running' and j.status = 'running' and j.id between v_first and v_from
        and (p_tenant_ids is null or j.tenant_id = any (p_tenant_ids)))
  ),
  -- From this id back, jobs may be unread.
  cut_off as (
    select (array_agg(scanned.id order by scanned.id))[1] as id from scanned
    where p_source <> 'running'
    group by scanned.tenant_id having count(*) = v_scan_limit
    union all
    select newest.id from newest where newest.rank > v_tenants
    order by id desc limit 1
  ),
  matched as (
    select scanned.tenant_id, scanned.id,
      row_number() over (order by scanned.id desc, scanned.tenant_id) as rank
    from scanned left join cut_off on true
    where (cut_off.id is null or scanned.id > cut_off.id) and scanned.status = any (p_filter.status)
      and (p_filter.type is null or scanned.type = any (p_filter.type))
      and (p_filter.queue is null or scanned.queue = any (p_filter.queue))
      and (p_filter.error_code is null or scanned.last_error ->> 'code' = any (p_filter.error_code))
      and (p_filter.created_after is null or scanned.created_at >= p_filter.created_after)
      and (p_filter.created_before is null or scanned.created_at < p_filter.created_before)
    order by scanned.id desc, scanned.tenant_id limit p_limit + 1
  )
  select array_agg(row(matched.tenant_id, matched.id)::jobforge.job_key order by matched.rank)
      filter (where matched.rank <= p_limit),
    coalesce((array_agg(matched.id) filter (where matched.rank > p_limit))[1],
      (select cut_off.id from cut_off))
  into v_page from matched;
  return v_page;
end
$$;
comment on function jobforge.list_jobs_before(uuid[], jobforge.job_filter, text, uuid, int) is
  'The newest jobs from an id back that pass a filter. Null tenants mean all of them.';

create function jobforge.list_jobs(p_tenant_id uuid, p_filter jsonb, p_from uuid, p_limit int)
returns jsonb
language plpgsql stable
security definer -- services read all tenants at once, users are bounded by their tenants
set search_path = pg_catalog, pg_temp
as $$
declare
  v_statuses constant text[] := '{queued,running,succeeded,failed,dead,canceled}'::text[];
  v_tenant_ids constant uuid[] := case when p_tenant_id is not null or not jobforge.is_service()
    then jobforge.callers_tenants(p_tenant_id) end;
  v_filter constant jobforge.job_filter := jobforge.job_filter(p_filter, v_statuses, v_statuses);
  v_page jobforge.job_page;
begin
  if p_limit is null or p_limit not between 1 and 200 then
    perform jobforge.fail('invalid_argument', 'p_limit must be from 1 to 200');
  end if;
  v_page := jobforge.list_jobs_before(v_tenant_ids, v_filter,
    case when v_filter.status <@ '{running}' then 'running'
      when v_filter.status <@ '{failed,dead,canceled}' then 'unsuccessful' else 'any' end,
    coalesce(p_from, 'ffffffff-ffff-ffff-ffff-ffffffffffff'), p_limit);
  return jsonb_build_object('next', v_page.next, 'jobs', (
    select coalesce(jsonb_agg(jsonb_build_object('tenant_id', j.tenant_id, 'id', j.id,
      'queue', j.queue, 'type', j.type, 'status', j.status, 'priority', j.priority,
      'scheduled', j.scheduled, 'run_at', j.run_at, 'attempts', j.attempts,
      'max_attempts', j.max_attempts, 'error_code', left(j.last_error ->> 'code', 100),
      'cancel_requested_at', j.cancel_requested_at, 'created_at', j.created_at,
      'started_at', j.started_at, 'finished_at', j.finished_at) order by listed.ordinality), '[]')
    from unnest(v_page.jobs) with ordinality as listed
    join public.jobforge_jobs as j on j.tenant_id = listed.tenant_id and j.id = listed.id));
end
$$;
comment on function jobforge.list_jobs(uuid, jsonb, uuid, int) is
  'Users: jobs by filter, newest first, without payloads. The following page starts at next.';

create function public.jobforge_list_jobs(p_tenant_id uuid default null,
  p_filter jsonb default '{}', p_from uuid default null, p_limit int default 50)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select jobforge.list_jobs(p_tenant_id, p_filter, p_from, p_limit) $$;
comment on function public.jobforge_list_jobs(uuid, jsonb, uuid, int) is
  'Users: jobs by filter, newest first. A service that names no tenant gets those of all.';

-- supabase/schemas/20_jobs/reschedule_job.sql

-- Reschedule a job: move the start of a job that waits.

create function jobforge.reschedule_job(
  p_job_id uuid, p_run_at timestamptz, p_tenant_id uuid)
returns table (job_id uuid, status text, run_at timestamptz)
language plpgsql
security definer -- writes jobs, bounded by the caller's tenants
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_now constant timestamptz := jobforge.clock();
  v_job public.jobforge_jobs := jobforge.lock_job(p_job_id, p_tenant_id);
begin
  if p_run_at is null
    or p_run_at not between v_now - interval '366 days' and v_now + interval '366 days'
  then
    perform jobforge.fail('invalid_argument', 'p_run_at must be within 366 days of now');
  elsif v_job.status <> 'queued' then
    perform jobforge.fail('wrong_state',
      format('the job is %s: only queued jobs are rescheduled', v_job.status));
  end if;
  -- A job that is due already is left to promote, which also wakes the queue.
  update public.jobforge_jobs as j set run_at = p_run_at, scheduled = true
  where j.tenant_id = v_job.tenant_id and j.id = v_job.id;
  if p_run_at <= v_now then
    perform pg_advisory_xact_lock_shared(jobforge.parking_lock(), v_job.queue_id);
    insert into jobforge.wakeups (queue_id) values (v_job.queue_id);
  end if;
  perform jobforge.audit('reschedule_job', v_job.tenant_id, v_job.id::text,
    jsonb_build_object('from', v_job.run_at, 'to', p_run_at));
  return query select v_job.id, 'queued', p_run_at;
end
$$;
comment on function jobforge.reschedule_job(uuid, timestamptz, uuid) is
  'Users: moves the start of a queued job.';

create function public.jobforge_reschedule_job(
  p_job_id uuid, p_run_at timestamptz, p_tenant_id uuid default null)
returns table (job_id uuid, status text, run_at timestamptz)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select * from jobforge.reschedule_job(p_job_id, p_run_at, p_tenant_id) $$;
comment on function public.jobforge_reschedule_job(uuid, timestamptz, uuid) is
  'Users: moves the start of a queued job.';

-- supabase/schemas/20_jobs/retention.sql

-- Retention: delete expired jobs of all tenants, one bounded step at a time.

create table jobforge.retention (
  id boolean primary key default true,
  at_tenant uuid,
  after_id uuid,
  resting_until timestamptz,
  constraint one_row check (id)
);
comment on table jobforge.retention is
  'The progress of the current pass over the finished jobs of all tenants: one row.';
insert into jobforge.retention default values;

create function jobforge.delete_expired_jobs(p_now timestamptz, p_budget int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_before constant jsonb := (
    select jsonb_strip_nulls(jsonb_build_object(
      'succeeded', p_now - make_interval(days => settings.retention_succeeded_days),
      'failed', p_now - make_interval(days => settings.retention_unsuccessful_days),
      'dead', p_now - make_interval(days => settings.retention_unsuccessful_days),
      'canceled', p_now - make_interval(days => settings.retention_unsuccessful_days)))
    from jobforge.settings);
  v_pass jobforge.retention;
  v_deletion jobforge.deletion;
  v_left int := p_budget;
  v_deleted int := 0;
begin
  select retention.* into v_pass from jobforge.retention
  where coalesce(retention.resting_until <= p_now, true)
  for no key update skip locked;
  if not found or v_before = '{}' then
    return 0;
  end if;
  v_pass.resting_until := null;
  while v_left > 0 loop
    if v_pass.after_id is null then
      select j.tenant_id into v_pass.at_tenant from public.jobforge_jobs as j
      where j.tenant_id > coalesce(v_pass.at_tenant, '00000000-0000-0000-0000-000000000000')
      order by j.tenant_id
      limit 1;
      if not found then
        v_pass.at_tenant := null;
        v_pass.resting_until := p_now + interval '1 hour';
        exit;
      end if;
      v_pass.after_id := '00000000-0000-0000-0000-000000000000';
    end if;
    v_deletion := jobforge.delete_ended(v_pass.at_tenant, v_before, v_pass.after_id, v_left);
    v_pass.after_id := v_deletion.next;
    v_deleted := v_deleted + v_deletion.deleted;
    v_left := v_left - greatest(v_deletion.examined, 20);
  end loop;
  update jobforge.retention
  set at_tenant = v_pass.at_tenant, after_id = v_pass.after_id,
    resting_until = v_pass.resting_until
  where retention.id;
  return v_deleted;
end
$$;
comment on function jobforge.delete_expired_jobs(timestamptz, int) is
  'Continues the pass over all tenants by at most p_budget jobs. The next pass starts an hour '
  'after it.';

-- supabase/schemas/20_jobs/retry_job.sql

-- Retry a job by hand: a dead, failed or canceled job gets a fresh set of attempts.

create function jobforge.retry_ended(p_tenant_id uuid, p_ids uuid[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_group record;
begin
  for v_group in
    with retried as (
      update public.jobforge_jobs as j
      set status = 'queued', run_at = v_now, finished_at = null, cancel_requested_at = null,
        lease_expiries = 0, progress = null, attempts_before_retry = j.attempts,
        max_attempts = j.attempts + j.max_attempts - j.attempts_before_retry
      where j.tenant_id = p_tenant_id and j.id = any (p_ids)
      returning j.queue
    )
    select retried.queue, count(*)::int as count
    from retried
    group by retried.queue
    order by retried.queue
  loop
    -- These jobs are older than those that wait now. The priority below all others makes claims
    -- read from before their cursor.
    perform jobforge.add_to_queue(p_tenant_id, v_group.queue, v_group.count, -32768);
  end loop;
end
$$;
comment on function jobforge.retry_ended(uuid, uuid[]) is
  'Queues finished jobs again with a fresh set of attempts. The caller has locked them.';

create function jobforge.retry_job(p_job_id uuid, p_tenant_id uuid)
returns table (job_id uuid, status text)
language plpgsql
security definer -- writes jobs, bounded by the caller's tenants
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_job public.jobforge_jobs := jobforge.lock_job(p_job_id, p_tenant_id);
begin
  if v_job.status not in ('dead', 'failed', 'canceled') then
    perform jobforge.fail('wrong_state',
      format('the job is %s: only dead, failed and canceled jobs are retried', v_job.status));
  end if;
  perform jobforge.retry_ended(v_job.tenant_id, array[v_job.id]);
  perform jobforge.audit('retry_job', v_job.tenant_id, v_job.id::text,
    jsonb_build_object('from', v_job.status));
  return query select v_job.id, 'queued';
end
$$;
comment on function jobforge.retry_job(uuid, uuid) is
  'Users: queues a dead, failed or canceled job again with a fresh set of attempts.';

create function public.jobforge_retry_job(p_job_id uuid, p_tenant_id uuid default null)
returns table (job_id uuid, status text)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select * from jobforge.retry_job(p_job_id, p_tenant_id) $$;
comment on function public.jobforge_retry_job(uuid, uuid) is
  'Users: queues a dead, failed or canceled job again with a fresh set of attempts.';

-- supabase/schemas/20_jobs/retry_jobs.sql

-- Retry jobs by filter.

create function jobforge.retry_jobs(
  p_tenant_id uuid, p_filter jsonb, p_after uuid, p_limit int, p_dry_run boolean)
returns jsonb
language sql volatile
security definer -- writes jobs, bounded by the caller's tenant
set search_path = pg_catalog, pg_temp
as $$
  select jobforge.change_jobs('retry_jobs', jobforge.callers_tenant(p_tenant_id),
    p_filter, p_after, p_limit, p_dry_run)
$$;
comment on function jobforge.retry_jobs(uuid, jsonb, uuid, int, boolean) is
  'Users: retries dead and failed jobs by filter, and canceled ones when the filter names them.';

create function public.jobforge_retry_jobs(
  p_tenant_id uuid default null, p_filter jsonb default '{}', p_after uuid default null,
  p_limit int default 1000, p_dry_run boolean default true)
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.retry_jobs(p_tenant_id, p_filter, p_after, p_limit, p_dry_run) $$;
comment on function public.jobforge_retry_jobs(uuid, jsonb, uuid, int, boolean) is
  'Users: retries dead and failed jobs by filter. Only reports them unless p_dry_run is false.';

-- supabase/schemas/30_queues/00_queues.sql

-- The queues: a tenant's settings, and the scheduler's state for each queue.
--
-- A queue is runnable, or it sleeps: it is empty, at its cap, throttled or paused. Only claims and
-- wake-ups write the scheduler's state.
--
-- Advisory locks use 'JOB' and a number as first key, and the queue as second key.

create table public.jobforge_queues (
  id int generated always as identity primary key,
  tenant_id uuid not null,
  queue jobforge.queue_name not null default 'default',
  weight jobforge.weight not null default 1,
  max_running jobforge.count,
  max_queued jobforge.count,
  rate_limit jobforge.positive,
  rate_period_ms jobforge.period_ms not null default 60000,
  rate_burst jobforge.positive not null default 1,
  paused boolean not null default false,
  -- scheduler state: written by claims and wake-ups only
  vtime double precision not null default 0,
  claimed bigint not null default 0,
  runnable boolean not null default false,
  wake_at timestamptz,
  tat timestamptz,
  cursor_priority smallint,
  cursor_id uuid,
  cursor_at timestamptz,
  constraint jobforge_queues_one_per_name unique (tenant_id, queue),
  constraint paused_is_not_runnable check (not (paused and runnable))
) with (
  fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_cost_delay = 0
);
comment on table public.jobforge_queues is
  'A tenant''s queue: its limits, and the scheduler''s state for it.';
comment on column public.jobforge_queues.weight is 'Share of the workers relative to other queues.';
comment on column public.jobforge_queues.rate_limit is
  'Starts per rate_period_ms, evenly spaced, with bursts of rate_burst (GCRA).';
comment on column public.jobforge_queues.vtime is
  'Virtual time: started jobs divided by weight. Claims serve the queue with the smallest first.';
comment on column public.jobforge_queues.claimed is
  'Jobs ever claimed. Both counters, queued and running, are computed from it.';
comment on column public.jobforge_queues.runnable is
  'Whether claims read the queue. False while it is empty, at its cap, throttled or paused.';
comment on column public.jobforge_queues.wake_at is 'When a throttled queue becomes runnable.';
comment on column public.jobforge_queues.tat is 'GCRA: theoretical arrival time of the next start.';
comment on column public.jobforge_queues.cursor_at is
  'Start of the cursor''s two seconds. Until they end, claims start at the cursor '
  '(cursor_priority, cursor_id), past dead index entries.';
create index jobforge_queues_turn_idx on public.jobforge_queues (runnable, vtime);
create index jobforge_queues_wake_idx on public.jobforge_queues (wake_at) where wake_at is not null;

create function jobforge.parking_lock()
returns int
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return 1246708225;
end
$$;
comment on function jobforge.parking_lock() is
  'Class of the lock that a transaction holds shared while it adds ready work to a queue. A claim '
  'that parks the queue holds it exclusively, so no queue is parked on stale data.';

-- supabase/schemas/30_queues/admission.sql

-- Admission: jobs enter a queue, counted and within its limit, without a lock on its row.

create function jobforge.admission_lock()
returns int
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return 1246708226;
end
$$;
comment on function jobforge.admission_lock() is
  'Class of the lock held while jobs enter a queue with max_queued. Close to the limit it is held '
  'exclusively.';

create function jobforge.retry_after_seconds(p_queue_id int, p_missing bigint)
returns int
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select case
      when q.paused then 60
      when q.rate_limit is null then 5
      else least(greatest(
        ceil(p_missing * (q.rate_period_ms / 1000.0) / q.rate_limit), 1), 3600)::int end
    from public.jobforge_queues as q
    where q.id = p_queue_id);
end
$$;
comment on function jobforge.retry_after_seconds(int, bigint) is
  'Returns the seconds until a full queue may have p_missing free slots: by its rate, or a guess '
  'when it has none.';

create function jobforge.admit(p_queue_id int, p_max_queued int, p_count int)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_queued bigint;
begin
  -- Far from the limit callers pass side by side: 256 calls like this one would fit, even if none
  -- of them sees another. Close to the limit they pass one by one, and each sees all before it.
  if jobforge.queued(p_queue_id) + 512 * p_count <= p_max_queued then
    perform pg_advisory_xact_lock_shared(jobforge.admission_lock(), p_queue_id);
    if jobforge.queued(p_queue_id) + 256 * p_count <= p_max_queued then
      return;
    end if;
  end if;
  perform pg_advisory_xact_lock(jobforge.admission_lock(), p_queue_id);
  v_queued := jobforge.queued(p_queue_id);
  if v_queued + p_count > p_max_queued then
    perform jobforge.fail('queue_full',
      format('the queue holds %s jobs of at most %s: %s more do not fit',
        v_queued, p_max_queued, p_count),
      json_build_object('limit', p_max_queued, 'remaining', greatest(p_max_queued - v_queued, 0),
        'retry_after',
        jobforge.retry_after_seconds(p_queue_id, v_queued + p_count - p_max_queued))::text);
  end if;
end
$$;
comment on function jobforge.admit(int, int, int) is
  'Raises queue_full unless p_count more jobs fit under max_queued.';

create function jobforge.add_to_queue(
  p_tenant_id uuid, p_queue text, p_count int, p_ready_priority int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_locked_queue record;
  v_queue record;
begin
  -- Only the default queue is created on first use, so that tenants cannot multiply their share.
  for v_try in 1..2 loop
    select q.id, pg_advisory_xact_lock_shared(jobforge.parking_lock(), q.id) into v_locked_queue
    from public.jobforge_queues as q
    where q.tenant_id = p_tenant_id and q.queue = p_queue;
    exit when found or p_queue <> 'default';
    perform jobforge.refuse_erased(p_tenant_id);
    insert into public.jobforge_queues (tenant_id) values (p_tenant_id) on conflict do nothing;
  end loop;
  -- A new statement, so that it sees a queue that was parked before this transaction got the lock.
  select q.id, q.tenant_id, q.max_queued, q.max_running, q.paused, q.runnable, q.wake_at,
    q.cursor_priority
  into v_queue
  from public.jobforge_queues as q where q.id = v_locked_queue.id;
  if v_queue.tenant_id is distinct from p_tenant_id then
    perform jobforge.refuse_erased(p_tenant_id);
  end if;
  if v_queue.max_queued is not null then
    perform jobforge.admit(v_queue.id, v_queue.max_queued, p_count);
  end if;
  -- A queue at its cap is woken when one of its attempts ends, a throttled queue by time.
  if jobforge.tally_enqueued(v_queue.id, p_count) = 0 or p_ready_priority is null or v_queue.paused
    or v_queue.runnable and p_ready_priority >= coalesce(v_queue.cursor_priority, -32768)
    or not v_queue.runnable and (
      v_queue.wake_at is not null or jobforge.running(v_queue.id) >= v_queue.max_running)
  then
    return v_queue.id;
  end if;
  insert into jobforge.wakeups (queue_id) values (v_queue.id);
  return v_queue.id;
end
$$;
comment on function jobforge.add_to_queue(uuid, text, int, int) is
  'Admits and counts jobs into a queue, wakes it and returns its id. p_ready_priority is the '
  'smallest priority of the jobs that are ready now, or null. The caller then holds the queue''s '
  'parking lock, shared.';

-- supabase/schemas/30_queues/configure_queue.sql

-- Configure a queue: weight, limits, rate and pause.

create function jobforge.configure_queue(p_tenant_id uuid, p_queue text, p_settings jsonb)
returns setof public.jobforge_queues
language plpgsql
security definer -- operators only: tenants could raise their own limits
set search_path = pg_catalog, pg_temp
as $$
declare
  v_unknown text;
  v_before public.jobforge_queues;
  v_after public.jobforge_queues;
begin
  perform jobforge.require_service();
  if p_tenant_id is null or p_queue is null or jsonb_typeof(p_settings) is distinct from 'object'
  then
    perform jobforge.fail('invalid_argument',
      'p_tenant_id and p_queue must be given, and p_settings must be an object');
  end if;
  perform jobforge.refuse_erased(p_tenant_id);
  select setting into v_unknown from jsonb_object_keys(p_settings) as setting
  where setting not in ('weight', 'max_running', 'max_queued', 'rate_limit', 'rate_period_ms',
    'rate_burst', 'paused')
  limit 1;
  if found then
    perform jobforge.fail('invalid_argument', format('p_settings: unknown setting %s: use weight, '
      'max_running, max_queued, rate_limit, rate_period_ms, rate_burst or paused', v_unknown));
  end if;
  begin
    insert into public.jobforge_queues (tenant_id, queue) values (p_tenant_id, p_queue)
    on conflict do nothing;
    select q.* into strict v_before from public.jobforge_queues as q
    where q.tenant_id = p_tenant_id and q.queue = p_queue for no key update;
    v_after := jsonb_populate_record(v_before, p_settings);
    update public.jobforge_queues as q
    set weight = v_after.weight, max_running = v_after.max_running,
      max_queued = v_after.max_queued, rate_limit = v_after.rate_limit,
      rate_period_ms = v_after.rate_period_ms, rate_burst = v_after.rate_burst,
      paused = v_after.paused, wake_at = null, runnable = q.runnable and not v_after.paused,
      tat = case when (q.rate_limit, q.rate_period_ms, q.rate_burst) is not distinct from
        (v_after.rate_limit, v_after.rate_period_ms, v_after.rate_burst) then q.tat end
    where q.id = v_before.id
    returning q.* into v_after;
  exception when check_violation or not_null_violation or data_exception then
    perform jobforge.fail('invalid_argument',
      'p_settings: a setting is out of range: see the checks of jobforge_queues');
  end;
  -- The queue is runnable until a claim finds that it may not start a job. The wake-up also calls
  -- a worker if none is running.
  insert into jobforge.wakeups (queue_id) select v_after.id where not v_after.paused;
  perform jobforge.audit_change(
    'configure_queue', p_tenant_id, p_queue, to_jsonb(v_before), to_jsonb(v_before) || p_settings);
  return next v_after;
end
$$;
comment on function jobforge.configure_queue(uuid, text, jsonb) is
  'Operators: creates a queue or changes its settings. What p_settings leaves out stays.';

create function public.jobforge_configure_queue(
  p_tenant_id uuid, p_queue text default 'default', p_settings jsonb default '{}')
returns setof public.jobforge_queues
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select * from jobforge.configure_queue(p_tenant_id, p_queue, p_settings) $$;
comment on function public.jobforge_configure_queue(uuid, text, jsonb) is
  'Operators: creates a queue or changes weight, limits, rate or paused.';

-- supabase/schemas/30_queues/counters.sql

-- Counters of a queue: exact, and never counted from rows.
--
-- Queued is enqueued + back - claimed. Running is claimed - released. The sums are kept in shards,
-- so that callers of one queue do not wait for each other. A stale sum only overestimates, so a
-- cap is never exceeded.

create domain jobforge.tally_side as "char" constraint side_is_known check (
  value in ('e', 'r', 'b'));
comment on domain jobforge.tally_side is 'e(nqueued), r(eleased from running), b(ack to queued).';

create table jobforge.queue_tallies (
  queue_id int not null,
  side jobforge.tally_side not null,
  shard int not null,
  total bigint not null default 0,
  primary key (queue_id, side, shard)
) with (
  fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_cost_delay = 0
);
comment on table jobforge.queue_tallies is
  'Sharded counters of a queue: e(nqueued), r(eleased from running), b(ack to queued).';

create function jobforge.queued(p_queue_id int)
returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select coalesce((
      select sum(queue_tallies.total) from jobforge.queue_tallies
      where queue_tallies.queue_id = p_queue_id and queue_tallies.side in ('e', 'b')), 0)::bigint
      - q.claimed
    from public.jobforge_queues as q
    where q.id = p_queue_id);
end
$$;
comment on function jobforge.queued(int) is
  'Returns how many jobs are queued or scheduled, without counting them.';

create function jobforge.running(p_queue_id int)
returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- A stale sum of releases only overestimates: the cap is never exceeded.
  return (
    select q.claimed - coalesce((
      select sum(queue_tallies.total) from jobforge.queue_tallies
      where queue_tallies.queue_id = p_queue_id and queue_tallies.side = 'r'), 0)::bigint
    from public.jobforge_queues as q
    where q.id = p_queue_id);
end
$$;
comment on function jobforge.running(int) is
  'Returns how many jobs are running, without counting them.';

create function jobforge.tally_enqueued(p_queue_id int, p_count int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Takes any unlocked shard, so a long transaction of one caller stops no other. A scalar subquery
  -- runs once. A join could repeat it, and lock and count in several shards. The update is by key,
  -- not by ctid: the locked row may be newer than this statement's snapshot. Then the ctid would
  -- find nothing, and a shard that is locked without being counted in causes deadlocks.
  update jobforge.queue_tallies set total = queue_tallies.total + p_count
  where queue_tallies.queue_id = p_queue_id and queue_tallies.side = 'e' and queue_tallies.shard = (
    select unlocked.shard from jobforge.queue_tallies as unlocked
    where unlocked.queue_id = p_queue_id and unlocked.side = 'e'
    limit 1
    for no key update skip locked);
  if not found then
    insert into jobforge.queue_tallies (queue_id, side, shard, total)
    values (p_queue_id, 'e', pg_backend_pid(), p_count)
    on conflict (queue_id, side, shard) do update set total = queue_tallies.total + excluded.total;
  end if;
  return p_count;
end
$$;
comment on function jobforge.tally_enqueued(int, int) is
  'Counts jobs into a queue, or out of it when p_count is negative. Returns p_count.';

create function jobforge.tally(p_side jobforge.tally_side, p_queue_ids int[])
returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  -- In the order of ids, so that two runs that settle jobs of the same queues cannot deadlock.
  insert into jobforge.queue_tallies (queue_id, side, shard, total)
  select counted.queue_id, p_side, pg_backend_pid() % 8, count(*)
  from unnest(p_queue_ids) as counted (queue_id)
  group by counted.queue_id
  order by counted.queue_id
  on conflict (queue_id, side, shard) do update set total = queue_tallies.total + excluded.total;
  return cardinality(p_queue_ids);
end
$$;
comment on function jobforge.tally(jobforge.tally_side, int[]) is
  'Counts one job for each queue id, out of running (r) or back into queued (b). Returns how many.';

-- supabase/schemas/30_queues/list_queues.sql

-- List queues with their limits and the number of queued and running jobs.

create function jobforge.list_queues(p_tenant_id uuid, p_after_id int, p_limit int)
returns table (id int, tenant_id uuid, queue text, queued bigint, running bigint, weight real,
  max_running int, max_queued int, rate_limit int, rate_period_ms int, rate_burst int,
  paused boolean)
language plpgsql stable
security definer -- reads the tallies, bounded by the caller's tenants
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_tenant_ids constant uuid[] := case when p_tenant_id is not null or not jobforge.is_service()
    then jobforge.callers_tenants(p_tenant_id) end;
begin
  if p_limit is null or p_limit not between 1 and 200 then
    perform jobforge.fail('invalid_argument', 'p_limit must be from 1 to 200');
  end if;
  return query
  select q.id, q.tenant_id, q.queue::text, jobforge.queued(q.id), jobforge.running(q.id),
    q.weight::real, q.max_running::int, q.max_queued::int, q.rate_limit::int, q.rate_period_ms::int,
    q.rate_burst::int, q.paused
  from public.jobforge_queues as q
  where q.id > coalesce(p_after_id, 0)
    and (v_tenant_ids is null or q.tenant_id = any (v_tenant_ids))
  order by q.id
  limit p_limit;
end
$$;
comment on function jobforge.list_queues(uuid, int, int) is
  'Users: queues by id, with their limits and exact counters. Counts no rows.';

create function public.jobforge_list_queues(
  p_tenant_id uuid default null, p_after_id int default null, p_limit int default 100)
returns table (id int, tenant_id uuid, queue text, queued bigint, running bigint, weight real,
  max_running int, max_queued int, rate_limit int, rate_period_ms int, rate_burst int,
  paused boolean)
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select * from jobforge.list_queues(p_tenant_id, p_after_id, p_limit) $$;
comment on function public.jobforge_list_queues(uuid, int, int) is
  'Users: a page of queues with limits and counters. Services may leave the tenant out to see all.';

-- supabase/schemas/30_queues/park.sql

-- Park a queue: claims skip it until it has work, capacity or its next slot in the rate.

create function jobforge.park(p_queue_id int, p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_queue public.jobforge_queues;
begin
  select q.* into v_queue from public.jobforge_queues as q where q.id = p_queue_id;
  if jobforge.next_start(v_queue) > p_now then
    update public.jobforge_queues as q
    set runnable = false, wake_at = jobforge.next_start(v_queue)
    where q.id = p_queue_id;
    return;
  end if;
  -- While another transaction may be adding work, the lock is refused and the queue stays runnable.
  -- With the lock, a new statement reads the jobs again. It does so without the cursor, because an
  -- id may be older than its commit. The probe is ordered: a bare EXISTS may become a sequential
  -- scan.
  if pg_try_advisory_xact_lock(jobforge.parking_lock(), p_queue_id) then
    update public.jobforge_queues as q
    set cursor_at = null,
      runnable = coalesce(jobforge.running(q.id) < q.max_running, true)
        and (select j.id from public.jobforge_jobs as j
          where j.queue_id = p_queue_id and j.status = 'queued' and not j.scheduled
            and j.lease_expiries < 2
          order by j.priority, j.id limit 1) is not null
    where q.id = p_queue_id;
  end if;
end
$$;
comment on function jobforge.park(int, timestamptz) is
  'Makes claims skip a queue while it is throttled, at its cap or empty.';

create function jobforge.wait_for_a_queue()
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Never waits for a row: a row that was skipped after its recheck failed stays locked. Two claims
  -- that each hold such a row and wait for the other's would deadlock.
  if not exists (select from public.jobforge_queues as q where q.runnable) then
    return false;
  end if;
  perform pg_sleep(0.003);
  return true;
end
$$;
comment on function jobforge.wait_for_a_queue() is
  'Waits three milliseconds for another claim to commit. Returns false when no queue is runnable.';

-- supabase/schemas/30_queues/promote.sql

-- Promote: jobs and queues whose time has come, and wake-ups, become claimable.

create function jobforge.promote(p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_found record;
  v_queue_ids int[];
  v_queue_id int;
begin
  select exists (select from public.jobforge_queues as q where q.wake_at <= p_now) as queue_due,
    exists (select from public.jobforge_jobs as j where j.scheduled and j.run_at <= p_now)
      as job_due,
    exists (select from jobforge.wakeups) as wakeup_left
  into v_found;
  if v_found.queue_due then
    with due as materialized (
      select q.id from public.jobforge_queues as q where q.wake_at <= p_now
      limit 100
      for no key update skip locked
    )
    select array_agg(due.id) into v_queue_ids from due;
    update public.jobforge_queues as q set wake_at = null where q.id = any (v_queue_ids);
    perform jobforge.wake_queues(v_queue_ids);
  end if;

  if v_found.job_due then
    with due as materialized (
      select j.tenant_id, j.id from public.jobforge_jobs as j
      where j.scheduled and j.run_at <= p_now
      order by j.run_at
      limit 500
      for no key update skip locked
    ),
    promoted as (
      update public.jobforge_jobs as j set scheduled = false
      from due where j.tenant_id = due.tenant_id and j.id = due.id
      returning j.queue_id
    )
    select array_agg(distinct promoted.queue_id order by promoted.queue_id) into v_queue_ids
    from promoted;
    foreach v_queue_id in array coalesce(v_queue_ids, '{}') loop
      perform pg_advisory_xact_lock_shared(jobforge.parking_lock(), v_queue_id);
    end loop;
    perform jobforge.wake_or_add_wakeup(v_queue_ids);
  end if;

  if v_found.wakeup_left then
    select array_agg(distinct oldest.queue_id) into v_queue_ids
    from (select wakeups.queue_id from jobforge.wakeups limit 1000) as oldest;
    v_queue_ids := jobforge.wake_queues(v_queue_ids);
    delete from jobforge.wakeups where wakeups.queue_id = any (v_queue_ids);
  end if;
end
$$;
comment on function jobforge.promote(timestamptz) is
  'Makes claimable what became due by time or was left as a wake-up.';

-- supabase/schemas/30_queues/rate.sql

-- How many jobs of a queue may start now: its cap on running jobs, and its rate (GCRA).

create function jobforge.next_start(p_queue public.jobforge_queues)
returns timestamptz
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return p_queue.tat - make_interval(secs =>
    (p_queue.rate_burst - 1) * p_queue.rate_period_ms / 1000.0 / p_queue.rate_limit);
end
$$;
comment on function jobforge.next_start(public.jobforge_queues) is
  'Returns when the rate allows the next start. Null without a rate or before the first start.';

create function jobforge.available_starts(p_queue public.jobforge_queues, p_now timestamptz)
returns int
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_available bigint := 2147483647;
  v_interval double precision;
begin
  if p_queue.max_running is not null then
    -- claimed comes from the row that the caller locked: newer than this statement's snapshot.
    v_available := p_queue.max_running - p_queue.claimed + coalesce((
      select sum(queue_tallies.total) from jobforge.queue_tallies
      where queue_tallies.queue_id = p_queue.id and queue_tallies.side = 'r'), 0);
  end if;
  if p_queue.rate_limit is not null then
    v_interval := p_queue.rate_period_ms / 1000.0 / p_queue.rate_limit;
    v_available := least(v_available, floor(p_queue.rate_burst + 1e-6 - greatest(
      extract(epoch from p_queue.tat - p_now), 0)::double precision / v_interval)::bigint);
  end if;
  return greatest(v_available, 0);
end
$$;
comment on function jobforge.available_starts(public.jobforge_queues, timestamptz) is
  'Returns how many jobs of the queue may start now under its cap and its rate.';

-- supabase/schemas/30_queues/wake.sql

-- Wake-ups: a row in jobforge.wakeups states that a queue has ready work.
--
-- A caller that adds work to a sleeping queue wakes it. When another transaction holds the queue's
-- row, the caller leaves a wake-up instead.

create table jobforge.wakeups (
  id bigint generated always as identity primary key,
  queue_id int not null
);
comment on table jobforge.wakeups is
  'Queues to make runnable. All but claims only insert, so no caller waits for the row of a queue.';

create function jobforge.wake_queues(p_queue_ids int[])
returns int[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_woken int[];
begin
  -- A queue earns no credit while it sleeps. It rejoins at the smallest virtual time of those that
  -- are runnable, or, when all sleep, at the greatest virtual time ever reached.
  with free as materialized (
    select q.id from public.jobforge_queues as q
    where q.id = any (p_queue_ids)
    order by q.id
    for no key update skip locked
  ),
  woken as (
    update public.jobforge_queues as q
    set runnable = not q.paused,
      cursor_at = null,
      vtime = case when q.runnable then q.vtime else greatest(q.vtime, coalesce(
        (select q_awake.vtime from public.jobforge_queues as q_awake
          where q_awake.runnable order by q_awake.vtime limit 1),
        (select q_asleep.vtime from public.jobforge_queues as q_asleep
          where not q_asleep.runnable order by q_asleep.vtime desc limit 1))) end
    from free
    where q.id = free.id
    returning q.id
  )
  select coalesce(array_agg(woken.id), '{}') into v_woken from woken;
  return v_woken;
end
$$;
comment on function jobforge.wake_queues(int[]) is
  'Makes queues runnable and resets their cursors. Returns the queues that it could lock.';

create function jobforge.wake_or_add_wakeup(p_queue_ids int[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_woken constant int[] := jobforge.wake_queues(p_queue_ids);
begin
  insert into jobforge.wakeups (queue_id)
  select given.id from unnest(p_queue_ids) as given (id) where given.id <> all (v_woken);
end
$$;
comment on function jobforge.wake_or_add_wakeup(int[]) is
  'Wakes queues. A queue that another transaction holds gets a wake-up for the next claim.';

create function jobforge.wake_ready_queues(p_queue_ids int[], p_ready_ids int[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_locked int[];
  v_queue_id int;
begin
  select array_agg(q.id order by q.id) into v_locked from public.jobforge_queues as q
  where q.id = any (p_ready_ids) or q.id = any (p_queue_ids) and q.max_running is not null;
  if v_locked is null then
    return;
  end if;
  foreach v_queue_id in array v_locked loop
    perform pg_advisory_xact_lock_shared(jobforge.parking_lock(), v_queue_id);
  end loop;
  -- With the lock, and in a new statement: a claim may have parked the queue on older data.
  insert into jobforge.wakeups (queue_id)
  select q.id from public.jobforge_queues as q
  where q.id = any (v_locked) and not q.paused and (not q.runnable or q.id = any (p_ready_ids));
end
$$;
comment on function jobforge.wake_ready_queues(int[], int[]) is
  'Leaves wake-ups for queues that were at their cap and may start jobs again, and for queues that '
  'regained ready work.';

create function jobforge.wake_missed_queues()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  v_asleep int[];
begin
  -- A safety net below the wake-ups: reads the queues that have ready jobs, one index probe each.
  with recursive start as (
    select case when max(q.id) > 1000 then floor(random() * max(q.id))::int else 0 end as id
    from public.jobforge_queues as q
  ),
  probed (queue_id, n) as (
    (select j.queue_id, 1 from public.jobforge_jobs as j, start
      where j.queue_id >= start.id and j.status = 'queued' and not j.scheduled
        and j.lease_expiries < 2
      order by j.queue_id limit 1)
    union all
    select (select j.queue_id from public.jobforge_jobs as j
      where j.queue_id > probed.queue_id and j.status = 'queued' and not j.scheduled
        and j.lease_expiries < 2
      order by j.queue_id limit 1), probed.n + 1
    from probed
    where probed.queue_id is not null and probed.n < 1000
  )
  select array_agg(q.id) into v_asleep
  from probed join public.jobforge_queues as q on q.id = probed.queue_id
  where not q.runnable and not q.paused and q.wake_at is null
    and (q.max_running is null or jobforge.running(q.id) < q.max_running);
  if v_asleep is not null then
    perform jobforge.wake_queues(v_asleep);
  end if;
end
$$;
comment on function jobforge.wake_missed_queues() is
  'Wakes queues that sleep although they have ready jobs and may start them. Each dispatch reads '
  'up to 1,000 queues, from a random start when there are more.';

-- supabase/schemas/40_runs/00_runs.sql

-- The runs.
--
-- A run is one worker invocation. Its lease covers every job that the run holds, and each of its
-- calls extends the lease. When the run ends, so do the leases of its jobs. Every call of a run
-- locks its row first.

create domain jobforge.run_state as text constraint state_is_known check (
  value in ('pending', 'live', 'finished', 'lost', 'undelivered'));
comment on domain jobforge.run_state is 'Where a run is in its life.';

create table jobforge.runs (
  id bigint generated always as identity primary key,
  state jobforge.run_state not null,
  worker text,
  ticket_hash bytea,
  capacity int not null default 0,
  held int not null default 0,
  alone boolean not null default false,
  claimed bigint not null default 0,
  settled bigint not null default 0,
  polled_at timestamptz,
  idle_at timestamptz,
  created_at timestamptz not null,
  started_at timestamptz,
  lease_expires_at timestamptz,
  ended_at timestamptz,
  end_reason text,
  cpu_ms int,
  constraint ticket_only_while_pending check ((state = 'pending') = (ticket_hash is not null)),
  constraint lease_only_while_live check ((state = 'live') = (lease_expires_at is not null)),
  constraint held_not_negative check (held >= 0)
) with (fillfactor = 50);
comment on table jobforge.runs is
  'One worker invocation: the hash of its ticket, its lease, its counters and why it ended.';
comment on column jobforge.runs.idle_at is
  'Since when the run holds nothing and found nothing. Enqueues count on the run for one second.';
comment on column jobforge.runs.polled_at is
  'When the run last asked for jobs. Enqueues count on its free slots for two seconds.';
comment on column jobforge.runs.alone is
  'Whether the jobs that the run last claimed were one quarantined job.';
create index runs_active_idx on jobforge.runs (state, created_at)
  where state in ('pending', 'live');

create sequence jobforge.lease_tokens;

create function jobforge.lock_live_run(p_run_id bigint)
returns jobforge.runs
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_run jobforge.runs;
begin
  if jobforge.require_service() then
    select r.* into v_run from jobforge.runs as r where r.id = p_run_id for no key update;
  end if;
  if v_run.state is distinct from 'live' then
    perform jobforge.fail('run_ended', 'the run is not live: its leases are void');
  end if;
  return v_run;
end
$$;
comment on function jobforge.lock_live_run(bigint) is
  'Locks a live run for the rest of the transaction and returns it. Raises run_ended otherwise.';

-- supabase/schemas/40_runs/01_outcomes.sql

-- Outcomes of attempts: how workers report them, and the wait before the next attempt.

create type jobforge.outcome as (
  id uuid,
  lease_token bigint,
  outcome text,
  result jsonb,
  error jsonb,
  retry_after_ms bigint
);
comment on type jobforge.outcome is
  'How an attempt ended: succeeded, errored, timed_out, failed, released or lease_expired.';

create type jobforge.outcome_batch as (
  ids uuid[],
  queue_ids int[],
  requeued_ids int[],
  ready_ids int[],
  types text[],
  ends "char"[],
  latency_ms int[],
  duration_ms int[]
);
comment on type jobforge.outcome_batch is
  'Jobs whose outcome counted, with the queue of each. requeued_ids: the queues of jobs that are '
  'queued again. ready_ids: the queues of jobs that are ready. For the metrics: the type of each '
  'job, its end (see jobforge.outcome_batches), how long it waited and ran.';

create function jobforge.backoff(p_attempt int, p_base_ms int, p_cap_ms int)
returns interval
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  -- The exponent is bounded, so that attempt 1,000 does not overflow.
  select make_interval(secs =>
    least(p_cap_ms, p_base_ms * 2.0 ^ least(greatest(p_attempt - 1, 0), 40))
    / 1000.0 * (0.5 + random() / 2))
$$;
comment on function jobforge.backoff(int, int, int) is
  'Returns the wait after a failed attempt: doubling up to the cap, the upper half of it random.';

create function jobforge.wait_after(p_outcome jobforge.outcome, p_backoff interval)
returns interval
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select case when p_outcome.outcome = 'lease_expired' then interval '0'
    when p_outcome.retry_after_ms is not null then
      make_interval(secs => least(greatest(p_outcome.retry_after_ms, 0), 86400000) / 1000.0)
    when p_outcome.outcome = 'released' then interval '0'
    else p_backoff
  end
$$;
comment on function jobforge.wait_after(jobforge.outcome, interval) is
  'Returns the wait before the next attempt: the backoff, or the wait that the handler requested, '
  'up to a day.';

create function jobforge.error_summary(p_error jsonb)
returns jsonb
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select case when p_error is not null then jsonb_build_object(
    'code', left(coalesce(p_error ->> 'code', 'error'), 100),
    'message', left(coalesce(p_error ->> 'message', ''), 4096)) end
$$;
comment on function jobforge.error_summary(jsonb) is
  'An error as it is stored: a code and a message.';

create function jobforge.outcomes(p_outcomes jsonb)
returns jobforge.outcome[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_outcomes jobforge.outcome[];
  v_valid boolean := false;
begin
  if jsonb_typeof(p_outcomes) is distinct from 'array' or jsonb_array_length(p_outcomes) > 1000 then
    perform jobforge.fail('invalid_argument',
      'p_outcomes must be an array of at most 1000 outcomes');
  end if;
  -- A result over the cap fails its own job and leaves the others of the batch as they are.
  select array_agg(case when coalesce(octet_length(reported.result::text), 0) <= 262144
      then reported
      else row(reported.id, reported.lease_token, 'failed', null,
        jsonb_build_object('code', 'result_too_large',
          'message', 'the result must have at most 262144 bytes'), null)::jobforge.outcome end),
    coalesce(bool_and(reported.id is not null and reported.lease_token is not null
      and coalesce(reported.outcome, '')
        in ('succeeded', 'errored', 'timed_out', 'failed', 'released')), true)
  into v_outcomes, v_valid
  from jsonb_populate_recordset(null::jobforge.outcome, p_outcomes) as reported;
  if not v_valid then
    perform jobforge.fail('invalid_argument',
      'each of p_outcomes must have an id, a lease_token and an outcome: succeeded, errored, '
      'timed_out, failed or released');
  end if;
  return coalesce(v_outcomes, '{}');
exception when data_exception or datatype_mismatch then
  perform jobforge.fail('invalid_argument', format('p_outcomes: %s', sqlerrm));
  return null;
end
$$;
comment on function jobforge.outcomes(jsonb) is
  'Returns the outcomes that a worker reported. Raises invalid_argument unless each is complete.';

-- supabase/schemas/40_runs/claim.sql

-- Claim jobs.
--
-- Claims serve queues by virtual time. Each start adds 1 / weight to the virtual time of its queue,
-- and the queue with the smallest is served next. So busy queues share the workers by weight, and a
-- new queue is served at once. Limits cost O(1): a queue at its cap or rate is parked. Claims
-- neither scan a parked queue nor wait for it.
--
-- A claim locks rows of queues and then rows of jobs, both with SKIP LOCKED. It waits for neither,
-- so claims cannot deadlock.

create type jobforge.queue_quota as (
  queue_id int,
  quota int,
  claimed bigint,
  cursor_priority smallint,
  cursor_id uuid
);
comment on type jobforge.queue_quota is
  'A queue that a claim holds, and how many of its jobs the claim may start.';

create function jobforge.assign_quotas(p_width int, p_count int, p_except int[], p_now timestamptz)
returns jobforge.queue_quota[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_quotas jobforge.queue_quota[];
begin
  with held as materialized (
    select q.*
    from public.jobforge_queues as q
    where q.runnable and q.id <> all (p_except)
    order by q.vtime
    limit p_width
    for no key update skip locked
  ),
  -- p_count starts lift the queues with the smallest virtual times to one common level.
  levels as (
    select (p_count + sum(held.weight::float8 * held.vtime) over smaller)
      / sum(held.weight::float8) over smaller as level
    from held
    window smaller as (order by held.vtime, held.id rows unbounded preceding)
  )
  select array_agg(row(held.id,
    least(
      ceil(held.weight * (lowest.level - held.vtime) - 1e-9)::int,
      case when held.max_running is null and held.rate_limit is null then p_count
        else jobforge.available_starts(row(held.*)::public.jobforge_queues, p_now) end),
    held.claimed,
    case when held.cursor_at > p_now - interval '2 seconds' then held.cursor_priority
      else (-32768)::smallint end,
    case when held.cursor_at > p_now - interval '2 seconds' then held.cursor_id
      else '00000000-0000-0000-0000-000000000000' end)::jobforge.queue_quota)
  into v_quotas
  from held, (select min(levels.level) as level from levels) as lowest
  where held.vtime < lowest.level;
  return v_quotas;
end
$$;
comment on function jobforge.assign_quotas(int, int, int[], timestamptz) is
  'Locks up to p_width runnable queues and shares p_count starts among them by weight.';

create function jobforge.lease(p_run_id bigint, p_ctids tid[], p_now timestamptz)
returns tid[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_token constant bigint := nextval('jobforge.lease_tokens');
  v_ctids tid[];
begin
  -- The rows are locked, so their ctids hold until the end of the transaction.
  with leased as (
    update public.jobforge_jobs as j
    set status = 'running', attempts = j.attempts + 1, run_id = p_run_id,
      lease_token = v_token, started_at = p_now
    where j.ctid = any (p_ctids)
    returning j.ctid, j.queue_id, j.priority, j.id
  ),
  started as (
    select leased.queue_id, count(*)::int as count, max(leased.priority) as priority,
      (array_agg(leased.id order by leased.priority desc, leased.id desc))[1] as id
    from leased
    group by leased.queue_id
  ),
  moved as (
    update public.jobforge_queues as q
    set vtime = q.vtime + started.count / q.weight,
      claimed = q.claimed + started.count,
      tat = case when q.rate_limit is not null then greatest(q.tat, p_now)
        + make_interval(secs => started.count * q.rate_period_ms / 1000.0 / q.rate_limit) end,
      cursor_priority = started.priority,
      cursor_id = started.id,
      cursor_at = case when q.cursor_at > p_now - interval '2 seconds' then q.cursor_at
        else p_now end
    from started
    where q.id = started.queue_id
  )
  select array_agg(leased.ctid) into v_ctids from leased;
  return v_ctids;
end
$$;
comment on function jobforge.lease(bigint, tid[], timestamptz) is
  'Starts an attempt of each job and returns their new ctids. The caller has locked the jobs and '
  'their queues.';

create function jobforge.claim(p_run_id bigint, p_limit int)
returns tid[]
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_width int := least(p_limit, 8);
  v_left int := p_limit;
  v_done int[] := '{}'::int[];
  v_quotas jobforge.queue_quota[];
  v_ctids tid[];
  v_claimed tid[] := '{}'::tid[];
  v_short record;
begin
  perform jobforge.promote(v_now);
  -- Each pass parks the queues that it finds empty, so the jobs that emptied them pay for the pass.
  for v_pass in 1..1000 loop
    v_quotas := jobforge.assign_quotas(v_width, v_left, v_done, v_now);
    if v_quotas is null then
      exit when cardinality(v_claimed) > 0 or v_pass > 5 or not jobforge.wait_for_a_queue();
      continue;
    end if;

    select array_agg(taken.ctid) into v_ctids
    from (
      select ready.ctid
      from unnest(v_quotas) as assigned
      cross join lateral (
        select j.ctid from public.jobforge_jobs as j
        where j.queue_id = assigned.queue_id and j.status = 'queued' and not j.scheduled
          and j.lease_expiries < 2
          and (j.priority, j.id) >= (assigned.cursor_priority, assigned.cursor_id)
        order by j.priority, j.id
        limit assigned.quota
        for no key update skip locked
      ) as ready
      limit v_left
    ) as taken;
    if v_ctids is not null then
      v_claimed := v_claimed || jobforge.lease(p_run_id, v_ctids, v_now);
      v_left := v_left - cardinality(v_ctids);
    end if;
    exit when v_left = 0;

    for v_short in
      select assigned.queue_id as id
      from unnest(v_quotas) as assigned
      join public.jobforge_queues as q on q.id = assigned.queue_id
      where q.claimed - assigned.claimed < greatest(assigned.quota, 1)
      order by q.id
    loop
      perform jobforge.park(v_short.id, v_now);
      v_done := v_done || v_short.id;
    end loop;
    v_width := least(v_width * 2, 128);
  end loop;
  return v_claimed;
end
$$;
comment on function jobforge.claim(bigint, int) is
  'Starts up to p_limit attempts for a run, across queues by fair share. Returns the ctids of the '
  'jobs.';

-- supabase/schemas/40_runs/claim_jobs.sql

-- Claim jobs, for workers that report outcomes in calls of their own.

create function public.jobforge_claim_jobs(p_run_id bigint, p_limit int)
returns json
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.settle_and_claim(p_run_id, '[]', p_limit, '[]', false) -> 'jobs' $$;
comment on function public.jobforge_claim_jobs(bigint, int) is 'Workers: claims the next jobs.';

-- supabase/schemas/40_runs/claim_quarantined.sql

-- Claim a quarantined job: one whose lease expired twice. It runs alone, so that a crash ends no
-- other job.

create function jobforge.claim_quarantined(p_run_id bigint)
returns tid[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_job record;
  v_queue public.jobforge_queues;
  v_ctid tid;
  v_claimed tid[] := '{}'::tid[];
begin
  for v_job in
    select j.tenant_id, j.id, j.queue_id
    from public.jobforge_jobs as j join public.jobforge_queues as q on q.id = j.queue_id
    where j.status = 'queued' and not j.scheduled and j.lease_expiries >= 2
      and not q.paused and jobforge.available_starts(q, v_now) > 0
    order by j.run_at
    limit 10
  loop
    select q.* into v_queue from public.jobforge_queues as q
    where q.id = v_job.queue_id and not q.paused
    for no key update skip locked;
    continue when not found or jobforge.available_starts(v_queue, v_now) = 0;
    select j.ctid into v_ctid from public.jobforge_jobs as j
    where j.tenant_id = v_job.tenant_id and j.id = v_job.id and j.status = 'queued'
      and not j.scheduled
    for no key update skip locked;
    continue when not found;
    v_claimed := jobforge.lease(p_run_id, array[v_ctid], v_now);
    -- The lease moved the cursor, which may only follow jobs that are not quarantined.
    update public.jobforge_queues as q set cursor_at = null where q.id = v_queue.id;
    exit;
  end loop;
  return v_claimed;
end
$$;
comment on function jobforge.claim_quarantined(bigint) is
  'Starts one job whose lease expired twice or more. For a run that holds nothing else.';

-- supabase/schemas/40_runs/claimed_jobs.sql

-- Claimed jobs as JSON, in the two forms that settle_and_claim returns.

create function jobforge.jobs_as_rows(p_ctids tid[])
returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select json_agg(row_to_json(claimed))
    from (
      select j.id, j.tenant_id, j.queue, j.type, j.payload, j.attempts as attempt, j.max_attempts,
        j.lease_token, j.timeout_ms, j.traceparent, j.created_at, j.run_at
      from public.jobforge_jobs as j
      where j.ctid = any (p_ctids)
      order by j.priority, j.id
    ) as claimed);
end
$$;
comment on function jobforge.jobs_as_rows(tid[]) is 'Claimed jobs as an array of objects.';

create function jobforge.jobs_as_columns(p_ctids tid[])
returns json
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select json_build_object('id', json_agg(claimed.id), 'tenant_id', json_agg(claimed.tenant_id),
      'queue', json_agg(claimed.queue), 'type', json_agg(claimed.type),
      'payload', json_agg(claimed.payload), 'attempt', json_agg(claimed.attempts),
      'max_attempts', json_agg(claimed.max_attempts),
      'lease_token', json_agg(claimed.lease_token), 'timeout_ms', json_agg(claimed.timeout_ms),
      'traceparent', json_agg(claimed.traceparent), 'created_at', json_agg(claimed.created_at),
      'run_at', json_agg(claimed.run_at))
    from (
      select j.* from public.jobforge_jobs as j
      where j.ctid = any (p_ctids)
      order by j.priority, j.id
    ) as claimed);
end
$$;
comment on function jobforge.jobs_as_columns(tid[]) is
  'Claimed jobs as an object of arrays. It takes a quarter of the time and sends each name once.';

-- supabase/schemas/40_runs/complete_jobs.sql

-- Complete jobs, for workers that claim in calls of their own.

create function public.jobforge_complete_jobs(p_run_id bigint, p_outcomes jsonb)
returns json
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.settle_and_claim(p_run_id, p_outcomes, 0, '[]', false) $$;
comment on function public.jobforge_complete_jobs(bigint, jsonb) is 'Workers: reports outcomes.';

-- supabase/schemas/40_runs/finish_run.sql

-- Finish a run: release what it holds and call the next run when work is left.

create function jobforge.finish_run(p_run_id bigint, p_reason text, p_cpu_ms int)
returns json
language plpgsql
security definer -- ends runs, releases jobs, calls the worker
set search_path = pg_catalog, pg_temp
as $$
begin
  perform jobforge.lock_live_run(p_run_id);
  if p_reason is null or p_reason not in ('drained', 'wall_clock', 'cpu', 'shutdown', 'error') then
    perform jobforge.fail('invalid_argument',
      'p_reason must be drained, wall_clock, cpu, shutdown or error');
  end if;
  perform jobforge.end_leases(p_run_id, null, 'released');
  update jobforge.runs as r
  set state = 'finished', held = 0, lease_expires_at = null, ended_at = jobforge.clock(),
    end_reason = p_reason, cpu_ms = p_cpu_ms
  where r.id = p_run_id;
  perform jobforge.promote(jobforge.clock());
  return json_build_object(
    'dispatched', jobforge.request_runs(jobforge.ready_jobs(jobforge.clock())));
end
$$;
comment on function jobforge.finish_run(bigint, text, int) is
  'Workers: ends a run, releases what it holds and calls the worker again if work is left.';

create function public.jobforge_finish_run(
  p_run_id bigint, p_reason text, p_cpu_ms int default null)
returns json
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.finish_run(p_run_id, p_reason, p_cpu_ms) $$;
comment on function public.jobforge_finish_run(bigint, text, int) is
  'Workers: ends a run, releases what it holds and calls the worker again if work is left.';

-- supabase/schemas/40_runs/heartbeat.sql

-- Heartbeat: extend the lease of a run, store progress and return the jobs to abort.

create function jobforge.save_progress(p_run_id bigint, p_progress jsonb)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_progress = '[]' then
    return;
  end if;
  -- Read on its own: an update of no jobs need not read the list at all.
  perform from jsonb_to_recordset(p_progress) as reported (id uuid, progress jsonb);
  update public.jobforge_jobs as j set progress = reported.progress
  from jsonb_to_recordset(p_progress) as reported (id uuid, progress jsonb)
  where j.run_id = p_run_id and j.id = reported.id and j.status = 'running'
    and octet_length(reported.progress::text) <= 4096;
exception when data_exception then
  perform jobforge.fail('invalid_argument', format('p_progress: %s', sqlerrm));
end
$$;
comment on function jobforge.save_progress(bigint, jsonb) is
  'Stores the progress that handlers report, up to 4 KiB each.';

create function jobforge.jobs_to_abort(p_run_id bigint)
returns uuid[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select coalesce(array_agg(j.id), '{}') from public.jobforge_jobs as j
    where j.run_id = p_run_id and j.status = 'running' and j.cancel_requested_at is not null);
end
$$;
comment on function jobforge.jobs_to_abort(bigint) is
  'Running jobs of the run whose cancellation was requested.';

create function jobforge.heartbeat(p_run_id bigint, p_progress jsonb)
returns json
language plpgsql
security definer -- extends leases and stores progress
set search_path = pg_catalog, pg_temp
as $$
declare
  v_run constant jobforge.runs := jobforge.lock_live_run(p_run_id);
  v_now constant timestamptz := jobforge.clock();
  v_overdue uuid[];
  v_lease_expires_at timestamptz;
begin
  perform jobforge.save_progress(p_run_id, coalesce(p_progress, '[]'));
  -- A live run cannot keep a job forever: a minute after the job's timeout its lease expires.
  select array_agg(j.id) into v_overdue from public.jobforge_jobs as j
  where j.run_id = p_run_id and j.status = 'running'
    and j.started_at + make_interval(secs => j.timeout_ms / 1000.0 + 60) < v_now;
  if v_overdue is not null then
    perform jobforge.end_leases(p_run_id, v_overdue, 'lease_expired');
  end if;
  update jobforge.runs as r
  set lease_expires_at = v_now + make_interval(secs => settings.lease_seconds)
  from jobforge.settings
  where r.id = v_run.id
  returning r.lease_expires_at into v_lease_expires_at;
  return json_build_object(
    'abort', to_json(jobforge.jobs_to_abort(p_run_id) || v_overdue),
    'lease_expires_at', v_lease_expires_at);
end
$$;
comment on function jobforge.heartbeat(bigint, jsonb) is
  'Workers: extends the leases of a run and returns the jobs to abort.';

create function public.jobforge_heartbeat(p_run_id bigint, p_progress jsonb default '[]')
returns json
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.heartbeat(p_run_id, p_progress) $$;
comment on function public.jobforge_heartbeat(bigint, jsonb) is
  'Workers: extends the leases of a run and returns the jobs to abort.';

-- supabase/schemas/40_runs/reclaim_lost_runs.sql

-- Reclaim lost runs: a run that stopped reporting ends, and its jobs are queued again.

create function jobforge.reclaim_lost_runs(p_now timestamptz)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_run_id bigint;
  v_jobs int := 0;
begin
  update jobforge.runs as r set state = 'undelivered', ticket_hash = null, ended_at = p_now
  where r.state = 'pending' and r.created_at < p_now - interval '60 seconds';
  for v_run_id in
    select r.id from jobforge.runs as r
    where r.state = 'live' and r.lease_expires_at < p_now
    order by r.id
    limit 100
    for no key update skip locked
  loop
    v_jobs := v_jobs + jobforge.end_leases(v_run_id, null, 'lease_expired');
    update jobforge.runs as r
    set state = 'lost', held = 0, lease_expires_at = null, ended_at = p_now,
      end_reason = 'lease_expired'
    where r.id = v_run_id;
  end loop;
  return v_jobs;
end
$$;
comment on function jobforge.reclaim_lost_runs(timestamptz) is
  'Ends runs that stopped reporting. Their jobs are queued again or dead. Returns how many jobs.';

-- supabase/schemas/40_runs/release_jobs.sql

-- Release jobs: return them to their queues without using up an attempt.

create function jobforge.end_leases(p_run_id bigint, p_job_ids uuid[], p_outcome text)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_settled uuid[] := '{}'::uuid[];
begin
  v_settled := jobforge.settle(p_run_id, (
    select array_agg(row(j.id, j.lease_token, p_outcome, null,
      case when p_outcome = 'lease_expired' then
        '{"code": "lease_expired", "message": "the worker stopped reporting"}'::jsonb end,
      null)::jobforge.outcome)
    from public.jobforge_jobs as j
    where j.run_id = p_run_id and j.status = 'running'
      and (p_job_ids is null or j.id = any (p_job_ids))));
  update jobforge.runs as r set held = greatest(r.held - cardinality(v_settled), 0)
  where r.id = p_run_id;
  return cardinality(v_settled);
end
$$;
comment on function jobforge.end_leases(bigint, uuid[], text) is
  'Ends the leases of a run''s jobs: of those named, or of all when p_job_ids is null. The caller '
  'has locked the run. Returns how many.';

create function jobforge.release_jobs(p_run_id bigint, p_job_ids uuid[])
returns int
language plpgsql
security definer -- ends leases
set search_path = pg_catalog, pg_temp
as $$
begin
  perform jobforge.lock_live_run(p_run_id);
  return jobforge.end_leases(p_run_id, p_job_ids, 'released');
end
$$;
comment on function jobforge.release_jobs(bigint, uuid[]) is
  'Workers: returns jobs to their queues without using up an attempt.';

create function public.jobforge_release_jobs(p_run_id bigint, p_job_ids uuid[] default null)
returns int
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.release_jobs(p_run_id, p_job_ids) $$;
comment on function public.jobforge_release_jobs(bigint, uuid[]) is
  'Workers: returns jobs to their queues without using up an attempt.';

-- supabase/schemas/40_runs/settle.sql

-- Settle: record the outcomes of attempts.
--
-- An outcome counts only with the lease token of the current attempt. A worker that lost its lease
-- can neither finish, fail nor revive a job. The order of locks is run, jobs, tallies, parking
-- locks. Settling never waits for the row of a queue: it leaves a wake-up instead.

-- Statistics hardly ever see a running job, and the planner does not see the length of an array. A
-- nested loop over both would be quadratic in the batch. It is off, so the run's jobs are hashed.
-- The range of ids keeps the index scan off jobs that the run settled before, whose entries an old
-- snapshot can keep.
create function jobforge.settle_succeeded(p_run_id bigint, p_outcomes jobforge.outcome[])
returns jobforge.outcome_batch
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_ids constant uuid[] := array(select sent.id from unnest(p_outcomes) as sent order by sent.id);
  v_batch jobforge.outcome_batch;
begin
  with ended as (
    update public.jobforge_jobs as j
    set status = 'succeeded', finished_at = v_now, lease_token = null
    from unnest(p_outcomes) as sent
    where sent.outcome = 'succeeded' and j.run_id = p_run_id and j.id = sent.id
      and j.id between v_ids[1] and v_ids[cardinality(v_ids)]
      and j.status = 'running' and j.lease_token = sent.lease_token
      and j.cancel_requested_at is null
    returning j.tenant_id, j.id, j.queue_id, j.type, j.run_at, j.started_at, sent.result
  ),
  stored as (
    insert into public.jobforge_job_results (tenant_id, job_id, result, created_at)
    select ended.tenant_id, ended.id, ended.result, v_now from ended where ended.result is not null
  )
  select array_agg(ended.id), array_agg(ended.queue_id), null::int[], null::int[],
    array_agg(ended.type), array_fill('s'::"char", array[count(*)::int]),
    array_agg(least(date_part('epoch', ended.started_at - ended.run_at) * 1000, 2147483647)::int),
    array_agg(least(date_part('epoch', v_now - ended.started_at) * 1000, 2147483647)::int)
  into v_batch
  from ended;
  return v_batch;
end
$$;
comment on function jobforge.settle_succeeded(bigint, jobforge.outcome[]) is
  'Ends the attempts that succeeded, except those of jobs whose cancellation was requested.';

create function jobforge.settle_others(p_run_id bigint, p_outcomes jobforge.outcome[])
returns jobforge.outcome_batch
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_ids constant uuid[] := array(select sent.id from unnest(p_outcomes) as sent order by sent.id);
  v_batch jobforge.outcome_batch;
begin
  with held as materialized (
    select j.id, j.attempts, j.max_attempts, j.run_at as ready_at, sent.outcome,
      jobforge.error_summary(sent.error) as error,
      j.cancel_requested_at is not null as canceled,
      jobforge.wait_after(sent, jobforge.backoff(j.attempts - j.attempts_before_retry,
        coalesce(t.backoff_base_ms, 2000), coalesce(t.backoff_cap_ms, 3600000))) as wait
    from unnest(p_outcomes) as sent
    join public.jobforge_jobs as j on j.run_id = p_run_id and j.id = sent.id
      and j.id between v_ids[1] and v_ids[cardinality(v_ids)]
    left join jobforge.job_types as t on t.type = j.type
    where (sent.outcome <> 'succeeded' or j.cancel_requested_at is not null)
      and j.status = 'running' and j.lease_token = sent.lease_token
    for no key update of j
  ),
  decided as materialized (
    select held.*, case
      when held.canceled then 'canceled'
      when held.outcome = 'failed' then 'failed'
      when held.outcome <> 'released' and held.attempts >= held.max_attempts then 'dead'
      else 'queued'
    end as status
    from held
  ),
  ended as (
    update public.jobforge_jobs as j
    set status = decided.status, run_id = null, lease_token = null,
      attempts = j.attempts - (decided.outcome = 'released' and not decided.canceled)::int,
      lease_expiries = j.lease_expiries + (decided.outcome = 'lease_expired')::int,
      last_error = coalesce(decided.error, j.last_error),
      scheduled = decided.status = 'queued' and decided.wait > interval '0',
      run_at = case when decided.status = 'queued' and (decided.outcome <> 'released'
        or decided.wait > interval '0') then v_now + decided.wait else j.run_at end,
      finished_at = case when decided.status <> 'queued' then v_now end
    from decided
    where j.run_id = p_run_id and j.id = decided.id and j.status = 'running'
      and j.id between v_ids[1] and v_ids[cardinality(v_ids)]
    returning j.tenant_id, j.id, j.queue_id, j.type, decided.attempts, j.status, j.scheduled,
      decided.ready_at, j.started_at, decided.error,
      case when decided.canceled then 'canceled' else decided.outcome end as outcome
  ),
  recorded as (
    insert into jobforge.unsuccessful_attempts (
      tenant_id, job_id, attempt_no, run_id, started_at, finished_at, outcome, error)
    select ended.tenant_id, ended.id, ended.attempts, p_run_id, ended.started_at, v_now,
      ended.outcome, ended.error
    from ended where ended.outcome <> 'released'
  )
  select array_agg(ended.id), array_agg(ended.queue_id),
    array_agg(ended.queue_id) filter (where ended.status = 'queued'),
    array_agg(ended.queue_id) filter (where ended.status = 'queued' and not ended.scheduled),
    array_agg(ended.type), array_agg(case when ended.outcome = 'released' then 'b'
      when ended.status = 'queued' then 'r' else left(ended.status, 1) end::"char"),
    array_agg(least(date_part('epoch', ended.started_at - ended.ready_at) * 1000, 2147483647)::int),
    array_agg(least(date_part('epoch', v_now - ended.started_at) * 1000, 2147483647)::int)
  into v_batch
  from ended;
  return v_batch;
end
$$;
comment on function jobforge.settle_others(bigint, jobforge.outcome[]) is
  'Ends the other attempts: the job is queued again, failed, dead or canceled. A job whose '
  'cancellation was requested is canceled for every outcome and keeps no result.';

create function jobforge.settle(p_run_id bigint, p_outcomes jobforge.outcome[])
returns uuid[]
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  v_ended jobforge.outcome_batch := jobforge.settle_succeeded(p_run_id, p_outcomes);
  v_others jobforge.outcome_batch;
begin
  if coalesce(cardinality(v_ended.ids), 0) < cardinality(p_outcomes) then
    v_others := jobforge.settle_others(p_run_id, p_outcomes);
    v_ended := row(v_ended.ids || v_others.ids, v_ended.queue_ids || v_others.queue_ids,
      v_others.requeued_ids, v_others.ready_ids, v_ended.types || v_others.types,
      v_ended.ends || v_others.ends, v_ended.latency_ms || v_others.latency_ms,
      v_ended.duration_ms || v_others.duration_ms)::jobforge.outcome_batch;
  end if;
  if v_ended.ids is null then
    return '{}'::uuid[];
  end if;
  if jobforge.tally('r', v_ended.queue_ids) > 0 and v_ended.requeued_ids is not null then
    perform jobforge.tally('b', v_ended.requeued_ids);
  end if;
  insert into jobforge.outcome_batches (at, queue_ids, types, ends, latency_ms, duration_ms)
  values (jobforge.clock(), v_ended.queue_ids, v_ended.types, v_ended.ends, v_ended.latency_ms,
    v_ended.duration_ms);
  perform jobforge.wake_ready_queues(v_ended.queue_ids, v_ended.ready_ids);
  return v_ended.ids;
end
$$;
comment on function jobforge.settle(bigint, jobforge.outcome[]) is
  'Records the outcomes of a run''s attempts. Returns the ids of the jobs whose outcome counted.';

-- supabase/schemas/40_runs/settle_and_claim.sql

-- Settle and claim: one call of a run reports a batch of outcomes, claims the next jobs and extends
-- the lease.

create function jobforge.next_at()
returns timestamptz
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select least(
      (select j.run_at from public.jobforge_jobs as j where j.scheduled order by j.run_at limit 1),
      (select q.wake_at from public.jobforge_queues as q
        where q.wake_at is not null order by q.wake_at limit 1)));
end
$$;
comment on function jobforge.next_at() is
  'Returns when the next scheduled job is due or the next throttled queue may start a job.';

create function jobforge.claim_for(p_run jobforge.runs, p_limit int)
returns tid[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_alone boolean := false;
  v_ctids tid[] := '{}'::tid[];
begin
  if p_run.held > 0 and p_run.alone then
    return v_ctids;
  end if;
  -- Quarantined jobs and other jobs take turns, so that neither kind can keep the other waiting.
  if p_run.held > 0 or p_run.alone then
    v_ctids := jobforge.claim(p_run.id, p_limit);
  end if;
  if p_run.held = 0 and v_ctids = '{}' and (
    select j.id from public.jobforge_jobs as j
    where j.status = 'queued' and not j.scheduled and j.lease_expiries >= 2
    order by j.run_at limit 1) is not null
  then
    v_ctids := jobforge.claim_quarantined(p_run.id);
    v_alone := v_ctids <> '{}';
  end if;
  if p_run.held = 0 and v_ctids = '{}' and not p_run.alone then
    v_ctids := jobforge.claim(p_run.id, p_limit);
  end if;
  if v_alone <> p_run.alone then
    update jobforge.runs as r set alone = v_alone where r.id = p_run.id;
  end if;
  return v_ctids;
end
$$;
comment on function jobforge.claim_for(jobforge.runs, int) is
  'Claims jobs for a run. A quarantined job is claimed alone and held alone.';

create function jobforge.settle_and_claim(
  p_run_id bigint, p_outcomes jsonb, p_limit int, p_progress jsonb, p_columns boolean)
returns json
language plpgsql
security definer -- the worker's only way to change jobs
set search_path = pg_catalog, pg_temp
-- Arrays look shorter than they are, so the planner would plan anew for each call.
set plan_cache_mode = force_generic_plan
as $$
declare
  v_run jobforge.runs := jobforge.lock_live_run(p_run_id);
  v_now constant timestamptz := jobforge.clock();
  v_outcomes constant jobforge.outcome[] := jobforge.outcomes(p_outcomes);
  v_settled uuid[] := '{}'::uuid[];
  v_ctids tid[] := '{}'::tid[];
  v_jobs json := '[]'::json;
  v_stale uuid[] := '{}'::uuid[];
  v_abort uuid[] := '{}'::uuid[];
  v_next_at timestamptz;
begin
  if p_limit is null or p_limit not between 0 and 1000 then
    perform jobforge.fail('invalid_argument', 'p_limit must be from 0 to 1000');
  end if;
  if p_progress <> '[]' then
    perform jobforge.save_progress(p_run_id, p_progress);
  end if;
  if cardinality(v_outcomes) > 0 then
    v_settled := jobforge.settle(p_run_id, v_outcomes);
    v_run.held := v_run.held - cardinality(v_settled);
    if cardinality(v_settled) < cardinality(v_outcomes) then
      v_stale := array(
        select reported.id from unnest(v_outcomes) as reported
        where reported.id <> all (v_settled));
    end if;
  end if;
  if v_run.held > 0 then
    v_abort := jobforge.jobs_to_abort(p_run_id);
  end if;
  if p_limit > 0 then
    v_ctids := jobforge.claim_for(v_run, p_limit);
  end if;
  if v_ctids = '{}' then
    v_next_at := jobforge.next_at();
  elsif p_columns then
    v_jobs := jobforge.jobs_as_columns(v_ctids);
  else
    v_jobs := jobforge.jobs_as_rows(v_ctids);
  end if;
  update jobforge.runs as r
  set held = v_run.held + cardinality(v_ctids),
    claimed = r.claimed + cardinality(v_ctids),
    settled = r.settled + cardinality(v_settled),
    polled_at = case when p_limit > 0 then v_now else r.polled_at end,
    idle_at = case when v_run.held + cardinality(v_ctids) = 0 and p_limit > 0
      then coalesce(r.idle_at, v_now) end,
    lease_expires_at = v_now + make_interval(secs => settings.lease_seconds)
  from jobforge.settings
  where r.id = p_run_id;
  return json_build_object('settled', cardinality(v_settled), 'stale', v_stale, 'jobs', v_jobs,
    'abort', v_abort, 'next_at', v_next_at);
end
$$;
comment on function jobforge.settle_and_claim(bigint, jsonb, int, jsonb, boolean) is
  'Workers: reports outcomes, claims the next jobs and extends the leases in one round trip.';

create function public.jobforge_settle_and_claim(
  p_run_id bigint, p_outcomes jsonb default '[]', p_limit int default 0,
  p_progress jsonb default '[]', p_columns boolean default false)
returns json
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return jobforge.settle_and_claim(p_run_id, p_outcomes, p_limit, p_progress, p_columns);
end
$$;
comment on function public.jobforge_settle_and_claim(bigint, jsonb, int, jsonb, boolean) is
  'Workers: reports outcomes and claims the next jobs in one round trip. The jobs are an array of '
  'objects, or, with p_columns, an object of arrays.';

-- supabase/schemas/40_runs/start_run.sql

-- Start a run: redeem a ticket, or start without one.

create function jobforge.start_run(
  p_run_id bigint, p_ticket text, p_worker text, p_capacity int, p_types jsonb)
returns table (run_id bigint, lease_seconds int)
language plpgsql
security definer -- redeems tickets, and no API role may write runs
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_now constant timestamptz := jobforge.clock();
  v_lease constant interval := (
    select make_interval(secs => settings.lease_seconds) from jobforge.settings);
  v_id bigint;
begin
  perform jobforge.require_service();
  if p_capacity is null or p_capacity not between 1 and 1000 then
    perform jobforge.fail('invalid_argument', 'p_capacity must be from 1 to 1000');
  end if;
  if p_run_id is null and p_ticket is null then
    insert into jobforge.runs (state, worker, capacity, created_at, started_at, lease_expires_at)
    values ('live', left(p_worker, 200), p_capacity, v_now, v_now, v_now + v_lease)
    returning id into v_id;
  else
    update jobforge.runs as r
    set state = 'live', ticket_hash = null, worker = left(p_worker, 200), capacity = p_capacity,
      started_at = v_now, lease_expires_at = v_now + v_lease
    where r.id = p_run_id and r.state = 'pending'
      and r.created_at > v_now - interval '60 seconds'
      and r.ticket_hash = sha256(convert_to(p_ticket, 'UTF8'))
    returning r.id into v_id;
    if v_id is null then
      perform jobforge.fail('ticket_refused',
        'the ticket is unknown, used or older than 60 seconds');
    end if;
  end if;
  perform jobforge.declare_types(coalesce(p_types, '[]'));
  return query select v_id, settings.lease_seconds from jobforge.settings;
end
$$;
comment on function jobforge.start_run(bigint, text, text, int, jsonb) is
  'Workers: redeems a ticket once, or starts a run without one.';

create function public.jobforge_start_run(
  p_run_id bigint default null, p_ticket text default null, p_worker text default null,
  p_capacity int default 100, p_types jsonb default '[]')
returns table (run_id bigint, lease_seconds int)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select * from jobforge.start_run(p_run_id, p_ticket, p_worker, p_capacity, p_types) $$;
comment on function public.jobforge_start_run(bigint, text, text, int, jsonb) is
  'Workers: redeems a ticket once, or starts a run without one.';

-- supabase/schemas/50_dispatch/call_worker.sql

-- Call the worker with a one-time ticket.
--
-- A call is only a hint: it may be lost or repeated. Claims and leases keep the work correct.

create function jobforge.new_ticket()
returns text
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'hex')
$$;
comment on function jobforge.new_ticket() is 'Returns 32 bytes in hex, from 244 random bits.';

create function jobforge.call_worker(p_project_url text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_ticket constant text := jobforge.new_ticket();
  v_run_id bigint;
begin
  insert into jobforge.runs (state, ticket_hash, created_at)
  values ('pending', sha256(convert_to(v_ticket, 'UTF8')), jobforge.clock())
  returning id into v_run_id;
  -- The call is sent when this transaction commits. It carries the run id and the ticket only.
  perform net.http_post(
    url := p_project_url || '/functions/v1/worker',
    body := jsonb_build_object('run_id', v_run_id, 'ticket', v_ticket),
    headers := '{"Content-Type": "application/json"}'::jsonb,
    timeout_milliseconds := 5000);
end
$$;
comment on function jobforge.call_worker(text) is
  'Creates a run and asks the worker, through pg_net, to redeem its ticket.';

-- supabase/schemas/50_dispatch/dispatch.sql

-- The dispatcher: every ten seconds it repairs what lost calls and dead workers left behind.

create function jobforge.dispatch()
returns int
language plpgsql
security definer -- reclaims leases and calls the worker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
begin
  perform jobforge.require_service();
  perform jobforge.reclaim_lost_runs(v_now);
  perform jobforge.promote(v_now);
  perform jobforge.wake_missed_queues();
  perform jobforge.perform_maintenance_tasks(v_now);
  return jobforge.request_runs(jobforge.ready_jobs(v_now));
end
$$;
comment on function jobforge.dispatch() is
  'Operators: reclaims lost runs, promotes what is due, performs the maintenance tasks and calls '
  'the worker if work is waiting. Returns how many calls.';

create function public.jobforge_dispatch()
returns int
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.dispatch() $$;
comment on function public.jobforge_dispatch() is
  'Operators: runs the dispatcher once, now. Returns how many calls it made to the worker.';

-- supabase/schemas/50_dispatch/doctor.sql

-- The doctor: checks that jobs can run in a project and that tenants stay apart.
--
-- These checks run inside the database, and each finding names its fix. `jobforge doctor` adds the
-- checks from outside: functions, keys and clocks.

create type jobforge.finding as (name text, ok boolean, found text, fix text);
comment on type jobforge.finding is
  'A check of the doctor: whether it holds, what was found, and the fix if it does not hold.';

create function jobforge.doctor(p_project_url text)
returns json
language plpgsql
security definer -- reads settings, runs and the cron schedule
set search_path = pg_catalog, pg_temp
as $$
declare
  v_missing constant text[] := jobforge.missing_extensions();
  v_unexpected constant text[] := jobforge.unexpected_grants();
  v_findings jobforge.finding[];
begin
  perform jobforge.require_service();
  v_findings := array[
    row('extensions', v_missing is null,
      coalesce('missing: ' || array_to_string(v_missing, ', '), 'pg_cron and pg_net are enabled'),
      'enable them in the dashboard, Database, Extensions, then run setup')::jobforge.finding,
    row('rights', v_unexpected is null,
      coalesce(array_to_string(v_unexpected[1:5], '; '),
        'no API role writes a table, anon has no rights'),
      'run as postgres: select jobforge.apply_rights();')::jobforge.finding,
    jobforge.check_settings(p_project_url)];
  if v_missing is null then
    v_findings := v_findings || array(
      select finding from jobforge.check_cron_jobs() as finding);
  end if;
  v_findings := v_findings || array(select finding from jobforge.check_runs() as finding);
  return json_build_object('now', jobforge.clock(), 'findings', to_json(v_findings));
end
$$;
comment on function jobforge.doctor(text) is
  'Operators: checks the project inside the database: extensions, rights, URL, cron jobs, runs.';

create function public.jobforge_doctor(p_project_url text default null)
returns json
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.doctor(p_project_url) $$;
comment on function public.jobforge_doctor(text) is
  'Operators: checks this project and returns findings, each with its fix.';

-- supabase/schemas/50_dispatch/doctor_checks.sql

-- The doctor's checks: extensions, cron jobs, the project's URL and runs.

create function jobforge.missing_extensions()
returns text[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select array_agg(needed.name order by needed.name)
  from (values ('pg_cron', 'cron', 'schedule'), ('pg_net', 'net', 'http_post'))
    as needed (name, schema, function)
  where not exists (
    select from pg_proc join pg_namespace on pg_namespace.oid = pg_proc.pronamespace
    where pg_namespace.nspname = needed.schema and pg_proc.proname = needed.function)
$$;
comment on function jobforge.missing_extensions() is
  'Returns which of pg_cron and pg_net is missing, or null. Looks for a function of each.';

create function jobforge.check_cron_jobs()
returns setof jobforge.finding
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_missing text[];
  v_last_dispatch record;
begin
  select array_agg(needed.name order by needed.name) into v_missing
  from (values ('jobforge-dispatch'), ('jobforge-maintain')) as needed (name)
  where not exists (select from cron.job where job.jobname = needed.name and job.active);
  return next row('cron_jobs', v_missing is null,
    coalesce('not scheduled: ' || array_to_string(v_missing, ', '),
      'dispatcher and pruning are scheduled'),
    'select * from jobforge_setup(''https://<ref>.supabase.co'');')::jobforge.finding;
  select job_run_details.status, job_run_details.return_message, job_run_details.start_time
  into v_last_dispatch
  from cron.job_run_details join cron.job on job.jobid = job_run_details.jobid
  where job.jobname = 'jobforge-dispatch' and job_run_details.status in ('succeeded', 'failed')
  order by job_run_details.start_time desc limit 1;
  return next row('dispatcher',
    coalesce(v_last_dispatch.status = 'succeeded'
      and v_last_dispatch.start_time > jobforge.clock() - interval '1 minute', false),
    case when v_last_dispatch is null then 'it never ran'
      else format('it %s %s seconds ago', v_last_dispatch.status,
        floor(extract(epoch from jobforge.clock() - v_last_dispatch.start_time))) end,
    'read cron.job_run_details, restart the project if pg_cron stopped')::jobforge.finding;
end
$$;
comment on function jobforge.check_cron_jobs() is
  'Checks that pg_cron has JobForge''s jobs and ran the dispatcher within a minute.';

create function jobforge.check_settings(p_project_url text)
returns jobforge.finding
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select row('project_url',
    settings.project_url is not null
      and settings.project_url = coalesce(rtrim(p_project_url, '/'), settings.project_url),
    case when settings.project_url is null then 'not set: no worker is called'
      else 'the database calls ' || settings.project_url end,
    format('select * from jobforge_setup(%L);',
      coalesce(rtrim(p_project_url, '/'), 'https://<ref>.supabase.co')))::jobforge.finding
  from jobforge.settings
$$;
comment on function jobforge.check_settings(text) is
  'Checks that the database stores its own project''s URL. A cloned database still has that of its '
  'origin.';

create function jobforge.check_runs()
returns setof jobforge.finding
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with ended as (
    select count(*) filter (where r.state = 'undelivered') as undelivered,
      count(*) filter (where r.state = 'lost') as lost
    from jobforge.runs as r
    where r.ended_at > jobforge.clock() - interval '1 hour'
  )
  select row('undelivered', ended.undelivered = 0,
    format('%s tickets of the last hour were never redeemed', ended.undelivered),
    'deploy the worker, check project_url, then: select net.worker_restart();')::jobforge.finding
  from ended
  union all
  select row('lost_runs', ended.lost = 0,
    format('%s runs of the last hour stopped reporting', ended.lost),
    'read the worker''s log: memory, CPU or wall clock ended it')::jobforge.finding
  from ended
$$;
comment on function jobforge.check_runs() is
  'Checks that in the last hour every ticket was redeemed and no run was lost.';

-- supabase/schemas/50_dispatch/maintain.sql

-- Maintain: once an hour, delete what is no longer needed.

create function jobforge.maintain()
returns void
language plpgsql
security definer -- prunes internal tables and the history of JobForge's cron jobs
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
begin
  perform jobforge.require_service();
  with expired as materialized (
    select k.tenant_id, k.type, k.key from jobforge.idempotency_keys as k
    where k.expires_at < v_now limit 10000 for update skip locked
  )
  delete from jobforge.idempotency_keys as k using expired
  where k.tenant_id = expired.tenant_id and k.type = expired.type and k.key = expired.key;
  delete from jobforge.runs as r
  where r.id in (
    select r_old.id from jobforge.runs as r_old
    where r_old.state not in ('pending', 'live') and r_old.ended_at < v_now - interval '7 days'
    limit 10000);
  perform jobforge.prune_connectors(v_now);
  delete from cron.job_run_details
  where job_run_details.end_time < v_now - interval '1 day'
    and job_run_details.jobid in (
      select job.jobid from cron.job where job.jobname like 'jobforge-%');
end
$$;
comment on function jobforge.maintain() is
  'Database: deletes expired idempotency keys, received webhooks and secrets, runs older than a '
  'week, and JobForge''s cron history older than a day.';

-- supabase/schemas/50_dispatch/maintenance.sql

-- Maintenance tasks: the dispatcher performs them. Each is bounded, and none stops another.

create function jobforge.perform_maintenance_tasks(p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  begin
    perform jobforge.roll_up(p_now);
  exception when others then
    raise warning 'jobforge: rolling up metrics failed with %', sqlstate;
  end;
  begin
    perform jobforge.fire_schedules(p_now, 1000);
  exception when others then
    raise warning 'jobforge: schedules failed with %', sqlstate;
  end;
  begin
    perform jobforge.request_refills(p_now);
  exception when others then
    raise warning 'jobforge: requesting occurrences failed with %', sqlstate;
  end;
  begin
    perform jobforge.continue_erasures(1000);
  exception when others then
    raise warning 'jobforge: an erasure failed with %', sqlstate;
  end;
  begin
    perform jobforge.delete_expired_jobs(p_now, 2000);
  exception when others then
    raise warning 'jobforge: retention failed with %', sqlstate;
  end;
  begin
    perform jobforge.evaluate_alerts(p_now);
  exception when others then
    raise warning 'jobforge: evaluating alerts failed with %', sqlstate;
  end;
  begin
    perform jobforge.seal_audit(2000);
  exception when others then
    raise warning 'jobforge: sealing the audit log failed with %', sqlstate;
  end;
end
$$;
comment on function jobforge.perform_maintenance_tasks(timestamptz) is
  'Metrics, alerts, schedules, calendar, erasures, retention and the seals of the audit log.';

-- supabase/schemas/50_dispatch/probe_worker.sql

-- Probe the worker: send it a ticket, then read whether the ticket was redeemed.

create function jobforge.probe_worker(p_run_id bigint)
returns json
language plpgsql
security definer -- creates a ticket, reads runs
set search_path = pg_catalog, pg_temp
as $$
declare
  v_url constant text := (select settings.project_url from jobforge.settings);
  v_run jobforge.runs;
begin
  perform jobforge.require_service();
  if p_run_id is null then
    if v_url is null or 'pg_net' = any (jobforge.missing_extensions()) then
      perform jobforge.fail('wrong_state', 'the project URL is not set: run jobforge_setup');
    end if;
    perform jobforge.call_worker(v_url);
    select r.* into v_run from jobforge.runs as r
    where r.id = currval(pg_get_serial_sequence('jobforge.runs', 'id'));
  else
    select r.* into v_run from jobforge.runs as r where r.id = p_run_id;
  end if;
  if v_run.id is null then
    perform jobforge.fail('not_found', 'there is no such run');
  end if;
  return json_build_object('run_id', v_run.id, 'state', v_run.state);
end
$$;
comment on function jobforge.probe_worker(bigint) is
  'Operators: sends the worker a ticket when p_run_id is null. Returns the state of the run.';

create function public.jobforge_probe_worker(p_run_id bigint default null)
returns json
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.probe_worker(p_run_id) $$;
comment on function public.jobforge_probe_worker(bigint) is
  'Operators: sends the worker a ticket, or returns the state of the run that a ticket belongs to.';

-- supabase/schemas/50_dispatch/request_runs.sql

-- Request runs: call the worker for ready jobs that exceed the free slots of the live runs.

create function jobforge.active_runs(p_now timestamptz)
returns table (active int, spare int)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- A ticket that no worker redeemed within ten seconds no longer counts as a run on its way. A run
  -- that has been idle for a second may be about to end. A run that has not asked for jobs for two
  -- seconds takes no more.
  select count(*)::int,
    coalesce(sum(case
      when r.state = 'pending' then settings.run_capacity
      when r.idle_at < p_now - interval '1 second'
        or coalesce(r.polled_at, r.started_at) < p_now - interval '2 seconds' then 0
      else greatest(r.capacity - r.held, 0) end), 0)::int
  from jobforge.runs as r, jobforge.settings
  where r.state = 'live' and r.lease_expires_at > p_now
    or r.state = 'pending' and r.created_at > p_now - interval '10 seconds'
$$;
comment on function jobforge.active_runs(timestamptz) is
  'Returns how many runs are live or on their way, and how many more jobs they can hold.';

create function jobforge.request_runs(p_ready int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_settings jobforge.settings;
  v_active record;
  v_wanted int;
begin
  select settings.* into v_settings from jobforge.settings;
  if v_settings.project_url is null or to_regnamespace('net') is null
    or not pg_try_advisory_xact_lock(1246708227, 0)
  then
    return 0;
  end if;
  select counted.* into v_active from jobforge.active_runs(jobforge.clock()) as counted;
  v_wanted := least(
    ceil((p_ready - v_active.spare) / v_settings.run_capacity::float8)::int,
    v_settings.max_runs - v_active.active);
  for v_i in 1..v_wanted loop
    perform jobforge.call_worker(v_settings.project_url);
  end loop;
  return greatest(v_wanted, 0);
end
$$;
comment on function jobforge.request_runs(int) is
  'Calls as many workers as the ready jobs need beyond the active runs, up to max_runs. Returns '
  'how many.';

create function jobforge.ready_jobs(p_now timestamptz)
returns int
language sql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
  -- Counts no further than max_runs runs can hold.
  with enough as (select settings.max_runs * settings.run_capacity as jobs from jobforge.settings),
  ready as (
    select found.one
    from public.jobforge_queues as q
    cross join lateral (
      select 1 as one from public.jobforge_jobs as j
      where j.queue_id = q.id and j.status = 'queued' and not j.scheduled and j.lease_expiries < 2
        and (j.priority, j.id) >= (
          case when q.cursor_at > p_now - interval '2 seconds' then q.cursor_priority
            else -32768 end,
          case when q.cursor_at > p_now - interval '2 seconds' then q.cursor_id
            else '00000000-0000-0000-0000-000000000000' end)
      limit least(jobforge.available_starts(q, p_now), (select enough.jobs from enough))
    ) as found
    where q.runnable
    limit (select enough.jobs from enough)
  )
  select (select count(*) from ready)::int + (
    select count(*) from (
      select from public.jobforge_jobs as j join public.jobforge_queues as q on q.id = j.queue_id
      where j.status = 'queued' and not j.scheduled and j.lease_expiries >= 2
        and not q.paused and jobforge.available_starts(q, p_now) > 0
      limit 10) as quarantined)::int
$$;
comment on function jobforge.ready_jobs(timestamptz) is
  'Returns how many jobs could start now, counted up to what all runs together can hold.';

-- supabase/schemas/50_dispatch/setup.sql

-- Set up a project: store its URL and schedule the dispatcher.

create function jobforge.setup(p_project_url text, p_max_runs int default null)
returns table (setting text, value text)
language plpgsql
security definer -- writes settings, schedules the dispatcher
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_url constant text := rtrim(p_project_url, '/');
  v_before constant jsonb := (select to_jsonb(settings) from jobforge.settings);
begin
  perform jobforge.require_service();
  if v_url is null or v_url !~ '^https://[a-z0-9.-]+(:[0-9]+)?$'
    and v_url !~ '^http://(127\.0\.0\.1|localhost|kong|host\.docker\.internal)(:[0-9]+)?$'
  then
    perform jobforge.fail('invalid_argument', 'p_project_url must be the project''s address, like '
      'https://abc.supabase.co (plain http for a local project only)');
  end if;
  if p_max_runs not between 1 and 100 then
    perform jobforge.fail('invalid_argument', 'p_max_runs must be from 1 to 100');
  end if;
  if to_regnamespace('cron') is null or to_regnamespace('net') is null then
    perform jobforge.fail('extension_missing',
      'enable the extensions pg_cron and pg_net, then run setup again');
  end if;
  update jobforge.settings
  set project_url = v_url, max_runs = coalesce(p_max_runs, settings.max_runs)
  where settings.id;
  perform cron.schedule('jobforge-dispatch', '10 seconds', 'select jobforge.dispatch()');
  perform cron.schedule('jobforge-maintain', '17 * * * *', 'select jobforge.maintain()');
  perform jobforge.audit_change('setup', null, v_url, v_before,
    (select to_jsonb(settings) from jobforge.settings));
  return query
  select 'project_url', settings.project_url from jobforge.settings
  union all select 'max_runs', settings.max_runs::text from jobforge.settings
  union all select job.jobname, job.schedule from cron.job where job.jobname like 'jobforge-%';
end
$$;
comment on function jobforge.setup(text, int) is
  'Operators: stores the project''s URL and schedules the dispatcher. Safe to repeat.';

create function public.jobforge_setup(p_project_url text, p_max_runs int default null)
returns table (setting text, value text)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select * from jobforge.setup(p_project_url, p_max_runs) $$;
comment on function public.jobforge_setup(text, int) is
  'Operators: stores the project''s URL and schedules the dispatcher. Safe to repeat.';

-- supabase/schemas/50_dispatch/unexpected_grants.sql

-- Unexpected grants: rights that differ from those that jobforge.apply_rights sets.

create function jobforge.unexpected_grants()
returns text[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with published as (
    select pg_class.oid, pg_class.relname, pg_class.relkind, pg_class.relrowsecurity
    from pg_class
    where pg_class.relnamespace = 'public'::regnamespace and pg_class.relname like 'jobforge\_%'
      and pg_class.relkind in ('r', 'p', 'v')
  ),
  unexpected (what) as (
    select format('%s may %s %s', api.role, checked.privilege, published.relname)
    from published,
      unnest(array['anon', 'authenticated', 'service_role']) as api (role),
      unnest(array['insert', 'update', 'delete', 'truncate']) as checked (privilege)
    where has_table_privilege(api.role, published.oid, checked.privilege)
    union all
    select format('%s may %s jobforge.%s', api.role, checked.privilege, pg_class.relname)
    from pg_class,
      unnest(array['anon', 'authenticated', 'service_role']) as api (role),
      unnest(array['select', 'insert', 'update', 'delete', 'truncate']) as checked (privilege)
    where pg_class.relnamespace = 'jobforge'::regnamespace and pg_class.relkind in ('r', 'p')
      and has_table_privilege(api.role, pg_class.oid, checked.privilege)
      -- A table that a view in public reads has a policy.
      and (checked.privilege <> 'select'
        or not exists (select from pg_policy where pg_policy.polrelid = pg_class.oid))
    union all
    select 'anon may use the schema jobforge'
    where has_schema_privilege('anon', 'jobforge', 'usage')
    union all
    select format('anon may select %s', published.relname) from published
    where has_table_privilege('anon', published.oid, 'select')
    union all
    select format('%s has no row level security', published.relname) from published
    where published.relkind <> 'v' and not published.relrowsecurity
    union all
    select format('%s %s execute %s', api.role,
      case when api.role = any (expected.roles) then 'may not' else 'may' end,
      replace(expected.function::regproc::text, 'public.', ''))
    from jobforge.function_rights() as expected,
      unnest(array['anon', 'authenticated', 'service_role']) as api (role)
    where has_function_privilege(api.role, expected.function, 'execute')
      <> (api.role = any (expected.roles))
  )
  select array_agg(unexpected.what order by unexpected.what) from unexpected
$$;
comment on function jobforge.unexpected_grants() is
  'Returns rights that differ from those that apply_rights sets, or null: a table that an API role '
  'may write, a function open to the wrong role or closed to the right one, a table without row '
  'level security.';

-- supabase/schemas/50_dispatch/wake_at_commit.sql

-- Wake at commit: a wake-up makes its queue runnable and calls the worker when the enqueue
-- commits.

create function jobforge.wake_at_commit()
returns trigger
language plpgsql
security definer -- runs at commit, in the transaction of the caller that enqueued
set search_path = pg_catalog, pg_temp
as $$
begin
  if new.queue_id = any (jobforge.wake_queues(array[new.queue_id])) then
    delete from jobforge.wakeups where wakeups.id = new.id;
  end if;
  perform jobforge.request_runs(1);
  return null;
end
$$;
comment on function jobforge.wake_at_commit() is
  'Database: makes the queue of a wake-up runnable and calls the worker if no run has a free slot.';

create constraint trigger wakeups_at_commit
  after insert on jobforge.wakeups
  deferrable initially deferred
  for each row execute function jobforge.wake_at_commit();
comment on trigger wakeups_at_commit on jobforge.wakeups is
  'At commit, so that a long transaction holds neither a queue nor the dispatcher.';

-- supabase/schemas/60_schedules/00_schedules.sql

-- Schedules: a job at each occurrence, for one tenant or for every active one.
--
-- The worker computes the next occurrences of a cron expression and stores them. Maintenance
-- starts the due ones. Occurrences of `N seconds` follow from the time of creation.

create table public.jobforge_schedules (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid,
  name text not null,
  expression text not null,
  time_zone text not null default 'UTC',
  type text not null,
  payload jsonb not null default '{}',
  queue text not null default 'default',
  priority int not null default 0,
  max_attempts int,
  timeout_ms int,
  overlap text not null default 'skip',
  catch_up text not null default 'once',
  paused boolean not null default false,
  created_by text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  next_at timestamptz,
  last_at timestamptz,
  started bigint not null default 0,
  skipped bigint not null default 0,
  missed bigint not null default 0,
  failed bigint not null default 0,
  last_error jsonb,
  problem text,
  -- the calendar and an unfinished fan-out: only maintenance and refills write these
  version int not null default 1,
  filled_through timestamptz not null,
  refill_at timestamptz,
  refill_requested_at timestamptz,
  fan_out_at timestamptz,
  fan_out_after uuid,
  constraint jobforge_schedules_one_per_name unique nulls not distinct (tenant_id, name),
  constraint schedule_name_is_plain check (name ~ jobforge.name_pattern()),
  constraint overlap_is_known check (overlap in ('skip', 'allow')),
  constraint catch_up_is_known check (catch_up in ('skip', 'once', 'all')),
  constraint fan_out_catches_up_once check (tenant_id is not null or catch_up <> 'all'),
  constraint only_fan_outs_are_unfinished check (fan_out_at is null or tenant_id is null)
);
comment on table public.jobforge_schedules is
  'A recurring job, of one tenant or, without a tenant, of every active tenant.';
comment on column public.jobforge_schedules.expression is
  'Five fields of cron in the time zone, or N seconds.';
comment on column public.jobforge_schedules.overlap is
  'Whether an occurrence starts before the last job has finished: skip it, or allow both.';
comment on column public.jobforge_schedules.catch_up is
  'Which occurrences start more than a minute late: none (skip), the last one (once), or up to '
  '100 of them (all).';
comment on column public.jobforge_schedules.problem is
  'Why the expression has no next occurrence. Nothing starts until the expression changes.';
comment on column public.jobforge_schedules.refill_at is
  'When the worker is asked for more occurrences. Null for N seconds, which need none.';
comment on column public.jobforge_schedules.fan_out_at is
  'The occurrence that is being fanned out. fan_out_after is the last tenant it started for.';
create index jobforge_schedules_due_idx on public.jobforge_schedules (next_at) where not paused;
create index jobforge_schedules_refill_idx on public.jobforge_schedules (refill_at)
  where not paused and problem is null;
create index jobforge_schedules_fan_out_idx on public.jobforge_schedules (fan_out_at)
  where fan_out_at is not null;

create table jobforge.occurrences (
  schedule_id uuid not null references public.jobforge_schedules (id) on delete cascade,
  due_at timestamptz not null,
  constraint occurrences_pkey primary key (schedule_id, due_at)
);
comment on table jobforge.occurrences is 'The next occurrences of cron expressions.';

create table jobforge.schedule_jobs (
  schedule_id uuid not null references public.jobforge_schedules (id) on delete cascade,
  tenant_id uuid not null,
  due_at timestamptz not null,
  job_id uuid,
  error jsonb,
  constraint schedule_jobs_pkey primary key (schedule_id, tenant_id)
);
comment on table jobforge.schedule_jobs is
  'The last occurrence of a schedule per tenant: its job, or the error. Only a later occurrence '
  'creates a job.';
create index schedule_jobs_tenant_idx on jobforge.schedule_jobs (tenant_id);

create function jobforge.schedule_of_caller(p_schedule_id uuid)
returns public.jobforge_schedules
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant_ids constant uuid[] := case when not jobforge.is_service()
    then jobforge.callers_tenants(null) end;
  v_schedule public.jobforge_schedules;
begin
  select * into v_schedule from public.jobforge_schedules
  where id = p_schedule_id and (v_tenant_ids is null or tenant_id = any (v_tenant_ids));
  if not found then
    perform jobforge.fail('not_found', 'no such schedule');
  end if;
  return v_schedule;
end
$$;
comment on function jobforge.schedule_of_caller(uuid) is
  'Returns the schedule if the caller may use it. Throws the same not_found for an unknown '
  'schedule and for another tenant''s.';

-- supabase/schemas/60_schedules/01_start_occurrence.sql

-- Start an occurrence: create its job, for one tenant or for several.

create function jobforge.start_occurrence(
  p_schedule public.jobforge_schedules, p_tenant_id uuid, p_due_at timestamptz)
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_last jobforge.schedule_jobs;
  v_job_id uuid;
begin
  select * into v_last from jobforge.schedule_jobs
  where schedule_id = p_schedule.id and tenant_id = p_tenant_id
  for no key update;
  if v_last.due_at >= p_due_at then
    return 'duplicate';
  end if;
  if p_schedule.overlap = 'skip' and exists (
    select from public.jobforge_jobs as j
    where j.tenant_id = p_tenant_id and j.id = v_last.job_id and j.status in ('queued', 'running'))
  then
    update jobforge.schedule_jobs set due_at = p_due_at, error = null
    where schedule_id = p_schedule.id and tenant_id = p_tenant_id;
    return 'skipped';
  end if;
  v_job_id := jobforge.enqueue_for_schedule(p_schedule, p_tenant_id);
  insert into jobforge.schedule_jobs (schedule_id, tenant_id, due_at, job_id)
  values (p_schedule.id, p_tenant_id, p_due_at, v_job_id)
  on conflict (schedule_id, tenant_id) do update
    set due_at = excluded.due_at, job_id = excluded.job_id, error = null;
  return 'started';
end
$$;
comment on function jobforge.start_occurrence(public.jobforge_schedules, uuid, timestamptz) is
  'Creates the job of an occurrence for a tenant. Returns started, skipped or duplicate.';

create type jobforge.starts as (
  started int,
  skipped int,
  failed int,
  error jsonb
);
comment on type jobforge.starts is
  'For how many tenants an occurrence was started, was skipped or failed, and the last error.';

create function jobforge.start_for_tenants(
  p_schedule public.jobforge_schedules, p_tenant_ids uuid[], p_due_at timestamptz)
returns jobforge.starts
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_starts jobforge.starts := row(0, 0, 0, null);
  v_one jobforge.starts;
  v_tenant_id uuid;
  v_outcome text;
  v_detail text;
begin
  begin
    foreach v_tenant_id in array p_tenant_ids loop
      v_outcome := jobforge.start_occurrence(p_schedule, v_tenant_id, p_due_at);
      v_starts.started := v_starts.started + (v_outcome = 'started')::int;
      v_starts.skipped := v_starts.skipped + (v_outcome = 'skipped')::int;
    end loop;
    return v_starts;
  exception when others then
    get stacked diagnostics v_detail = pg_exception_detail;
    -- The next dispatch tries a schedule of one tenant again.
    if p_schedule.tenant_id is not null and sqlstate in ('55P03', '40P01') then
      raise;
    end if;
    v_starts := row(0, 0, 0, jsonb_build_object('at', p_due_at, 'code', coalesce(
      (select documented.code from jobforge.error_codes() as documented
        where documented.code = v_detail), sqlstate)));
  end;
  if cardinality(p_tenant_ids) = 1 then
    insert into jobforge.schedule_jobs (schedule_id, tenant_id, due_at, error)
    values (p_schedule.id, p_tenant_ids[1], p_due_at, v_starts.error)
    on conflict (schedule_id, tenant_id) do update
      set due_at = excluded.due_at, error = excluded.error;
    v_starts.failed := 1;
    return v_starts;
  end if;
  -- The error of one tenant undid the starts of all, so each now starts on its own.
  foreach v_tenant_id in array p_tenant_ids loop
    v_one := jobforge.start_for_tenants(p_schedule, array[v_tenant_id], p_due_at);
    v_starts := row(v_starts.started + v_one.started, v_starts.skipped + v_one.skipped,
      v_starts.failed + v_one.failed, coalesce(v_one.error, v_starts.error));
  end loop;
  return v_starts;
end
$$;
comment on function jobforge.start_for_tenants(public.jobforge_schedules, uuid[], timestamptz) is
  'Starts an occurrence for some tenants. The error of one tenant does not stop the others.';

-- supabase/schemas/60_schedules/configure_schedule.sql

-- Configure a schedule: create it or change its settings.

create function jobforge.restart_calendar(p_schedule_id uuid, p_forget boolean)
returns public.jobforge_schedules
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_schedule public.jobforge_schedules;
begin
  delete from jobforge.occurrences
  where schedule_id = p_schedule_id and (p_forget or due_at <= v_now);
  update public.jobforge_schedules
  set next_at = jobforge.first_occurrence(jobforge_schedules, v_now),
    version = version + p_forget::int,
    problem = case when not p_forget then problem end,
    filled_through = case when p_forget then v_now else greatest(filled_through, v_now) end,
    refill_at = case when jobforge.interval_seconds(expression) is not null then null
      when p_forget then v_now else refill_at end,
    refill_requested_at = case when not p_forget then refill_requested_at end
  where id = p_schedule_id
  returning * into v_schedule;
  return v_schedule;
end
$$;
comment on function jobforge.restart_calendar(uuid, boolean) is
  'Restarts the calendar from now: after a pause, or with p_forget after a change of expression '
  'or time zone.';

create function jobforge.refuse_more_schedules(p_tenant_id uuid)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_max constant int := (select max_schedules from jobforge.settings);
begin
  perform pg_advisory_xact_lock(1246708307, hashtext(p_tenant_id::text));
  if (select count(*) from public.jobforge_schedules where tenant_id = p_tenant_id) >= v_max then
    perform jobforge.fail('too_many_schedules', format('a tenant has at most %s schedules', v_max));
  end if;
end
$$;
comment on function jobforge.refuse_more_schedules(uuid) is
  'Throws too_many_schedules when a tenant has as many schedules as it may create.';

create function jobforge.job_of(p_schedule public.jobforge_schedules)
returns jobforge.new_job
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select row(p_schedule.type, p_schedule.payload, null, null, null, p_schedule.max_attempts,
    p_schedule.priority, p_schedule.queue, p_schedule.timeout_ms, null)::jobforge.new_job
$$;
comment on function jobforge.job_of(public.jobforge_schedules) is 'Returns the job of a schedule.';

create function jobforge.schedule_with(p_schedule public.jobforge_schedules, p_settings jsonb)
returns public.jobforge_schedules
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_known constant text[] := '{expression,time_zone,type,payload,queue,priority,max_attempts,'
    'timeout_ms,overlap,catch_up,paused}';
  v_schedule public.jobforge_schedules;
  v_problem text;
begin
  if jsonb_typeof(p_settings) is distinct from 'object' or p_settings - v_known <> '{}' then
    perform jobforge.fail('invalid_argument', 'p_settings must be an object with expression, '
      'time_zone, type, payload, queue, priority, max_attempts, timeout_ms, overlap, catch_up or '
      'paused and nothing else');
  end if;
  begin
    v_schedule := jsonb_populate_record(p_schedule, p_settings);
  exception when data_exception then
    perform jobforge.fail('invalid_argument', format('p_settings: %s', sqlerrm));
  end;
  v_problem := jobforge.problem_with_schedule(v_schedule);
  if v_problem is not null then
    perform jobforge.fail('invalid_argument', v_problem);
  end if;
  perform jobforge.validate_jobs(array[jobforge.job_of(v_schedule)]);
  if v_schedule.tenant_id is not null then
    perform jobforge.refuse_unknown_queues(
      v_schedule.tenant_id, array[jobforge.job_of(v_schedule)]);
  end if;
  return v_schedule;
end
$$;
comment on function jobforge.schedule_with(public.jobforge_schedules, jsonb) is
  'Returns the schedule with p_settings, checked. Settings that p_settings omits stay.';

create function jobforge.new_schedule(p_tenant_id uuid, p_name text)
returns public.jobforge_schedules
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_populate_record(null::public.jobforge_schedules, jsonb_build_object(
    'id', gen_random_uuid(), 'tenant_id', p_tenant_id, 'name', p_name, 'time_zone', 'UTC',
    'payload', '{}'::jsonb, 'queue', 'default', 'priority', 0, 'overlap', 'skip',
    'catch_up', 'once', 'paused', false,
    'created_by', coalesce(jobforge.claims() ->> 'sub', jobforge.caller_role()),
    'created_at', now.at, 'updated_at', now.at, 'filled_through', now.at, 'started', 0,
    'skipped', 0, 'missed', 0, 'failed', 0, 'version', 1))
  from jobforge.clock() as now (at)
$$;
comment on function jobforge.new_schedule(uuid, text) is
  'Returns a schedule with default settings.';

create function jobforge.save_schedule(p_schedule public.jobforge_schedules)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into public.jobforge_schedules
  select (p_schedule).*
  on conflict (id) do update
  set expression = excluded.expression, time_zone = excluded.time_zone, type = excluded.type,
    payload = excluded.payload, queue = excluded.queue, priority = excluded.priority,
    max_attempts = excluded.max_attempts, timeout_ms = excluded.timeout_ms,
    overlap = excluded.overlap, catch_up = excluded.catch_up, paused = excluded.paused,
    updated_at = jobforge.clock();
exception
  when check_violation or not_null_violation then
    perform jobforge.fail('invalid_argument',
      'the name or a setting is invalid: see the checks of jobforge_schedules');
  when unique_violation then
    perform jobforge.fail('wrong_state', 'another session just created a schedule of this name');
end
$$;
comment on function jobforge.save_schedule(public.jobforge_schedules) is
  'Inserts a new schedule, or updates the settings that callers may change.';

create function jobforge.configure_schedule(
  p_tenant_id uuid, p_name text, p_settings jsonb, p_fan_out boolean)
returns setof public.jobforge_schedules
language plpgsql
security definer -- writes schedules: bounded by the caller's tenant, fan-outs for services only
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant_id uuid;
  v_before public.jobforge_schedules;
  v_after public.jobforge_schedules;
  v_new boolean;
begin
  if p_fan_out then
    perform jobforge.require_service();
    if p_tenant_id is not null then
      perform jobforge.fail('invalid_argument', 'p_tenant_id: a fan-out is not for one tenant');
    end if;
  else
    v_tenant_id := jobforge.callers_tenant(p_tenant_id);
    perform jobforge.refuse_erased(v_tenant_id);
  end if;
  select * into v_before from public.jobforge_schedules
  where tenant_id is not distinct from v_tenant_id and name = p_name
  for no key update;
  v_new := not found;
  if v_new and not jobforge.is_service() then
    perform jobforge.refuse_more_schedules(v_tenant_id);
  end if;
  v_after := jobforge.schedule_with(
    case when v_new then jobforge.new_schedule(v_tenant_id, p_name) else v_before end, p_settings);
  -- Shorter intervals than the dispatcher's would let a few tenants use up its starts.
  if not jobforge.is_service() and jobforge.interval_seconds(v_after.expression) < 10 then
    perform jobforge.fail('invalid_argument', 'expression: a tenant may set 10 seconds or more');
  end if;
  perform jobforge.save_schedule(v_after);
  if v_new or (v_after.expression, v_after.time_zone)
    is distinct from (v_before.expression, v_before.time_zone)
  then
    v_after := jobforge.restart_calendar(v_after.id, true);
    if v_after.refill_at is not null then
      perform jobforge.request_runs(1);
    end if;
  elsif v_before.paused and not v_after.paused then
    v_after := jobforge.restart_calendar(v_after.id, false);
  end if;
  perform jobforge.audit_change('configure_schedule', v_tenant_id, p_name,
    case when not v_new then (
      select jsonb_object_agg(setting, to_jsonb(v_before) -> setting)
      from jsonb_object_keys(p_settings) as setting)
    end, p_settings);
  return query select * from public.jobforge_schedules where id = v_after.id;
end
$$;
comment on function jobforge.configure_schedule(uuid, text, jsonb, boolean) is
  'Users: creates a schedule or changes its settings. Settings that p_settings omits stay.';

create function public.jobforge_configure_schedule(
  p_tenant_id uuid default null, p_name text default null, p_settings jsonb default '{}',
  p_fan_out boolean default false)
returns setof public.jobforge_schedules
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select * from jobforge.configure_schedule(p_tenant_id, p_name, p_settings, p_fan_out) $$;
comment on function public.jobforge_configure_schedule(uuid, text, jsonb, boolean) is
  'Users: creates a schedule, changes its settings or pauses it. A service sets p_fan_out to run '
  'it for all active tenants.';

-- supabase/schemas/60_schedules/delete_schedule.sql

-- Delete a schedule.

create function jobforge.delete_schedule(p_schedule_id uuid)
returns void
language plpgsql
security definer -- writes schedules: bounded by schedule_of_caller
set search_path = pg_catalog, pg_temp
as $$
declare
  v_schedule constant public.jobforge_schedules := jobforge.schedule_of_caller(p_schedule_id);
begin
  delete from public.jobforge_schedules where id = v_schedule.id;
  perform jobforge.audit('delete_schedule', v_schedule.tenant_id, v_schedule.name,
    jsonb_build_object('expression', v_schedule.expression, 'time_zone', v_schedule.time_zone,
      'type', v_schedule.type));
end
$$;
comment on function jobforge.delete_schedule(uuid) is
  'Users: deletes a schedule. Its jobs stay.';

create function public.jobforge_delete_schedule(p_schedule_id uuid)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.delete_schedule(p_schedule_id) $$;
comment on function public.jobforge_delete_schedule(uuid) is
  'Users: deletes a schedule. Its jobs stay.';

-- supabase/schemas/60_schedules/expression.sql

-- The expression of a schedule: five cron fields, or N seconds.

create function jobforge.interval_seconds(p_expression text)
returns int
language sql immutable
set search_path = pg_catalog, pg_temp
as $$ select substring(p_expression from '^([1-9][0-9]{0,4}) seconds?$')::int $$;
comment on function jobforge.interval_seconds(text) is
  'Returns the N of N seconds, or null for cron.';

create function jobforge.problem_with_cron_field(p_field text, p_max int, p_names text)
returns boolean
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  -- Checks the form and the largest value. The worker's parser checks the rest.
  select exists (
      select from regexp_split_to_table(p_field, ',') as part
      where part !~* format(
        '^(\*|([0-9]{1,2}|%1$s)(-([0-9]{1,2}|%1$s))?)(/[1-9][0-9]?)?$', p_names))
    or exists (
      select from regexp_matches(p_field, '[0-9]{1,2}', 'g') as number
      where number[1]::int > p_max)
$$;
comment on function jobforge.problem_with_cron_field(text, int, text) is
  'Whether a field of a cron expression is invalid: its form, or a value above p_max.';

create function jobforge.problem_with_expression(p_expression text)
returns text
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_fields constant text[] := regexp_split_to_array(coalesce(p_expression, ''), ' +');
begin
  if p_expression ~ '^[0-9]+ seconds?$' then
    return case when coalesce(jobforge.interval_seconds(p_expression), 0) not between 1 and 86400
      then 'expression: seconds must be from 1 to 86400' end;
  end if;
  return case
    when cardinality(v_fields) <> 5 or length(p_expression) > 200
      then 'expression must have five fields (minute hour day month weekday) or be N seconds'
    when jobforge.problem_with_cron_field(v_fields[1], 59, '0')
      then 'expression: minute must be 0–59, a list, a range or a step'
    when jobforge.problem_with_cron_field(v_fields[2], 23, '0')
      then 'expression: hour must be 0–23, a list, a range or a step'
    when jobforge.problem_with_cron_field(v_fields[3], 31, '0')
      then 'expression: day must be 1–31, a list, a range or a step'
    when jobforge.problem_with_cron_field(v_fields[4], 12,
      'jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec')
      then 'expression: month must be 1–12, jan–dec, a list, a range or a step'
    when jobforge.problem_with_cron_field(v_fields[5], 7, 'sun|mon|tue|wed|thu|fri|sat')
      then 'expression: weekday must be 0–7, sun–sat, a list, a range or a step'
  end;
end
$$;
comment on function jobforge.problem_with_expression(text) is
  'Returns what a valid expression must have, or null for a valid one.';

create function jobforge.problem_with_schedule(p_schedule public.jobforge_schedules)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(
    jobforge.problem_with_expression(p_schedule.expression),
    -- Names only: Postgres accepts more than the worker's parser.
    case when p_schedule.time_zone <> 'UTC' and not (p_schedule.time_zone ~ '^[A-Z][A-Za-z_]+/'
        and exists (select from pg_timezone_names where name = p_schedule.time_zone))
      then 'time_zone must be a name like Europe/Berlin, or UTC' end);
end
$$;
comment on function jobforge.problem_with_schedule(public.jobforge_schedules) is
  'Returns what a valid expression or time zone must be, or null for a valid schedule.';

create function jobforge.first_occurrence(p_schedule public.jobforge_schedules, p_after timestamptz)
returns timestamptz
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- Intervals count from the creation of the schedule.
  select case when jobforge.interval_seconds(p_schedule.expression) is not null
    then p_schedule.created_at + make_interval(secs =>
      (floor(extract(epoch from p_after - p_schedule.created_at)
        / jobforge.interval_seconds(p_schedule.expression)) + 1)::float8
      * jobforge.interval_seconds(p_schedule.expression))
    else (
      select due_at from jobforge.occurrences
      where schedule_id = p_schedule.id and due_at > p_after
      order by due_at
      limit 1)
  end
$$;
comment on function jobforge.first_occurrence(public.jobforge_schedules, timestamptz) is
  'Returns the first occurrence after a time, or null when the calendar ends before it.';

-- supabase/schemas/60_schedules/fan_out.sql

-- Fan out a schedule to every active tenant.

create function jobforge.active_tenants(p_after uuid, p_limit int)
returns uuid[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select array(
    select distinct q.tenant_id from public.jobforge_queues as q
    where q.tenant_id > coalesce(p_after, '00000000-0000-0000-0000-000000000000')
      and not exists (
        select from jobforge.erasures
        where erasures.finished_at is null and erasures.alias_id = q.tenant_id)
    order by q.tenant_id
    limit p_limit)
$$;
comment on function jobforge.active_tenants(uuid, int) is
  'Returns the next tenants after an id that have a queue. An enqueue or an operator creates it.';

create function jobforge.count_starts(p_schedule_id uuid, p_starts jobforge.starts)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  update public.jobforge_schedules
  set started = started + p_starts.started, skipped = skipped + p_starts.skipped,
    failed = failed + p_starts.failed, last_error = coalesce(p_starts.error, last_error)
  where id = p_schedule_id
$$;
comment on function jobforge.count_starts(uuid, jobforge.starts) is
  'Adds to a schedule''s counters.';

create function jobforge.fan_out(
  p_schedule public.jobforge_schedules, p_due_at timestamptz, p_budget int, p_until timestamptz)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_served int := 0;
  v_tenant_ids uuid[];
  v_after uuid := p_schedule.fan_out_after;
  v_width int;
begin
  loop
    v_width := case when clock_timestamp() < p_until then least(p_budget - v_served, 50) else 0 end;
    exit when v_width <= 0;
    v_tenant_ids := jobforge.active_tenants(v_after, v_width);
    if cardinality(v_tenant_ids) > 0 then
      perform jobforge.count_starts(
        p_schedule.id, jobforge.start_for_tenants(p_schedule, v_tenant_ids, p_due_at));
      v_after := v_tenant_ids[cardinality(v_tenant_ids)];
      v_served := v_served + cardinality(v_tenant_ids);
    end if;
    exit when cardinality(v_tenant_ids) < v_width;
  end loop;
  update public.jobforge_schedules
  set fan_out_at = case when v_width <= 0 then p_due_at end,
    fan_out_after = case when v_width <= 0 then v_after end
  where id = p_schedule.id;
  return v_served;
end
$$;
comment on function jobforge.fan_out(public.jobforge_schedules, timestamptz, int, timestamptz) is
  'Starts an occurrence for the next active tenants, and returns for how many. The next dispatch '
  'continues when the budget or the time is used up.';

-- supabase/schemas/60_schedules/fill_calendar.sql

-- Fill the calendar: store 64 occurrences of a cron expression ahead. When half of them have
-- passed, maintenance requests more from the worker.

create function jobforge.save_occurrences(
  p_schedule_id uuid, p_version int, p_times timestamptz[], p_problem text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_schedule public.jobforge_schedules;
  v_times timestamptz[];
begin
  -- The version rejects a refill that was computed from an older expression.
  select * into v_schedule from public.jobforge_schedules
  where id = p_schedule_id and version = p_version for no key update;
  if not found then
    return;
  end if;
  select array_agg(accepted.due_at order by accepted.due_at) into v_times
  from (
    select distinct due_at from unnest(p_times) as due_at
    where due_at > v_schedule.filled_through and due_at < v_now + interval '50 years'
    order by due_at limit 200) as accepted;
  if v_times is null then
    update public.jobforge_schedules
    set problem = coalesce(left(p_problem, 200), 'the expression has no next occurrence')
    where id = v_schedule.id;
    return;
  end if;
  insert into jobforge.occurrences (schedule_id, due_at)
  select v_schedule.id, due_at from unnest(v_times) as due_at
  on conflict do nothing;
  update public.jobforge_schedules
  set filled_through = v_times[cardinality(v_times)],
    refill_at = v_times[greatest(cardinality(v_times) - 32, 1)],
    refill_requested_at = null,
    next_at = (select min(due_at) from jobforge.occurrences where schedule_id = v_schedule.id)
  where id = v_schedule.id;
end
$$;
comment on function jobforge.save_occurrences(uuid, int, timestamptz[], text) is
  'Stores the next occurrences of a schedule, or why there are none.';

create function jobforge.fill_calendar(p_filled jsonb)
returns jsonb
language plpgsql
security definer -- writes the calendar
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_filled record;
begin
  perform jobforge.require_service();
  if jsonb_typeof(p_filled) is distinct from 'array' or jsonb_array_length(p_filled) > 100 then
    perform jobforge.fail('invalid_argument', 'p_filled must be an array of at most 100 schedules');
  end if;
  begin
    for v_filled in
      select computed.* from jsonb_to_recordset(p_filled)
        as computed (id uuid, version int, times timestamptz[], problem text)
      order by computed.id
    loop
      perform jobforge.save_occurrences(
        v_filled.id, v_filled.version, v_filled.times, v_filled.problem);
    end loop;
  exception when data_exception then
    perform jobforge.fail('invalid_argument', format('p_filled: %s', sqlerrm));
  end;
  -- After a downtime the worker computes only as much of the past as catch_up can use.
  return (
    select coalesce(jsonb_agg(jsonb_build_object('id', due.id, 'version', due.version,
      'expression', due.expression, 'time_zone', due.time_zone, 'after', due.filled_through,
      'resume', greatest(due.filled_through, v_now - interval '1 minute'), 'count', 64,
      'missed', case due.catch_up when 'skip' then 0 when 'once' then 1 else 100 end)), '[]')
    from (
      select * from public.jobforge_schedules
      where not paused and problem is null and refill_at <= v_now
      order by refill_at
      limit 10
    ) as due);
end
$$;
comment on function jobforge.fill_calendar(jsonb) is
  'Workers: stores occurrences that the worker computed. Returns the schedules that need more.';

create function public.jobforge_fill_calendar(p_filled jsonb default '[]')
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.fill_calendar(p_filled) $$;
comment on function public.jobforge_fill_calendar(jsonb) is
  'Workers: stores occurrences of schedules. Returns the schedules that need more.';

create function jobforge.request_refills(p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_project_url constant text := (select project_url from jobforge.settings);
begin
  if v_project_url is null or to_regnamespace('net') is null then
    return;
  end if;
  update public.jobforge_schedules set refill_requested_at = p_now
  where id in (
    select id from public.jobforge_schedules
    where not paused and problem is null and refill_at <= p_now
      and coalesce(refill_requested_at < p_now - interval '5 minutes', true)
    order by refill_at
    limit 50
    for no key update skip locked);
  if found then
    perform jobforge.call_worker(v_project_url);
  end if;
end
$$;
comment on function jobforge.request_refills(timestamptz) is
  'Calls the worker, which fills the calendar at its start. At most one call in five minutes per '
  'schedule.';

-- supabase/schemas/60_schedules/fire_schedules.sql

-- Fire schedules: start what is due.
--
-- One transaction takes an occurrence and creates its job, under the lock of the schedule's row.
-- A second or late call finds nothing left to do. A later dispatch starts what was locked: a
-- schedule, or the queue of a tenant.

create function jobforge.take_due_occurrences(
  p_schedule public.jobforge_schedules, p_now timestamptz)
returns timestamptz[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_seconds constant int := jobforge.interval_seconds(p_schedule.expression);
  v_due timestamptz[];
  v_on_time timestamptz[];
  v_chosen timestamptz[];
begin
  if v_seconds is not null then
    -- After a long downtime: no more than catch_up can use.
    select array_agg(due_at order by due_at) into v_due
    from generate_series(greatest(p_schedule.next_at, jobforge.first_occurrence(
      p_schedule, p_now - make_interval(secs => v_seconds * 200::float8))), p_now,
      make_interval(secs => v_seconds)) as due_at;
  else
    with taken as (
      delete from jobforge.occurrences
      where schedule_id = p_schedule.id and due_at <= p_now
      returning due_at
    )
    select array_agg(due_at order by due_at) into v_due from taken;
  end if;
  v_due := coalesce(v_due, '{}');
  v_on_time := array(
    select due_at from unnest(v_due) as due_at
    where due_at > p_now - interval '1 minute'
    order by due_at);
  v_chosen := case
    when p_schedule.catch_up = 'all' then v_due[greatest(cardinality(v_due) - 99, 1):]
    when p_schedule.catch_up = 'once' and v_on_time = '{}' then v_due[cardinality(v_due):]
    else v_on_time end;
  if p_schedule.tenant_id is null then
    v_chosen := v_chosen[cardinality(v_chosen):];
  end if;
  update public.jobforge_schedules
  set next_at = jobforge.first_occurrence(jobforge_schedules, p_now),
    last_at = coalesce(v_due[cardinality(v_due)], last_at),
    missed = missed + cardinality(v_due) - cardinality(v_chosen)
  where id = p_schedule.id;
  return v_chosen;
end
$$;
comment on function jobforge.take_due_occurrences(public.jobforge_schedules, timestamptz) is
  'Deletes the due occurrences from the calendar and returns those to start now.';

create function jobforge.fire(
  p_schedule public.jobforge_schedules, p_now timestamptz, p_budget int, p_until timestamptz)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_due_at timestamptz;
  v_started int := 0;
begin
  if p_schedule.fan_out_at is not null then
    return jobforge.fan_out(p_schedule, p_schedule.fan_out_at, p_budget, p_until);
  end if;
  foreach v_due_at in array jobforge.take_due_occurrences(p_schedule, p_now) loop
    if p_schedule.tenant_id is null then
      return jobforge.fan_out(p_schedule, v_due_at, p_budget, p_until);
    end if;
    perform jobforge.count_starts(p_schedule.id,
      jobforge.start_for_tenants(p_schedule, array[p_schedule.tenant_id], v_due_at));
    v_started := v_started + 1;
  end loop;
  return v_started;
end
$$;
comment on function jobforge.fire(public.jobforge_schedules, timestamptz, int, timestamptz) is
  'Starts the due occurrences of a schedule. Returns how many jobs it tried to create.';

create function jobforge.fire_schedules(p_now timestamptz, p_budget int)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '50ms'
as $$
declare
  v_until constant timestamptz := clock_timestamp() + interval '2 seconds';
  v_left int := p_budget;
  v_schedule public.jobforge_schedules;
begin
  for v_schedule in
    select * from public.jobforge_schedules
    where not paused and next_at <= p_now or fan_out_at is not null
    order by next_at
    limit 1000
    for no key update skip locked
  loop
    begin
      v_left := v_left - greatest(jobforge.fire(v_schedule, p_now, v_left, v_until), 1);
    exception
      when lock_not_available or deadlock_detected then
        v_left := v_left - 1;
      when others then
        update public.jobforge_schedules
        set failed = failed + 1, next_at = p_now + interval '1 minute',
          last_error = jsonb_build_object('at', p_now, 'code', sqlstate)
        where id = v_schedule.id;
    end;
    exit when v_left <= 0 or clock_timestamp() > v_until;
  end loop;
end
$$;
comment on function jobforge.fire_schedules(timestamptz, int) is
  'Starts due occurrences: about p_budget jobs, and for two seconds at most.';

-- supabase/schemas/60_schedules/next_occurrences.sql

-- The next occurrences of a schedule.

create function jobforge.next_occurrences(p_schedule_id uuid, p_count int)
returns setof timestamptz
language plpgsql stable
security definer -- reads occurrences: bounded by schedule_of_caller
set search_path = pg_catalog, pg_temp
as $$
declare
  v_schedule constant public.jobforge_schedules := jobforge.schedule_of_caller(p_schedule_id);
  v_seconds constant int := jobforge.interval_seconds(v_schedule.expression);
  v_first constant timestamptz := jobforge.first_occurrence(v_schedule, jobforge.clock());
begin
  if p_count is null or p_count not between 1 and 100 then
    perform jobforge.fail('invalid_argument', 'p_count must be from 1 to 100');
  elsif v_seconds is not null then
    return query
    select v_first + make_interval(secs => v_seconds * later)
    from generate_series(0, p_count - 1) as later;
  end if;
  return query
  select due_at from jobforge.occurrences
  where schedule_id = v_schedule.id and due_at >= v_first
  order by due_at
  limit p_count;
end
$$;
comment on function jobforge.next_occurrences(uuid, int) is
  'Users: returns the next occurrences, also of a paused schedule, as far as the calendar reaches.';

create function public.jobforge_next_occurrences(p_schedule_id uuid, p_count int default 5)
returns setof timestamptz
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select * from jobforge.next_occurrences(p_schedule_id, p_count) $$;
comment on function public.jobforge_next_occurrences(uuid, int) is
  'Users: returns the next occurrences of a schedule.';

-- supabase/schemas/60_schedules/run_schedule.sql

-- Run a schedule now.

create function jobforge.enqueue_for_schedule(
  p_schedule public.jobforge_schedules, p_tenant_id uuid)
returns uuid
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_job constant jobforge.new_job := jobforge.job_of(p_schedule);
begin
  if p_schedule.queue <> 'default' then
    perform jobforge.refuse_unknown_queues(p_tenant_id, array[v_job]);
  end if;
  return jobforge.enqueue_one(p_tenant_id, v_job);
end
$$;
comment on function jobforge.enqueue_for_schedule(public.jobforge_schedules, uuid) is
  'Enqueues the job of a schedule for a tenant.';

create function jobforge.run_schedule(p_schedule_id uuid)
returns jsonb
language plpgsql
security definer -- writes jobs: bounded by schedule_of_caller
set search_path = pg_catalog, pg_temp
as $$
declare
  v_schedule public.jobforge_schedules := jobforge.schedule_of_caller(p_schedule_id);
  v_job_id uuid;
begin
  select * into v_schedule from public.jobforge_schedules
  where id = v_schedule.id for no key update;
  if v_schedule.fan_out_at is not null then
    perform jobforge.fail('wrong_state', 'the schedule is just being fanned out');
  elsif v_schedule.tenant_id is null then
    update public.jobforge_schedules set fan_out_at = jobforge.clock(), fan_out_after = null
    where id = v_schedule.id;
  else
    v_job_id := jobforge.enqueue_for_schedule(v_schedule, v_schedule.tenant_id);
    insert into jobforge.schedule_jobs (schedule_id, tenant_id, due_at, job_id)
    values (v_schedule.id, v_schedule.tenant_id, '-infinity', v_job_id)
    on conflict (schedule_id, tenant_id) do update set job_id = excluded.job_id, error = null;
    update public.jobforge_schedules set started = started + 1 where id = v_schedule.id;
  end if;
  perform jobforge.audit('run_schedule', v_schedule.tenant_id, v_schedule.name, null);
  return jsonb_build_object('job_id', v_job_id, 'fan_out', v_schedule.tenant_id is null);
end
$$;
comment on function jobforge.run_schedule(uuid) is
  'Users: starts the job of a schedule now, even beside its last job. The next dispatch begins a '
  'fan-out.';

create function public.jobforge_run_schedule(p_schedule_id uuid)
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.run_schedule(p_schedule_id) $$;
comment on function public.jobforge_run_schedule(uuid) is
  'Users: starts the job of a schedule now.';

-- supabase/schemas/70_connectors/00_config_schemas.sql

-- Schemas of connector configurations.
--
-- A schema is data: the keys that a configuration may have or must have, and the rule of each. A
-- check of the table rejects a key without a rule.

create function jobforge.host_pattern(p_prefix text)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select '(?:' || p_prefix || '(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?[.])+'
    || '[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?|' || octet || '(?:[.]' || octet || '){3})'
  from (values ('(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])')) as ipv4 (octet)
$$;
comment on function jobforge.host_pattern(text) is
  'A regular expression for an IPv4 address, or for p_prefix and a lower-case host name of two '
  'labels or more.';

create function jobforge.reserved_header_pattern()
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select '^(?:accept-encoding|connection|content-.*|cookie.*|expect|forwarded|host|http2-settings|'
    || 'keep-alive|metadata.*|proxy-.*|set-cookie.*|te|trailer|transfer-encoding|upgrade|via|'
    || 'webhook-.*|x-aws-.*|x-forwarded-.*|x-google-metadata.*|x-jobforge-.*)$'
$$;
comment on function jobforge.reserved_header_pattern() is
  'A regular expression for the request headers of the connection, the signature and proxies.';

create function jobforge.request_schema()
returns jsonb
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object('type', 'object', 'required', '["hosts"]'::jsonb, 'keys', $schema${
    "schemes": {"type": "array", "min": 1, "max": 2, "of": {"type": "string",
      "like": "^https?$", "must": "be https or http"}},
    "ports": {"type": "array", "min": 1, "max": 20, "of": {"type": "number",
      "min": 1, "max": 65535}},
    "methods": {"type": "array", "min": 1, "max": 6, "of": {"type": "string",
      "like": "^(?:GET|POST|PUT|PATCH|DELETE|HEAD)$",
      "must": "be GET, POST, PUT, PATCH, DELETE or HEAD"}},
    "redirects": {"type": "number", "min": 0, "max": 5},
    "timeout_ms": {"type": "number", "min": 100, "max": 120000},
    "max_response_bytes": {"type": "number", "min": 1, "max": 1048576},
    "response_headers": {"type": "array", "min": 0, "max": 20, "of": {"type": "string",
      "like": "^[a-z0-9][a-z0-9_.-]{0,63}$", "unlike": "cookie",
      "must": "be a lower-case header name, and no cookie"}}
  }$schema$::jsonb || jsonb_build_object(
    'hosts', jsonb_build_object('type', 'array', 'min', 1, 'max', 100, 'of', jsonb_build_object(
      'type', 'string', 'max', 253, 'like', '^' || jobforge.host_pattern('(?:[*][.])?') || '$',
      'must', 'be a lower-case host like api.example.com, *.example.com or an IPv4 address')),
    'auth', jsonb_build_object('type', 'object', 'required', '["header"]'::jsonb, 'keys',
      jsonb_build_object(
        'header', jsonb_build_object('type', 'string', 'like', '^[a-z0-9][a-z0-9_.-]{0,63}$',
          'unlike', jobforge.reserved_header_pattern(),
          'must', 'be a lower-case header name that is not reserved'),
        'prefix', jsonb_build_object('type', 'string', 'max', 32, 'like', '^[!-~][ -~]*$',
          'must', 'be up to 32 printable characters')))))
$$;
comment on function jobforge.request_schema() is
  'The schema of a connector.http.request configuration.';

create function jobforge.url_schema()
returns jsonb
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  -- Plain http only to loopback, which only the worker of a local stack calls.
  select jsonb_build_object('type', 'string', 'unlike', '[#\\]',
    'like', '^(?:https://' || jobforge.host_pattern('')
      || '|http://127[.]0[.]0[.]1)(?::[1-9][0-9]{0,4})?(?:[/?][!-~]*)?$',
    'must', 'be an https URL with a lower-case host, without user or fragment')
$$;
comment on function jobforge.url_schema() is 'The schema of a URL in a configuration.';

create function jobforge.connector_schema(p_connector text)
returns jsonb
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select case p_connector
    when 'connector.http.request' then jobforge.request_schema()
    when 'connector.webhook.deliver' then jsonb_build_object(
      'type', 'object', 'required', '["url"]'::jsonb, 'keys', jsonb_build_object(
        'url', jobforge.url_schema(),
        'timeout_ms', '{"type": "number", "min": 1000, "max": 30000}'::jsonb,
        'headers', jsonb_build_object('type', 'object', 'max', 20, 'names', jsonb_build_object(
          'type', 'string', 'like', '^[a-z0-9][a-z0-9_.-]{0,63}$',
          -- The tenant can read these headers, so they must hold no credential.
          'unlike', jobforge.reserved_header_pattern()
            || '|authorization|cookie|secret|token|password|api-?key|credential|signature',
          'must', 'have lower-case names that are not reserved and hold no credential'),
          'values', '{"type": "string", "max": 1024, "like": "^[!-~](?:[ -~]*[!-~])?$",
            "must": "be up to 1024 printable characters"}'::jsonb)))
    when 'webhook-verify' then jsonb_build_object(
      'type', 'object', 'required', '["scheme", "job_type"]'::jsonb, 'keys', jsonb_build_object(
        'url', jobforge.url_schema(),
        'scheme', jsonb_build_object('type', 'string',
          'like', '^(?:' || array_to_string(jobforge.webhook_schemes(), '|') || ')$',
          'must', 'be one of ' || array_to_string(jobforge.webhook_schemes(), ', ')),
        'job_type', jsonb_build_object('type', 'string',
          'like', jobforge.type_pattern(), 'must', 'be a job type'),
        'queue', jsonb_build_object('type', 'string',
          'like', jobforge.name_pattern(), 'must', 'be the name of a queue'),
        'tolerance_seconds', '{"type": "number", "min": 10, "max": 300}'::jsonb))
  end
$$;
comment on function jobforge.connector_schema(text) is
  'Returns the schema of a connector''s configuration, or null for an unknown connector.';

create function jobforge.validation_error(p_path text, p_value jsonb, p_schema jsonb)
returns text
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_text constant text := p_value #>> '{}';
  v_problem text;
begin
  if jsonb_typeof(p_value) is distinct from p_schema ->> 'type' then
    return format('%s must be %s', p_path, case p_schema ->> 'type' when 'number' then 'a number'
      when 'string' then 'a text' when 'array' then 'a list' else 'an object' end);
  end if;
  case p_schema ->> 'type'
  when 'number' then
    if v_text::numeric % 1 <> 0 or not v_text::numeric
      between (p_schema ->> 'min')::numeric and (p_schema ->> 'max')::numeric
    then
      return format('%s must be a whole number from %s to %s',
        p_path, p_schema ->> 'min', p_schema ->> 'max');
    end if;
  when 'string' then
    if length(v_text) > coalesce((p_schema ->> 'max')::int, 2048)
      or v_text !~ (p_schema ->> 'like') or v_text ~ (p_schema ->> 'unlike')
    then
      return format('%s must %s', p_path, p_schema ->> 'must');
    end if;
  when 'array' then
    if jsonb_array_length(p_value) not between (p_schema ->> 'min')::int
      and (p_schema ->> 'max')::int
      or (select count(distinct entry) < count(*) from jsonb_array_elements(p_value) as entry)
    then
      return format('%s must have %s to %s different entries',
        p_path, p_schema ->> 'min', p_schema ->> 'max');
    end if;
    select min(jobforge.validation_error(p_path || ' entries', entry, p_schema -> 'of'))
    into v_problem
    from jsonb_array_elements(p_value) as entry;
  else
    v_problem := jobforge.validation_error_in_object(p_path, p_value, p_schema);
  end case;
  return v_problem;
end
$$;
comment on function jobforge.validation_error(text, jsonb, jsonb) is
  'Returns the path and the rule of an invalid value, never the value, or null for a valid one.';

create function jobforge.validation_error_in_object(p_path text, p_value jsonb, p_schema jsonb)
returns text
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_problem text;
begin
  if p_schema ? 'names' then
    if (select count(*) from jsonb_object_keys(p_value)) > (p_schema ->> 'max')::int then
      return format('%s must have at most %s entries', p_path, p_schema ->> 'max');
    end if;
    select min(coalesce(
      jobforge.validation_error(p_path, to_jsonb(entry.key), p_schema -> 'names'),
      jobforge.validation_error(p_path || ' values', entry.value, p_schema -> 'values')))
    into v_problem
    from jsonb_each(p_value) as entry;
    return v_problem;
  end if;
  select min(format('%s must have the key %s', p_path, required)) into v_problem
  from jsonb_array_elements_text(p_schema -> 'required') as required
  where not p_value ? required;
  if v_problem is null then
    select min(case when p_schema -> 'keys' ? entry.key
      then jobforge.validation_error(
        p_path || '.' || entry.key, entry.value, p_schema -> 'keys' -> entry.key)
      else format('%s must not have the key %s', p_path, left(entry.key, 64)) end)
    into v_problem
    from jsonb_each(p_value) as entry;
  end if;
  return v_problem;
end
$$;
comment on function jobforge.validation_error_in_object(text, jsonb, jsonb) is
  'validation_error for an object: of fixed keys, or of names and values that follow a schema.';

create function jobforge.problem_with_config(p_connector text, p_config jsonb)
returns text
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_schema constant jsonb := jobforge.connector_schema(p_connector);
begin
  return case
    when v_schema is null then
      'connector must be connector.http.request, connector.webhook.deliver or webhook-verify'
    when octet_length(p_config::text) > 65536 then 'config must be at most 65536 bytes of text'
    when p_config ->> 'scheme' = 'twilio' and not p_config ? 'url'
      then 'config must have the key url: twilio signs the public URL'
    else jobforge.validation_error('config', p_config, v_schema)
  end;
end
$$;
comment on function jobforge.problem_with_config(text, jsonb) is
  'Returns what a connector''s configuration must hold and does not, or null for a valid one.';

-- supabase/schemas/70_connectors/01_connector_configs.sql

-- Connector configurations: which hosts a tenant's jobs may call, and which webhooks it receives.
--
-- Operators write them. A tenant reads its own, without the references to secrets.

create function jobforge.refs_belong_to(p_tenant_id uuid, p_refs text[])
returns boolean
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select cardinality(p_refs) <= 3 and coalesce(array_ndims(p_refs), 1) = 1
    and count(distinct ref) = cardinality(p_refs)
    and coalesce(bool_and(ref ~ ('^(?:env:JOBFORGE_SECRET_'
      || upper(replace(p_tenant_id::text, '-', '')) || '_[A-Z0-9_]{1,64}'
      || '|vault:[a-z][a-z0-9_-]{0,62})$')), true)
  from unnest(p_refs) as ref
$$;
comment on function jobforge.refs_belong_to(uuid, text[]) is
  'Whether these are up to three different references to secrets of this tenant.';

create table public.jobforge_connector_configs (
  tenant_id uuid not null,
  id uuid not null default gen_random_uuid(),
  connector text not null,
  name text not null default 'default',
  config jsonb not null,
  secret_refs text[] not null default '{}',
  enabled boolean not null default true,
  disabled_reason text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint jobforge_connector_configs_pkey primary key (tenant_id, connector, name),
  constraint jobforge_connector_configs_one_per_id unique (id),
  constraint name_is_plain check (name ~ jobforge.name_pattern()),
  constraint config_fits_the_connector check (
    jobforge.problem_with_config(connector, config) is null),
  constraint secret_refs_are_the_tenants check (jobforge.refs_belong_to(tenant_id, secret_refs)),
  constraint secrets_where_they_are_needed check (
    cardinality(secret_refs) > 0 or connector = 'connector.http.request' and not config ? 'auth'),
  constraint disabled_reason_only_while_disabled check (enabled = (disabled_reason is null)),
  constraint disabled_reason_is_short check (length(disabled_reason) between 1 and 200)
);
comment on table public.jobforge_connector_configs is
  'The hosts that a tenant''s jobs may call, a webhook destination, or a webhook endpoint.';
comment on column public.jobforge_connector_configs.id is
  'Random, so that the address of a webhook endpoint reveals nothing about its tenant.';
comment on column public.jobforge_connector_configs.secret_refs is
  'References like env:JOBFORGE_SECRET_<tenant>_… or vault:…, newest first. Tenants may not read '
  'them.';

create function jobforge.problem_with_connector(p_config public.jobforge_connector_configs)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return case
    when p_config.name is null or p_config.name !~ jobforge.name_pattern()
      then 'p_name must be a lower-case letter and then up to 62 letters, digits or _ . -'
    when jobforge.problem_with_config(p_config.connector, p_config.config) is not null
      then 'p_' || jobforge.problem_with_config(p_config.connector, p_config.config)
    when jobforge.refs_belong_to(p_config.tenant_id, p_config.secret_refs) is not true
      then 'p_secret_refs must be up to three different references: vault:<name>, or '
        || 'env:JOBFORGE_SECRET_<tenant in upper-case hex>_<NAME> of the same tenant'
    when cardinality(p_config.secret_refs) = 0
      and (p_config.connector <> 'connector.http.request' or p_config.config ? 'auth')
      then 'p_secret_refs must name a secret'
    when p_config.enabled is null then 'p_enabled must be true or false'
  end;
end
$$;
comment on function jobforge.problem_with_connector(public.jobforge_connector_configs) is
  'Returns what a configuration must hold and does not, or null for a valid one.';

create function jobforge.audit_connector(p_action text, p_before public.jobforge_connector_configs,
  p_after public.jobforge_connector_configs)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_detail jsonb := '{}'::jsonb;
  v_side record;
begin
  for v_side in
    select * from (values ('before', p_before), ('after', p_after)) as sides (name, config)
  loop
    if (v_side.config).id is not null then
      v_detail := v_detail || jsonb_build_object(v_side.name, jsonb_build_object(
        'keys', (select coalesce(jsonb_agg(setting order by setting), '[]')
          from jsonb_object_keys((v_side.config).config) as setting),
        'secret_refs', cardinality((v_side.config).secret_refs),
        'enabled', (v_side.config).enabled,
        'disabled_reason', (v_side.config).disabled_reason));
    end if;
  end loop;
  perform jobforge.audit(p_action, coalesce(p_after.tenant_id, p_before.tenant_id),
    coalesce(p_after.connector, p_before.connector) || '/' || coalesce(p_after.name, p_before.name),
    v_detail);
end
$$;
comment on function jobforge.audit_connector(text, public.jobforge_connector_configs,
  public.jobforge_connector_configs) is
  'Records the keys of a configuration and how many secrets it has, before and after. It never '
  'records a value.';

-- supabase/schemas/70_connectors/02_secrets.sql

-- Secrets.
--
-- Supabase Vault holds the values, one entry per version. The table jobforge.secrets holds the
-- versions. Users and operators write secrets. Only a worker's service key can read them.

do $extension$
begin
  if to_regnamespace('vault') is null then
    begin
      create extension if not exists supabase_vault cascade;
    exception when others then raise notice 'supabase_vault is not available here: %', sqlerrm;
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
  -- One writer per tenant: versions are numbered and counted.
  perform pg_advisory_xact_lock(1246708236, hashtext(p_tenant_id::text));
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
  v_version int;
  v_vault_id uuid;
begin
  if p_value is null or octet_length(p_value) not between 1 and 8192 then
    perform jobforge.fail('invalid_argument', 'p_value must have 1 to 8192 bytes');
  elsif to_regclass('vault.decrypted_secrets') is null then
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
    p_value, format('jobforge/%s/%s/%s', p_tenant_id, p_name, v_version));
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

-- supabase/schemas/70_connectors/close_host.sql

-- Close a host that asked for a pause. No worker calls it for the tenant until then. Jobs that need
-- it are postponed and keep their attempts.

create table jobforge.closed_hosts (
  tenant_id uuid not null,
  host text not null,
  closed_until timestamptz not null,
  constraint closed_hosts_pkey primary key (tenant_id, host),
  constraint host_is_plain check (host ~ '^[!-~]{1,255}$' and host = lower(host))
);
comment on table jobforge.closed_hosts is 'Hosts that a tenant''s jobs may not call until a time.';
create index closed_hosts_expiry_idx on jobforge.closed_hosts (closed_until);

create function jobforge.close_host(p_tenant_id uuid, p_host text, p_ms int)
returns int
language plpgsql
security definer -- workers: a pause that one receives binds all
set search_path = pg_catalog, pg_temp
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
  values (p_tenant_id, lower(p_host), v_until)
  on conflict (tenant_id, host) do update
    set closed_until = greatest(closed_hosts.closed_until, excluded.closed_until)
  returning closed_until into v_until;
  return ceil(extract(epoch from v_until - v_now) * 1000);
end
$$;
comment on function jobforge.close_host(uuid, text, int) is
  'Workers: closes a host for a second to an hour. Returns for how many milliseconds it is closed, '
  'which an earlier call may have made longer.';

create function public.jobforge_close_host(p_tenant_id uuid, p_host text, p_ms int)
returns int
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.close_host(p_tenant_id, p_host, p_ms) $$;
comment on function public.jobforge_close_host(uuid, text, int) is
  'Workers: closes a host for a tenant''s jobs for a while.';

-- supabase/schemas/70_connectors/configure_connector.sql

-- Configure a connector: create or replace a configuration.

create function jobforge.configure_connector(p_tenant_id uuid, p_connector text, p_name text,
  p_config jsonb, p_secret_refs text[], p_enabled boolean)
returns uuid
language plpgsql
security definer -- operators only: a tenant could let its jobs call any host
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_before public.jobforge_connector_configs;
  v_after public.jobforge_connector_configs;
  v_problem text;
begin
  perform jobforge.require_service();
  v_after := row(p_tenant_id, gen_random_uuid(), p_connector, p_name, p_config, p_secret_refs,
    p_enabled, case when not p_enabled then 'disabled by an operator' end, v_now, v_now);
  v_problem := case when p_tenant_id is null then 'p_tenant_id is missing'
    else jobforge.problem_with_connector(v_after) end;
  if v_problem is not null then
    perform jobforge.fail('invalid_argument', v_problem);
  end if;
  perform jobforge.refuse_erased(p_tenant_id);
  if p_config ->> 'queue' <> 'default' and not exists (
    select from public.jobforge_queues as q
    where q.tenant_id = p_tenant_id and q.queue = p_config ->> 'queue')
  then
    perform jobforge.fail('not_found', 'p_config.queue: the tenant has no such queue');
  end if;
  select * into v_before from public.jobforge_connector_configs
  where tenant_id = p_tenant_id and connector = p_connector and name = p_name
  for no key update;
  insert into public.jobforge_connector_configs
  select v_after.*
  on conflict (tenant_id, connector, name) do update
    set config = excluded.config, secret_refs = excluded.secret_refs, enabled = excluded.enabled,
      disabled_reason = case when not excluded.enabled
        then coalesce(jobforge_connector_configs.disabled_reason, excluded.disabled_reason) end,
      updated_at = excluded.updated_at
  returning * into v_after;
  perform jobforge.audit_connector('configure_connector', v_before, v_after);
  return v_after.id;
end
$$;
comment on function jobforge.configure_connector(uuid, text, text, jsonb, text[], boolean) is
  'Operators: creates or replaces a configuration. Returns its id, which a replacement keeps.';

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
  'Operators: creates or replaces a tenant''s connector configuration. Returns its id.';

-- supabase/schemas/70_connectors/delete_connector.sql

-- Delete a connector configuration.

create function jobforge.delete_connector(p_tenant_id uuid, p_connector text, p_name text)
returns void
language plpgsql
security definer -- operators only, like configure_connector
set search_path = pg_catalog, pg_temp
as $$
declare
  v_before public.jobforge_connector_configs;
begin
  perform jobforge.require_service();
  delete from public.jobforge_connector_configs
  where tenant_id = p_tenant_id and connector = p_connector and name = p_name
  returning * into v_before;
  if not found then
    perform jobforge.fail('not_found', 'no such connector');
  end if;
  perform jobforge.audit_connector('delete_connector', v_before, null);
end
$$;
comment on function jobforge.delete_connector(uuid, text, text) is
  'Operators: deletes a configuration. A new one has another id.';

create function public.jobforge_delete_connector(
  p_tenant_id uuid, p_connector text, p_name text default 'default')
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.delete_connector(p_tenant_id, p_connector, p_name) $$;
comment on function public.jobforge_delete_connector(uuid, text, text) is
  'Operators: deletes a tenant''s connector configuration.';

-- supabase/schemas/70_connectors/disable_connector.sql

-- Disable a connector configuration until an operator enables it again.

create function jobforge.disable_connector(p_tenant_id uuid, p_id uuid, p_reason text)
returns boolean
language plpgsql
security definer -- workers: a destination that answers 410 is not called again
set search_path = pg_catalog, pg_temp
as $$
declare
  v_before public.jobforge_connector_configs;
  v_after public.jobforge_connector_configs;
begin
  perform jobforge.require_service();
  if p_reason is null or length(p_reason) not between 1 and 200 then
    perform jobforge.fail('invalid_argument', 'p_reason must have 1 to 200 characters');
  end if;
  select * into v_before from public.jobforge_connector_configs
  where tenant_id = p_tenant_id and id = p_id
  for no key update;
  if not found then
    perform jobforge.fail('not_found', 'no such connector');
  elsif not v_before.enabled then
    return false;
  end if;
  update public.jobforge_connector_configs
  set enabled = false, disabled_reason = p_reason, updated_at = jobforge.clock()
  where tenant_id = p_tenant_id and id = p_id
  returning * into v_after;
  perform jobforge.audit_connector('disable_connector', v_before, v_after);
  return true;
end
$$;
comment on function jobforge.disable_connector(uuid, uuid, text) is
  'Workers: disables a configuration until an operator enables it. Returns false when it was '
  'already disabled.';

create function public.jobforge_disable_connector(p_tenant_id uuid, p_id uuid, p_reason text)
returns boolean
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.disable_connector(p_tenant_id, p_id, p_reason) $$;
comment on function public.jobforge_disable_connector(uuid, uuid, text) is
  'Workers: disables a configuration until an operator enables it again.';

-- supabase/schemas/70_connectors/open_connector.sql

-- Open a connector: read its configuration with its secrets, for the worker.

create function jobforge.open_connector(
  p_tenant_id uuid, p_connector text, p_name text, p_host text)
returns json
language plpgsql volatile
security definer -- workers: reads configurations and Vault
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_config public.jobforge_connector_configs;
begin
  perform jobforge.require_service();
  select * into v_config from public.jobforge_connector_configs
  where tenant_id = p_tenant_id and connector = p_connector and name = p_name;
  if not found then
    perform jobforge.fail('not_found', 'no such connector');
  end if;
  return json_build_object(
    'id', v_config.id, 'config', v_config.config, 'enabled', v_config.enabled,
    'disabled_reason', v_config.disabled_reason,
    'secrets', case when v_config.enabled
      then jobforge.resolve_secrets(p_tenant_id, v_config.secret_refs) else '[]' end,
    'closed_ms', (
      select ceil(extract(epoch from closed_until - v_now) * 1000)::int
      from jobforge.closed_hosts
      where tenant_id = p_tenant_id and closed_until > v_now
        and host = coalesce(lower(p_host),
          substring(v_config.config ->> 'url' from '^https?://([^:/?]+)'))));
end
$$;
comment on function jobforge.open_connector(uuid, text, text, text) is
  'Workers: returns a configuration with its secrets, and for how long a host is closed. The '
  'secrets of a disabled one are left out.';

create function public.jobforge_open_connector(
  p_tenant_id uuid, p_connector text, p_name text, p_host text default null)
returns json
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.open_connector(p_tenant_id, p_connector, p_name, p_host) $$;
comment on function public.jobforge_open_connector(uuid, text, text, text) is
  'Workers: returns a configuration with its secrets, and for how long a host is closed.';

-- supabase/schemas/70_connectors/prune_connectors.sql

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

-- supabase/schemas/70_connectors/receive_webhook.sql

-- Receive a webhook: create one job for a verified event, however often its sender repeats it.

create table public.jobforge_received_webhooks (
  tenant_id uuid not null,
  config_id uuid not null,
  replay_key text not null,
  job_id uuid not null,
  received_at timestamptz not null,
  expires_at timestamptz not null,
  constraint jobforge_received_webhooks_pkey primary key (tenant_id, config_id, replay_key),
  constraint replay_key_is_short check (replay_key ~ '^[!-~]{1,200}$')
);
comment on table public.jobforge_received_webhooks is
  'A verified webhook and its job. Kept for a week, because senders repeat for days.';
create index jobforge_received_webhooks_expiry_idx
  on public.jobforge_received_webhooks (expires_at);
create index jobforge_received_webhooks_recent_idx
  on public.jobforge_received_webhooks (tenant_id, config_id, received_at);

create function jobforge.receive_webhook(
  p_id uuid, p_replay_key text, p_payload jsonb, p_traceparent text)
returns json
language plpgsql
security definer -- writes received webhooks and jobs for the verifying function
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_config public.jobforge_connector_configs;
  v_job jobforge.new_job;
  v_job_id uuid;
begin
  perform jobforge.require_service();
  if p_replay_key is null or p_replay_key !~ '^[!-~]{1,200}$' then
    perform jobforge.fail('invalid_argument', 'p_replay_key must be 1 to 200 printable characters');
  end if;
  select * into v_config from public.jobforge_connector_configs
  where id = p_id and connector = 'webhook-verify' and enabled;
  if not found then
    perform jobforge.fail('not_found', 'no such endpoint');
  end if;
  -- Copies of one event take turns, so that all but the first find its row.
  perform pg_advisory_xact_lock(hashtextextended(p_id || ' ' || p_replay_key, 0));
  select job_id into v_job_id from public.jobforge_received_webhooks
  where tenant_id = v_config.tenant_id and config_id = p_id and replay_key = p_replay_key;
  if found then
    return json_build_object('job_id', v_job_id, 'duplicate', true);
  end if;
  v_job.type := v_config.config ->> 'job_type';
  v_job.queue := v_config.config ->> 'queue';
  v_job.payload := p_payload;
  v_job.traceparent := p_traceparent;
  select enqueued.job_id into strict v_job_id
  from jobforge.enqueue(v_config.tenant_id, array[v_job]) as enqueued;
  insert into public.jobforge_received_webhooks
    (tenant_id, config_id, replay_key, job_id, received_at, expires_at)
  values (v_config.tenant_id, p_id, p_replay_key, v_job_id, v_now, v_now + interval '7 days');
  return json_build_object('job_id', v_job_id, 'duplicate', false);
end
$$;
comment on function jobforge.receive_webhook(uuid, text, jsonb, text) is
  'Webhooks: stores a verified webhook and enqueues its job in one transaction. Returns the first '
  'job for a replay.';

create function public.jobforge_receive_webhook(
  p_id uuid, p_replay_key text, p_payload jsonb, p_traceparent text default null)
returns json
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.receive_webhook(p_id, p_replay_key, p_payload, p_traceparent) $$;
comment on function public.jobforge_receive_webhook(uuid, text, jsonb, text) is
  'Webhooks: enqueues one job for a verified webhook, however often it arrives.';

-- supabase/schemas/70_connectors/revoke_secret.sql

-- Revoke a secret. The result has versions, never a value.

create function jobforge.revoke_secret(p_tenant_id uuid, p_name text, p_version int)
returns table (name text, version int, expires_at timestamptz)
language plpgsql
security definer -- deletes from Vault: bounded by the caller's tenant
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant_id constant uuid := jobforge.callers_tenant(p_tenant_id);
  v_now constant timestamptz := jobforge.clock();
  v_versions int[];
begin
  perform jobforge.lock_secret(v_tenant_id, p_name);
  -- Also expired versions that maintenance has not deleted yet.
  v_versions := array(
    select secrets.version from jobforge.secrets
    where secrets.tenant_id = v_tenant_id and secrets.name = p_name
      and secrets.vault_id is not null and (p_version is null or secrets.version = p_version)
    order by secrets.version);
  if v_versions = '{}' then
    perform jobforge.fail('not_found', 'no such secret');
  end if;
  perform jobforge.end_secrets(v_tenant_id, p_name, v_versions, v_now);
  perform jobforge.audit('revoke_secret', v_tenant_id, p_name,
    jsonb_build_object('versions', v_versions));
  return query
  select active.name, active.version, active.expires_at
  from jobforge.active_secrets(v_tenant_id, p_name, v_now) as active;
end
$$;
comment on function jobforge.revoke_secret(uuid, text, int) is
  'Users: deletes a version of a secret, or all of them, at once. Returns the active versions.';

create function public.jobforge_revoke_secret(
  p_tenant_id uuid default null, p_name text default null, p_version int default null)
returns table (name text, version int, expires_at timestamptz)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select * from jobforge.revoke_secret(p_tenant_id, p_name, p_version) $$;
comment on function public.jobforge_revoke_secret(uuid, text, int) is
  'Users: deletes a version of a secret, or all of them, at once.';

-- supabase/schemas/70_connectors/rotate_secret.sql

-- Rotate a secret. Earlier versions stay valid for the overlap. The result has versions, never a
-- value.

create function jobforge.rotate_secret(
  p_tenant_id uuid, p_name text, p_value text, p_overlap_seconds int)
returns table (name text, version int, expires_at timestamptz)
language plpgsql
security definer -- writes Vault: bounded by the caller's tenant, and returns no value
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant_id constant uuid := jobforge.callers_tenant(p_tenant_id);
  v_now constant timestamptz := jobforge.clock();
  v_version int;
begin
  if p_overlap_seconds is null or p_overlap_seconds not between 0 and 2592000 then
    perform jobforge.fail('invalid_argument', 'p_overlap_seconds must be from 0 to 2592000');
  end if;
  perform jobforge.lock_secret(v_tenant_id, p_name);
  if not exists (select from jobforge.active_secrets(v_tenant_id, p_name, v_now)) then
    perform jobforge.fail('not_found', 'no such secret');
  end if;
  v_version := jobforge.add_secret(v_tenant_id, p_name, p_value, v_now);
  update jobforge.secrets
  set expires_at = least(secrets.expires_at, v_now + make_interval(secs => p_overlap_seconds))
  where secrets.tenant_id = v_tenant_id and secrets.name = p_name and secrets.version < v_version;
  -- A fourth version ends the oldest, so that a rotation is never rejected.
  perform jobforge.end_secrets(v_tenant_id, p_name, array(
    select secrets.version from jobforge.secrets
    where secrets.tenant_id = v_tenant_id and secrets.name = p_name and secrets.version < v_version
      and secrets.version not in (
        select active.version from jobforge.active_secrets(v_tenant_id, p_name, v_now) as active
        limit 3)), v_now);
  perform jobforge.audit('rotate_secret', v_tenant_id, p_name,
    jsonb_build_object('version', v_version, 'overlap_seconds', p_overlap_seconds));
  return query
  select active.name, active.version, active.expires_at
  from jobforge.active_secrets(v_tenant_id, p_name, v_now) as active;
end
$$;
comment on function jobforge.rotate_secret(uuid, text, text, int) is
  'Users: stores the next version of a secret. Earlier versions stay valid for the overlap, three '
  'in all.';

create function public.jobforge_rotate_secret(p_tenant_id uuid default null,
  p_name text default null, p_value text default null, p_overlap_seconds int default 86400)
returns table (name text, version int, expires_at timestamptz)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select * from jobforge.rotate_secret(p_tenant_id, p_name, p_value, p_overlap_seconds) $$;
comment on function public.jobforge_rotate_secret(uuid, text, text, int) is
  'Users: stores the next version of a secret. Earlier versions stay valid for the overlap.';

-- supabase/schemas/70_connectors/set_secret.sql

-- Set a secret. Earlier versions end at once. The result has versions, never a value.

create function jobforge.set_secret(p_tenant_id uuid, p_name text, p_value text)
returns table (name text, version int, expires_at timestamptz)
language plpgsql
security definer -- writes Vault: bounded by the caller's tenant, and returns no value
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant_id constant uuid := jobforge.callers_tenant(p_tenant_id);
  v_now constant timestamptz := jobforge.clock();
  v_version int;
begin
  perform jobforge.lock_secret(v_tenant_id, p_name);
  v_version := jobforge.add_secret(v_tenant_id, p_name, p_value, v_now);
  perform jobforge.end_secrets(v_tenant_id, p_name, array(
    select secrets.version from jobforge.secrets
    where secrets.tenant_id = v_tenant_id and secrets.name = p_name
      and secrets.version < v_version), v_now);
  perform jobforge.audit('set_secret', v_tenant_id, p_name,
    jsonb_build_object('version', v_version));
  return query
  select active.name, active.version, active.expires_at
  from jobforge.active_secrets(v_tenant_id, p_name, v_now) as active;
end
$$;
comment on function jobforge.set_secret(uuid, text, text) is
  'Users: stores a secret. Earlier versions end at once.';

create function public.jobforge_set_secret(
  p_tenant_id uuid default null, p_name text default null, p_value text default null)
returns table (name text, version int, expires_at timestamptz)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select * from jobforge.set_secret(p_tenant_id, p_name, p_value) $$;
comment on function public.jobforge_set_secret(uuid, text, text) is
  'Users: stores a secret in Vault. Earlier versions end at once. No function returns a value to '
  'users.';

-- supabase/schemas/70_connectors/webhook_endpoint.sql

-- Read a webhook endpoint: how to verify the webhooks that arrive at it.

create function jobforge.webhook_endpoint(p_id uuid)
returns json
language plpgsql volatile
security definer -- reads configurations and Vault for the verifying function
set search_path = pg_catalog, pg_temp
as $$
declare
  v_config public.jobforge_connector_configs;
  v_secrets jsonb;
  v_known boolean;
begin
  perform jobforge.require_service();
  -- The same work for every id, so that the time of an answer reveals nothing. For an unknown id
  -- the next endpoint is read instead, and its values never leave this function.
  select * into v_config from (
    (select * from public.jobforge_connector_configs
      where connector = 'webhook-verify' and id >= p_id order by id limit 1)
    union all
    (select * from public.jobforge_connector_configs
      where connector = 'webhook-verify' order by id limit 1)) as nearest
  order by nearest.id >= p_id desc limit 1;
  v_known := coalesce(v_config.id = p_id and v_config.enabled, false);
  v_secrets := jobforge.resolve_secrets(v_config.tenant_id, coalesce(v_config.secret_refs, '{}'));
  return json_build_object(
    'known', v_known, 'enabled', v_known,
    'name', case when v_known then v_config.name end,
    'scheme', case when v_known then v_config.config ->> 'scheme' end,
    'config', case when v_known then v_config.config end,
    'tenant_id', case when v_known then v_config.tenant_id end,
    'secrets', case when v_known then v_secrets else '[]' end);
end
$$;
comment on function jobforge.webhook_endpoint(uuid) is
  'Webhooks: returns how to verify the webhooks of an endpoint, nothing for an unknown or disabled '
  'one.';

create function public.jobforge_webhook_endpoint(p_id uuid)
returns json
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.webhook_endpoint(p_id) $$;
comment on function public.jobforge_webhook_endpoint(uuid) is
  'Webhooks: returns how to verify the webhooks of an endpoint.';

-- supabase/schemas/80_metrics/00_outcome_batches.sql

-- Outcome batches: the ends of attempts, stored for the metrics.
--
-- Settling appends one row and writes nothing that other callers write. The dispatcher rolls these
-- rows up into counters per type and into minutes per queue and type.

create table jobforge.outcome_batches (
  at timestamptz not null,
  queue_ids int[],
  types text[],
  ends "char"[],
  latency_ms int[],
  duration_ms int[]
) with (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_cost_delay = 0, autovacuum_vacuum_insert_threshold = -1
);
comment on table jobforge.outcome_batches is
  'The attempts that one call to settle ended, until the dispatcher rolls them up. It has no key: '
  'settling only appends, and the dispatcher takes the rows that it finds.';
comment on column jobforge.outcome_batches.ends is
  's(ucceeded), f(ailed), d(ead), c(anceled), r(etried), b(ack to the queue, attempt not used up).';
comment on column jobforge.outcome_batches.latency_ms is 'From run_at to the start of the attempt.';

-- supabase/schemas/80_metrics/01_histograms.sql

-- Histograms of durations and latencies: sixteen buckets with fixed bounds.

create function jobforge.bucket_bounds()
returns int[]
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select '{5,10,25,50,100,250,500,1000,2500,5000,10000,30000,60000,300000,1800000}'::int[]
$$;
comment on function jobforge.bucket_bounds() is
  'Upper bounds of the buckets in milliseconds, each inclusive. A sixteenth bucket has no bound.';

create function jobforge.histogram(p_buckets int[], p_counts bigint[])
returns bigint[]
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_histogram bigint[] := array_fill(0::bigint, array[16]);
begin
  for v_i in 1..coalesce(cardinality(p_buckets), 0) loop
    v_histogram[p_buckets[v_i] + 1] := v_histogram[p_buckets[v_i] + 1] + p_counts[v_i];
  end loop;
  return v_histogram;
end
$$;
comment on function jobforge.histogram(int[], bigint[]) is
  'Returns a histogram: the sum of the counts per bucket. Buckets are numbered from 0.';

create function jobforge.add_histograms(p_one bigint[], p_other bigint[])
returns bigint[]
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- One expression: a loop would take twenty times as long.
  return array[p_one[1] + p_other[1], p_one[2] + p_other[2], p_one[3] + p_other[3],
    p_one[4] + p_other[4], p_one[5] + p_other[5], p_one[6] + p_other[6], p_one[7] + p_other[7],
    p_one[8] + p_other[8], p_one[9] + p_other[9], p_one[10] + p_other[10],
    p_one[11] + p_other[11], p_one[12] + p_other[12], p_one[13] + p_other[13],
    p_one[14] + p_other[14], p_one[15] + p_other[15], p_one[16] + p_other[16]];
end
$$;
comment on function jobforge.add_histograms(bigint[], bigint[]) is 'The sum of two histograms.';

create function jobforge.percentile(p_histogram bigint[], p_share double precision)
returns bigint
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_bounds constant int[] := jobforge.bucket_bounds();
  v_rank double precision := p_share * (select sum(count) from unnest(p_histogram) as count);
  v_lower int;
begin
  for v_i in 1..cardinality(v_bounds) loop
    if p_histogram[v_i] > 0 and p_histogram[v_i] >= v_rank then
      v_lower := case when v_i > 1 then v_bounds[v_i - 1] else 0 end;
      return round(v_lower + (v_bounds[v_i] - v_lower) * v_rank / p_histogram[v_i]);
    end if;
    v_rank := v_rank - p_histogram[v_i];
  end loop;
  return case when v_rank is not null and v_rank > 0 then v_bounds[cardinality(v_bounds)] end;
end
$$;
comment on function jobforge.percentile(bigint[], double precision) is
  'Returns the value that a share of the attempts stayed under, interpolated within its bucket. '
  'Null when there are none.';

create function jobforge.histogram_json(p_histogram bigint[], p_sum_ms bigint)
returns jsonb
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object(
    'buckets', jsonb_agg(
      jsonb_build_object('le', summed.le, 'count', summed.count) order by summed.n),
    'sum', p_sum_ms / 1000.0, 'count', max(summed.count))
  from (
    select bucket.n, (jobforge.bucket_bounds())[bucket.n] / 1000.0 as le,
      sum(bucket.count) over (order by bucket.n) as count
    from unnest(p_histogram) with ordinality as bucket (count, n)
  ) as summed
$$;
comment on function jobforge.histogram_json(bigint[], bigint) is
  'A histogram in seconds with cumulative buckets. The last one has no bound: its le is null.';

-- supabase/schemas/80_metrics/02_totals.sql

-- Totals: counters of each type, and minutes per queue and type. Rolling up writes them.

create table jobforge.type_totals (
  type text primary key,
  succeeded bigint not null default 0,
  failed bigint not null default 0,
  dead bigint not null default 0,
  canceled bigint not null default 0,
  retried bigint not null default 0,
  duration bigint[] not null,
  duration_ms bigint not null default 0,
  latency bigint[] not null,
  latency_ms bigint not null default 0
) with (fillfactor = 50);
comment on table jobforge.type_totals is
  'Attempts of a type that ended, since the beginning. _other stands for all types that no worker '
  'declared.';
comment on column jobforge.type_totals.duration is
  'Attempts per bucket of jobforge.bucket_bounds(), not cumulative.';

create table jobforge.metrics_by_minute (
  queue_id int not null,
  at timestamptz not null,
  type text not null,
  started bigint not null,
  succeeded bigint not null,
  failed bigint not null,
  dead bigint not null,
  canceled bigint not null,
  retried bigint not null,
  duration bigint[] not null,
  duration_ms bigint not null,
  latency bigint[] not null,
  latency_ms bigint not null,
  constraint metrics_by_minute_pkey primary key (queue_id, at, type)
) with (fillfactor = 70);
comment on table jobforge.metrics_by_minute is
  'Attempts that ended within a minute, per queue and type. Queue 0 stands for all. Kept 14 days.';
create index metrics_by_minute_age_idx on jobforge.metrics_by_minute (at);

-- supabase/schemas/80_metrics/history.sql

-- History: finished attempts per step of time.

create function jobforge.tenants_to_show(p_tenant_id uuid)
returns uuid[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_tenant_id is null and jobforge.is_service() then
    return null;
  end if;
  return jobforge.callers_tenants(p_tenant_id);
end
$$;
comment on function jobforge.tenants_to_show(uuid) is
  'Returns the tenants that a caller may see: those of callers_tenants, or null, which means all, '
  'for services that name none.';

create function jobforge.check_steps(
  p_from timestamptz, p_to timestamptz, p_step_seconds int)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_step_seconds is null or p_step_seconds not between 60 and 86400
    or p_step_seconds % 60 <> 0
  then
    perform jobforge.fail('invalid_argument',
      'p_step_seconds must be a whole number of minutes, up to a day');
  elsif p_from is null or p_to is null or not p_from < p_to or p_to > '9999-12-31'
    or p_to > p_from + 1000 * make_interval(secs => p_step_seconds)
  then
    perform jobforge.fail('invalid_argument',
      'p_from must be before p_to, and at most 1000 steps apart');
  end if;
end
$$;
comment on function jobforge.check_steps(timestamptz, timestamptz, int) is
  'Raises invalid_argument unless a span of time has 1 to 1,000 steps of whole minutes.';

create function jobforge.history(p_from timestamptz, p_to timestamptz, p_step_seconds int,
  p_tenant_id uuid, p_queue text, p_type text)
returns table (at timestamptz, started bigint, succeeded bigint, failed bigint, dead bigint,
  canceled bigint, retried bigint, duration_p50_ms bigint, duration_p95_ms bigint,
  latency_p50_ms bigint, latency_p95_ms bigint)
language plpgsql stable
security definer -- reads metrics_by_minute, bounded by the caller's tenants
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_step constant interval := make_interval(secs => p_step_seconds);
  v_tenant_ids constant uuid[] := jobforge.tenants_to_show(p_tenant_id);
  v_queue_ids int[];
  v_first timestamptz;
begin
  v_queue_ids := case when v_tenant_ids is null and p_queue is null then array[0] else array(
    select q.id from public.jobforge_queues as q
    where (v_tenant_ids is null or q.tenant_id = any (v_tenant_ids))
      and (p_queue is null or q.queue = p_queue)
    limit 10000) end;
  perform jobforge.check_steps(p_from, p_to, p_step_seconds);
  v_first := date_bin(v_step, p_from, '2000-01-01T00:00:00Z');
  return query
  with stepped as materialized (
    select date_bin(v_step, metrics_by_minute.at, '2000-01-01T00:00:00Z') as step_at,
      metrics_by_minute.*
    from jobforge.metrics_by_minute
    where metrics_by_minute.queue_id = any (v_queue_ids)
      and metrics_by_minute.at >= v_first and metrics_by_minute.at < p_to
      and (p_type is null or metrics_by_minute.type = p_type)
  ),
  counted as (
    select stepped.step_at, sum(stepped.started)::bigint as started,
      sum(stepped.succeeded)::bigint as succeeded, sum(stepped.failed)::bigint as failed,
      sum(stepped.dead)::bigint as dead, sum(stepped.canceled)::bigint as canceled,
      sum(stepped.retried)::bigint as retried
    from stepped
    group by stepped.step_at
  ),
  summed as (
    select stepped.step_at, bucket.n, sum(bucket.duration)::bigint as duration,
      sum(bucket.latency)::bigint as latency
    from stepped
    cross join lateral unnest(stepped.duration, stepped.latency) with ordinality
      as bucket (duration, latency, n)
    group by stepped.step_at, bucket.n
  ),
  merged as (
    select summed.step_at, array_agg(summed.duration order by summed.n) as duration,
      array_agg(summed.latency order by summed.n) as latency
    from summed
    group by summed.step_at
  )
  select steps.step_at, coalesce(counted.started, 0), coalesce(counted.succeeded, 0),
    coalesce(counted.failed, 0), coalesce(counted.dead, 0), coalesce(counted.canceled, 0),
    coalesce(counted.retried, 0),
    jobforge.percentile(merged.duration, 0.5), jobforge.percentile(merged.duration, 0.95),
    jobforge.percentile(merged.latency, 0.5), jobforge.percentile(merged.latency, 0.95)
  from (
    select step_at
    from generate_series(v_first, p_to - interval '1 microsecond', v_step) as step_at
    limit 1000
  ) as steps
  left join counted on counted.step_at = steps.step_at
  left join merged on merged.step_at = steps.step_at
  order by steps.step_at;
end
$$;
comment on function jobforge.history(timestamptz, timestamptz, int, uuid, text, text) is
  'Users: attempts that ended, per step, with percentiles in milliseconds. Services may leave the '
  'tenant out to see all.';

create function public.jobforge_history(
  p_from timestamptz, p_to timestamptz, p_step_seconds int, p_tenant_id uuid default null,
  p_queue text default null, p_type text default null)
returns table (at timestamptz, started bigint, succeeded bigint, failed bigint, dead bigint,
  canceled bigint, retried bigint, duration_p50_ms bigint, duration_p95_ms bigint,
  latency_p50_ms bigint, latency_p95_ms bigint)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select * from jobforge.history(p_from, p_to, p_step_seconds, p_tenant_id, p_queue, p_type)
$$;
comment on function public.jobforge_history(timestamptz, timestamptz, int, uuid, text, text) is
  'Users: attempts that ended, per step of whole minutes: up to 1,000 steps within the last 14 '
  'days.';

-- supabase/schemas/80_metrics/metrics.sql

-- Metrics: counters and histograms for Prometheus.

create function jobforge.run_numbers(p_now timestamptz)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- Runs are kept for a week, and at most a hundred are active at a time.
  with recent as (
    select r.* from jobforge.runs as r
    where r.id > (select max(r_newest.id) - 20000 from jobforge.runs as r_newest)
      and (r.state in ('pending', 'live') or r.ended_at > p_now - interval '24 hours')
  )
  select jsonb_build_object(
    'live', count(*) filter (where recent.state = 'live' and recent.lease_expires_at > p_now),
    'pending', count(*) filter (where recent.state = 'pending'),
    'capacity', coalesce(sum(recent.capacity) filter (where recent.state = 'live'), 0),
    'held', coalesce(sum(recent.held) filter (where recent.state = 'live'), 0),
    'finished_24h', count(*) filter (where recent.state = 'finished'),
    'undelivered_24h', count(*) filter (where recent.state = 'undelivered'),
    'lost_24h', count(*) filter (where recent.state = 'lost'),
    'cpu_ms_24h', coalesce(sum(recent.cpu_ms), 0))
  from recent
$$;
comment on function jobforge.run_numbers(timestamptz) is
  'Counts of runs now and in the last 24 hours, among the newest 20,000.';

create function jobforge.metrics()
returns jsonb
language plpgsql stable
security definer -- operators: reads every tenant's queues, runs and counters
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
begin
  perform jobforge.require_service();
  return jsonb_build_object(
    'at', v_now,
    'queues', (
      select coalesce(jsonb_agg(to_jsonb(state) - 'queue_id' order by state.queue_id), '[]')
      from jobforge.queue_states(null, 1000, v_now) as state),
    'types', (
      select coalesce(jsonb_agg(jsonb_build_object('type', total.type,
        'succeeded', total.succeeded, 'failed', total.failed, 'dead', total.dead,
        'canceled', total.canceled, 'retried', total.retried,
        'duration', jobforge.histogram_json(total.duration, total.duration_ms),
        'latency', jobforge.histogram_json(total.latency, total.latency_ms))
        order by total.type), '[]')
      from (
        select type_totals.* from jobforge.type_totals order by type_totals.type limit 500
      ) as total),
    'runs', jobforge.run_numbers(v_now),
    'alerts', (
      select coalesce(jsonb_object_agg(counted.rule, counted.open), '{}') from (
        select alert_rules.rule, count(alerts.id) as open
        from jobforge.alert_rules
        left join jobforge.alerts on alerts.rule = alert_rules.rule and alerts.closed_at is null
        group by alert_rules.rule) as counted));
end
$$;
comment on function jobforge.metrics() is
  'Operators: up to 1,000 queues that are not empty, counters of types, runs, open alerts per '
  'rule. Counters lag by one dispatch.';

create function public.jobforge_metrics()
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select jobforge.metrics() $$;
comment on function public.jobforge_metrics() is
  'Operators: queues that are not empty, counters and histograms per type, runs, open alerts.';

-- supabase/schemas/80_metrics/overview.sql

-- Overview: the numbers of the dashboard's first page.

create function jobforge.live_runs(p_now timestamptz)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'worker', r.worker,
    'capacity', r.capacity, 'held', r.held, 'claimed', r.claimed, 'settled', r.settled,
    'age_seconds', extract(epoch from p_now - r.started_at)) order by r.id), '[]')
  from jobforge.runs as r
  where r.state = 'live' and r.lease_expires_at > p_now
$$;
comment on function jobforge.live_runs(timestamptz) is 'The live runs, by id.';

create function jobforge.ended_since(p_queue_ids int[], p_since timestamptz)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object('started', coalesce(sum(metrics_by_minute.started), 0),
    'succeeded', coalesce(sum(metrics_by_minute.succeeded), 0),
    'failed', coalesce(sum(metrics_by_minute.failed), 0),
    'dead', coalesce(sum(metrics_by_minute.dead), 0),
    'canceled', coalesce(sum(metrics_by_minute.canceled), 0),
    'retried', coalesce(sum(metrics_by_minute.retried), 0),
    'error_rate', round((sum(metrics_by_minute.failed) + sum(metrics_by_minute.dead)
      + sum(metrics_by_minute.retried)) / nullif(sum(metrics_by_minute.started), 0), 4))
  from jobforge.metrics_by_minute
  where metrics_by_minute.queue_id = any (p_queue_ids) and metrics_by_minute.at >= p_since
$$;
comment on function jobforge.ended_since(int[], timestamptz) is
  'Counts of the attempts that ended since a minute, and the share of those that neither succeeded '
  'nor were canceled.';

create function jobforge.overview(p_tenant_id uuid)
returns jsonb
language plpgsql stable
security definer -- reads queues, metrics, runs and alerts, bounded by the caller's tenants
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_tenant_ids constant uuid[] := jobforge.tenants_to_show(p_tenant_id);
  v_queue_ids int[] := array[0];
  v_overview jsonb;
begin
  if v_tenant_ids is not null then
    v_queue_ids := array(
      select q.id from public.jobforge_queues as q where q.tenant_id = any (v_tenant_ids));
  end if;
  select jsonb_build_object('at', v_now, 'ready', coalesce(sum(state.ready), 0),
    'scheduled', coalesce(sum(state.scheduled), 0), 'running', coalesce(sum(state.running), 0),
    'oldest_ready_seconds', max(state.oldest_ready_seconds), 'queues', count(*),
    'paused_queues', count(*) filter (where state.paused), 'more_queues', count(*) = 1000)
  into v_overview
  from jobforge.queue_states(v_tenant_ids, 1000, v_now) as state;
  v_overview := v_overview || jsonb_build_object(
    'last_5_minutes', jobforge.ended_since(v_queue_ids, v_now - interval '5 minutes'),
    'last_hour', jobforge.ended_since(v_queue_ids, v_now - interval '1 hour'),
    'open_alerts', (
      select count(*) from jobforge.alerts
      where alerts.closed_at is null
        and (v_tenant_ids is null or alerts.tenant_id = any (v_tenant_ids))));
  if jobforge.is_service() then
    v_overview := v_overview || jsonb_build_object(
      'runs', jobforge.run_numbers(v_now), 'live_runs', jobforge.live_runs(v_now));
  end if;
  return v_overview;
end
$$;
comment on function jobforge.overview(uuid) is
  'Users: the numbers of now, of one tenant or of the caller''s. Services may leave the tenant out '
  'to see all, and get the runs too.';

create function public.jobforge_overview(p_tenant_id uuid default null)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select jobforge.overview(p_tenant_id) $$;
comment on function public.jobforge_overview(uuid) is
  'Users: ready, scheduled and running jobs, attempts that ended lately, open alerts. Services '
  'also see the runs.';

-- supabase/schemas/80_metrics/queue_states.sql

-- The state of each queue now, read from tallies and by index probes. It counts no backlog.

create function jobforge.ready_queues(p_limit int)
returns setof int
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
  return query
  with recursive ready (queue_id, n) as (
    (select j.queue_id, 1 from public.jobforge_jobs as j
      where j.status = 'queued' and not j.scheduled and j.lease_expiries < 2
      order by j.queue_id limit 1)
    union all
    select (select j.queue_id from public.jobforge_jobs as j
      where j.queue_id > ready.queue_id and j.status = 'queued' and not j.scheduled
        and j.lease_expiries < 2
      order by j.queue_id limit 1), ready.n + 1
    from ready
    where ready.queue_id is not null and ready.n < p_limit
  )
  select ready.queue_id from ready where ready.queue_id is not null;
end
$$;
comment on function jobforge.ready_queues(int) is
  'Returns the first queues that have ready jobs, by one index probe each.';

create function jobforge.busy_queues(p_limit int)
returns setof int
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
  return query
  select busy.queue_id
  from (
    select queue_id from jobforge.ready_queues(p_limit) as queue_id
    union
    (select j.queue_id from jobforge.runs as r join public.jobforge_jobs as j on j.run_id = r.id
      where r.state = 'live' and j.status = 'running'
      limit 10000)
    union
    (select j.queue_id from public.jobforge_jobs as j where j.scheduled
      order by j.run_at limit 10000)
  ) as busy
  order by busy.queue_id
  limit p_limit;
end
$$;
comment on function jobforge.busy_queues(int) is
  'Returns the first queues with ready or running jobs, or with one of the next 10,000 scheduled '
  'jobs.';

create function jobforge.oldest_ready_at(p_queue public.jobforge_queues, p_now timestamptz)
returns timestamptz
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  v_has_cursor constant boolean :=
    coalesce(p_queue.cursor_at > p_now - interval '2 seconds', false);
begin
  return (
    with recursive probed (priority, run_at, n) as (
      (select j.priority, j.run_at, 1 from public.jobforge_jobs as j
        where j.queue_id = p_queue.id and j.status = 'queued' and not j.scheduled
          and j.lease_expiries < 2 and (j.priority, j.id) >= (
            case when v_has_cursor then p_queue.cursor_priority else -32768 end,
            case when v_has_cursor then p_queue.cursor_id
              else '00000000-0000-0000-0000-000000000000' end)
        order by j.priority, j.id limit 1)
      union all
      select next.priority, next.run_at, probed.n + 1
      from probed
      cross join lateral (
        select j.priority, j.run_at from public.jobforge_jobs as j
        where j.queue_id = p_queue.id and j.status = 'queued' and not j.scheduled
          and j.lease_expiries < 2 and j.priority > probed.priority
        order by j.priority, j.id limit 1) as next
      where probed.n < 8
    )
    select min(probed.run_at) from probed);
end
$$;
comment on function jobforge.oldest_ready_at(public.jobforge_queues, timestamptz) is
  'Returns since when the queue''s first jobs have been ready: the first job of each of its first '
  'eight priorities, from its cursor on.';

create function jobforge.queue_states(p_tenant_ids uuid[], p_limit int, p_now timestamptz)
returns table (queue_id int, tenant_id uuid, queue text, ready bigint, scheduled bigint,
  running bigint, oldest_ready_seconds double precision, paused boolean)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
#variable_conflict use_column
begin
  return query
  with chosen as materialized (
    select q.* from public.jobforge_queues as q
    where q.id in (select queue_id from jobforge.busy_queues(p_limit) as queue_id)
      and p_tenant_ids is null
    union all
    (select q.* from public.jobforge_queues as q
      where q.tenant_id = any (p_tenant_ids) order by q.id limit p_limit)
  ),
  later as (
    select next.queue_id, count(*) as n
    from (
      select j.queue_id from public.jobforge_jobs as j where j.scheduled
      order by j.run_at limit 10000) as next
    group by next.queue_id
  ),
  tallied as (
    select queue_tallies.queue_id,
      sum(queue_tallies.total) filter (where queue_tallies.side in ('e', 'b'))::bigint as entered,
      sum(queue_tallies.total) filter (where queue_tallies.side = 'r')::bigint as left_running
    from jobforge.queue_tallies
    where queue_tallies.queue_id = any (array(select chosen.id from chosen))
    group by queue_tallies.queue_id
  ),
  counted as (
    select chosen.id, chosen.tenant_id, chosen.queue::text, chosen.paused,
      greatest(coalesce(tallied.entered, 0) - chosen.claimed, 0) as queued,
      greatest(chosen.claimed - coalesce(tallied.left_running, 0), 0) as running,
      coalesce(later.n, 0) as later,
      (select count(*) from (
        select from public.jobforge_jobs as j
        where j.queue_id = chosen.id and j.status = 'queued' and not j.scheduled
          and j.lease_expiries < 2
        limit 101) as first) as ready,
      jobforge.oldest_ready_at(row(chosen.*)::public.jobforge_queues, p_now) as oldest_at
    from chosen
    left join tallied on tallied.queue_id = chosen.id
    left join later on later.queue_id = chosen.id
  )
  -- Up to a hundred ready jobs are counted. Beyond that, every job counts that is not known to be
  -- scheduled.
  select counted.id, counted.tenant_id, counted.queue,
    case when counted.ready <= 100 then counted.ready
      else greatest(counted.queued - counted.later, counted.ready) end,
    case when counted.ready <= 100 then greatest(counted.queued - counted.ready, 0)
      else least(counted.later, greatest(counted.queued - counted.ready, 0)) end,
    counted.running, greatest(extract(epoch from p_now - counted.oldest_at), 0)::float8,
    counted.paused
  from counted
  where p_tenant_ids is not null or counted.queued > 0 or counted.running > 0
  order by counted.id;
end
$$;
comment on function jobforge.queue_states(uuid[], int, timestamptz) is
  'Returns the counts of queues now: of some tenants, or of all queues that have jobs. Ready and '
  'scheduled are exact, unless a queue has over 100 ready jobs while over 10,000 are scheduled.';

create function jobforge.waiting_queues(p_now timestamptz)
returns table (queue_id int, seconds double precision)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
  select q.id, extract(epoch from p_now - jobforge.oldest_ready_at(q, p_now))::float8
  from public.jobforge_queues as q
  where q.id = any (array(select queue_id from jobforge.ready_queues(1000) as queue_id))
    and not q.paused;
end
$$;
comment on function jobforge.waiting_queues(timestamptz) is
  'Returns the queues that are not paused and have ready jobs, and for how many seconds the oldest '
  'job of each has waited.';

-- supabase/schemas/80_metrics/roll_up.sql

-- Roll up outcome batches into counters and minutes.
--
-- One transaction takes rows and adds their counts, so none is counted twice or lost. One caller
-- rolls up at a time, and claiming and settling touch nothing that it locks.

create table jobforge.roll_up_progress (
  id boolean primary key default true,
  page bigint not null default 0,
  rescanned_at timestamptz not null default '-infinity',
  alerts_evaluated_at timestamptz not null default '-infinity',
  constraint one_row check (id)
);
comment on table jobforge.roll_up_progress is
  'How far the dispatcher has come with metrics and alerts: one row.';
comment on column jobforge.roll_up_progress.page is
  'Page of jobforge.outcome_batches where the next roll-up begins. The rows before it are deleted.';
comment on column jobforge.roll_up_progress.rescanned_at is
  'When the dispatcher last began at the first page, for rows of transactions that committed late.';
insert into jobforge.roll_up_progress default values;

create function jobforge.take_settled(p_from_page bigint, p_limit int)
returns table (ctid tid, minute timestamptz, queue_ids int[], types text[], ends "char"[],
  latency_ms int[], duration_ms int[])
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_from constant tid := format('(%s,0)', p_from_page)::tid;
begin
  return query
  delete from jobforge.outcome_batches
  where outcome_batches.ctid = any (array(
    select next.ctid from jobforge.outcome_batches as next where next.ctid >= v_from limit p_limit))
  returning outcome_batches.ctid, date_trunc('minute', outcome_batches.at),
    outcome_batches.queue_ids, outcome_batches.types, outcome_batches.ends,
    outcome_batches.latency_ms, outcome_batches.duration_ms;
end
$$;
comment on function jobforge.take_settled(bigint, int) is
  'Deletes up to p_limit rows from a page on and returns them with their minute.';

create function jobforge.add_totals(p_summed jobforge.metrics_by_minute[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
begin
  insert into jobforge.metrics_by_minute
  select summed.* from unnest(p_summed) as summed
  where summed.at is not null and (summed.queue_id = 0
    or exists (select from public.jobforge_queues as q where q.id = summed.queue_id))
  on conflict (queue_id, at, type) do update
  set started = metrics_by_minute.started + excluded.started,
    succeeded = metrics_by_minute.succeeded + excluded.succeeded,
    failed = metrics_by_minute.failed + excluded.failed,
    dead = metrics_by_minute.dead + excluded.dead,
    canceled = metrics_by_minute.canceled + excluded.canceled,
    retried = metrics_by_minute.retried + excluded.retried,
    duration = jobforge.add_histograms(metrics_by_minute.duration, excluded.duration),
    duration_ms = metrics_by_minute.duration_ms + excluded.duration_ms,
    latency = jobforge.add_histograms(metrics_by_minute.latency, excluded.latency),
    latency_ms = metrics_by_minute.latency_ms + excluded.latency_ms;
  insert into jobforge.type_totals
  select summed.type, summed.succeeded, summed.failed, summed.dead, summed.canceled,
    summed.retried, summed.duration, summed.duration_ms, summed.latency, summed.latency_ms
  from unnest(p_summed) as summed where summed.at is null
  on conflict (type) do update
  set succeeded = type_totals.succeeded + excluded.succeeded,
    failed = type_totals.failed + excluded.failed, dead = type_totals.dead + excluded.dead,
    canceled = type_totals.canceled + excluded.canceled,
    retried = type_totals.retried + excluded.retried,
    duration = jobforge.add_histograms(type_totals.duration, excluded.duration),
    duration_ms = type_totals.duration_ms + excluded.duration_ms,
    latency = jobforge.add_histograms(type_totals.latency, excluded.latency),
    latency_ms = type_totals.latency_ms + excluded.latency_ms;
end
$$;
comment on function jobforge.add_totals(jobforge.metrics_by_minute[]) is
  'Adds sums per minute to the minutes, and sums without a minute to the counters of types.';

-- Jobs are counted by a hash and joined only afterwards, because each job pays for the counting.
-- The sums are per minute, type and queue, per minute and type, and per type without a minute.
create function jobforge.roll_up_batch(p_from_page bigint, p_limit int)
returns table (batch int, last_page bigint)
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_sort = off
set jit = off
as $$
#variable_conflict use_column
declare
  v_summed jobforge.metrics_by_minute[];
begin
  with taken as materialized (
    select deleted.* from jobforge.take_settled(p_from_page, p_limit) as deleted
  ),
  counted as materialized (
    select taken.minute as at, attempt.queue_id, attempt.type, attempt.ended,
      width_bucket(attempt.duration - 1, jobforge.bucket_bounds()) as duration_bucket,
      width_bucket(attempt.latency - 1, jobforge.bucket_bounds()) as latency_bucket,
      count(*) as n, sum(attempt.duration) as duration_ms,
      sum(greatest(attempt.latency, 0)) as latency_ms
    from taken
    cross join lateral unnest(
      taken.queue_ids, taken.types, taken.ends, taken.duration_ms, taken.latency_ms)
      as attempt (queue_id, type, ended, duration, latency)
    where attempt.ended <> 'b'
    group by 1, 2, 3, 4, 5, 6
  ),
  summed as materialized (
    select coalesce(counted.queue_id, 0) as queue_id, counted.at, shown.type,
      sum(counted.n)::bigint as started,
      coalesce(sum(counted.n) filter (where counted.ended = 's'), 0)::bigint as succeeded,
      coalesce(sum(counted.n) filter (where counted.ended = 'f'), 0)::bigint as failed,
      coalesce(sum(counted.n) filter (where counted.ended = 'd'), 0)::bigint as dead,
      coalesce(sum(counted.n) filter (where counted.ended = 'c'), 0)::bigint as canceled,
      coalesce(sum(counted.n) filter (where counted.ended = 'r'), 0)::bigint as retried,
      jobforge.histogram(array_agg(counted.duration_bucket), array_agg(counted.n)) as duration,
      sum(counted.duration_ms)::bigint as duration_ms,
      jobforge.histogram(array_agg(counted.latency_bucket), array_agg(counted.n)) as latency,
      sum(counted.latency_ms)::bigint as latency_ms
    from counted left join jobforge.job_types as t on t.type = counted.type,
      coalesce(t.type, '_other') as shown (type)
    group by grouping sets ((counted.at, shown.type, counted.queue_id), (counted.at, shown.type),
      (shown.type))
  )
  select count(*)::int, split_part(trim('(' from max(taken.ctid)::text), ',', 1)::bigint,
    array(select row(summed.*)::jobforge.metrics_by_minute from summed)
  into batch, last_page, v_summed
  from taken;
  perform jobforge.add_totals(v_summed);
  return next;
end
$$;
comment on function jobforge.roll_up_batch(bigint, int) is
  'Counts up to p_limit rows from a page on and deletes them. Returns how many, and the last page.';

create function jobforge.roll_up(p_now timestamptz)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_until constant timestamptz := clock_timestamp() + interval '2 seconds';
  v_pages constant bigint := pg_relation_size('jobforge.outcome_batches') / 8192;
  v_progress jobforge.roll_up_progress;
  v_page bigint;
  v_done record;
  v_rolled_up int := 0;
begin
  select roll_up_progress.* into v_progress from jobforge.roll_up_progress
  for no key update skip locked;
  if not found then
    return 0;
  end if;
  -- While an old snapshot keeps dead rows, reading past them would cost more with every dispatch.
  -- Once a minute the whole table is read, for rows that were committed late.
  v_page := case when v_pages <= 4096 or v_progress.page >= v_pages
    or v_progress.rescanned_at < p_now - interval '1 minute' then 0 else v_progress.page end;
  update jobforge.roll_up_progress set rescanned_at = p_now
  where v_page = 0 and roll_up_progress.id;
  for v_batch in 1..80 loop
    select rolled_up.* into v_done from jobforge.roll_up_batch(v_page, 250) as rolled_up;
    v_rolled_up := v_rolled_up + v_done.batch;
    v_page := coalesce(v_done.last_page, v_page);
    exit when v_done.batch < 250 or clock_timestamp() > v_until;
  end loop;
  update jobforge.roll_up_progress set page = v_page where roll_up_progress.id;
  delete from jobforge.metrics_by_minute
  where metrics_by_minute.ctid = any (array(
    select expired.ctid from jobforge.metrics_by_minute as expired
    where expired.at < p_now - interval '14 days'
    limit 5000));
  return v_rolled_up;
end
$$;
comment on function jobforge.roll_up(timestamptz) is
  'Rolls outcome batches up into counters and minutes, for two seconds at most. Deletes minutes '
  'older than 14 days. Returns how many batches.';

-- supabase/schemas/85_alerts/00_alerts.sql

-- Alerts.
--
-- A rule reads a value for each subject. An alert is one subject above the threshold of a rule. It
-- opens once, and resolves after three minutes below the threshold.

create table jobforge.alert_rules (
  rule text primary key,
  enabled boolean not null default true,
  severity text not null,
  threshold double precision not null,
  window_seconds int not null default 600,
  minimum int not null default 0,
  constraint severity_is_known check (severity in ('info', 'warning', 'critical')),
  constraint threshold_positive check (threshold > 0),
  constraint window_in_range check (window_seconds between 60 and 86400),
  constraint minimum_not_negative check (minimum >= 0)
);
comment on table jobforge.alert_rules is 'An alert rule with its threshold and settings.';
comment on column jobforge.alert_rules.minimum is
  'A rule does not fire for fewer events than this within the window.';
insert into jobforge.alert_rules (rule, severity, threshold, window_seconds, minimum) values
  ('jobs_failing', 'warning', 0.2, 600, 20),
  ('queue_waiting', 'warning', 900, 600, 0),
  ('tickets_undelivered', 'critical', 3, 600, 0),
  ('no_successful_run', 'critical', 120, 600, 0),
  ('schedule_missed', 'warning', 120, 600, 0),
  ('signatures_refused', 'warning', 20, 600, 0),
  ('enqueue_volume', 'warning', 10, 600, 1000),
  ('secret_old', 'info', 90, 600, 0),
  ('runs_lost', 'warning', 3, 600, 0);

create table jobforge.alerts (
  id bigint generated always as identity primary key,
  rule text not null references jobforge.alert_rules (rule),
  subject text not null,
  tenant_id uuid,
  severity text not null,
  message text not null,
  value double precision not null,
  threshold double precision not null,
  opened_at timestamptz not null,
  seen_at timestamptz not null,
  closed_at timestamptz,
  clear_count int not null default 0,
  notified_at timestamptz,
  recovery_notified_at timestamptz
);
comment on table jobforge.alerts is
  'A subject above the threshold of a rule, from opening to closing.';
comment on column jobforge.alerts.clear_count is
  'Evaluations in a row below the threshold. The third one closes the alert.';
create unique index alerts_open_idx on jobforge.alerts (rule, subject) where closed_at is null;
create index alerts_closed_idx on jobforge.alerts (closed_at) where closed_at is not null;
create index alerts_tenant_idx on jobforge.alerts (tenant_id) where tenant_id is not null;

-- supabase/schemas/85_alerts/alerts.sql

-- List alerts.

create function jobforge.list_alerts(p_open boolean)
returns table (id bigint, rule text, subject text, tenant_id uuid, opened_at timestamptz,
  closed_at timestamptz, severity text, message text, value double precision,
  threshold double precision, notified_at timestamptz)
language plpgsql stable
security definer -- operators: reads every tenant's alerts
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  perform jobforge.require_service();
  return query
  select id, rule, subject, tenant_id, opened_at, closed_at, severity, message,
    value, threshold, coalesce(recovery_notified_at, notified_at)
  from jobforge.alerts
  where p_open is null or (closed_at is null) = p_open
  order by id desc
  limit 1000;
end
$$;
comment on function jobforge.list_alerts(boolean) is
  'Operators: returns open alerts, alerts closed in the last 30 days, or both for null. At most '
  'the newest 1,000.';

create function public.jobforge_alerts(p_open boolean default true)
returns table (id bigint, rule text, subject text, tenant_id uuid, opened_at timestamptz,
  closed_at timestamptz, severity text, message text, value double precision,
  threshold double precision, notified_at timestamptz)
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select * from jobforge.list_alerts(p_open) $$;
comment on function public.jobforge_alerts(boolean) is
  'Operators: returns open alerts, closed alerts, or both for null.';

-- supabase/schemas/85_alerts/configure_alert.sql

-- Configure an alert rule, or where notifications go.

create function jobforge.configure_delivery(p_settings jsonb)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant_id uuid;
  v_destination text := coalesce(p_settings ->> 'destination', 'default');
begin
  v_tenant_id := (p_settings ->> 'tenant_id')::uuid;
  if v_tenant_id is not null then
    perform jobforge.refuse_erased(v_tenant_id);
    if not exists (
      select from public.jobforge_connector_configs
      where tenant_id = v_tenant_id and connector = 'connector.webhook.deliver'
        and name = v_destination)
    then
      perform jobforge.fail('not_found', 'the tenant has no such connector.webhook.deliver');
    end if;
  end if;
  update jobforge.settings
  set alert_tenant_id = v_tenant_id,
    alert_destination = case when v_tenant_id is not null then v_destination end
  where id;
exception when invalid_text_representation then
  perform jobforge.fail('invalid_argument', 'tenant_id must be a uuid');
end
$$;
comment on function jobforge.configure_delivery(jsonb) is
  'Stores which webhook destination of which tenant receives notifications. {} stops them.';

create function jobforge.change_rule(p_rule text, p_settings jsonb)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_rule jobforge.alert_rules;
begin
  select (jsonb_populate_record(alert_rules, p_settings)).* into v_rule
  from jobforge.alert_rules where rule = p_rule for no key update;
  if not found then
    perform jobforge.fail('not_found', 'no such rule');
  end if;
  update jobforge.alert_rules
  set enabled = v_rule.enabled, severity = v_rule.severity, threshold = v_rule.threshold,
    window_seconds = v_rule.window_seconds, minimum = v_rule.minimum
  where rule = p_rule;
  return to_jsonb(v_rule);
exception when data_exception or integrity_constraint_violation then
  perform jobforge.fail('invalid_argument', format('p_settings: %s', sqlerrm));
  return null;
end
$$;
comment on function jobforge.change_rule(text, jsonb) is
  'Changes settings of a rule and returns all its settings.';

create function jobforge.configure_alert(p_rule text, p_settings jsonb)
returns jsonb
language plpgsql
security definer -- operators: thresholds, and where notifications go
set search_path = pg_catalog, pg_temp
as $$
declare
  v_known constant text[] := case when p_rule = 'delivery' then '{tenant_id,destination}'::text[]
    else '{enabled,severity,threshold,window_seconds,minimum}'::text[] end;
  v_unknown text;
  v_before jsonb;
  v_after jsonb;
begin
  perform jobforge.require_service();
  if p_settings is null or jsonb_typeof(p_settings) <> 'object' then
    perform jobforge.fail('invalid_argument', 'p_settings must be an object');
  end if;
  select min(setting) into v_unknown
  from jsonb_object_keys(p_settings) as setting where setting <> all (v_known);
  if v_unknown is not null then
    perform jobforge.fail('invalid_argument', format('p_settings: unknown setting %s', v_unknown));
  end if;
  if p_rule = 'delivery' then
    select jsonb_build_object('tenant_id', alert_tenant_id, 'destination', alert_destination)
    into v_before from jobforge.settings;
    perform jobforge.configure_delivery(p_settings);
    select jsonb_build_object('tenant_id', alert_tenant_id, 'destination', alert_destination)
    into v_after from jobforge.settings;
  else
    v_before := jobforge.change_rule(p_rule, '{}');
    v_after := jobforge.change_rule(p_rule, p_settings);
  end if;
  if v_after is distinct from v_before then
    perform jobforge.audit_change('configure_alert', null, p_rule, v_before, v_after);
  end if;
  return v_after;
end
$$;
comment on function jobforge.configure_alert(text, jsonb) is
  'Operators: changes settings of a rule. For delivery, sets where notifications go. Returns all '
  'settings of the rule or of delivery.';

create function public.jobforge_configure_alert(p_rule text, p_settings jsonb)
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.configure_alert(p_rule, p_settings) $$;
comment on function public.jobforge_configure_alert(text, jsonb) is
  'Operators: changes settings of a rule. For delivery, sets the tenant and the webhook '
  'destination of notifications.';

-- supabase/schemas/85_alerts/count_refusals.sql

-- Count rejected webhooks per webhook endpoint.

create table jobforge.webhook_refusals (
  config_id uuid not null,
  at timestamptz not null,
  tenant_id uuid not null,
  refused bigint not null,
  constraint webhook_refusals_pkey primary key (config_id, at)
) with (fillfactor = 70);
comment on table jobforge.webhook_refusals is
  'Webhooks that an endpoint rejected within a minute. Kept for a day.';
create index webhook_refusals_age_idx on jobforge.webhook_refusals (at);

create function jobforge.count_refusals(p_refusals jsonb)
returns int
language plpgsql
security definer -- webhook-verify: counts what it rejected
set search_path = pg_catalog, pg_temp
as $$
declare
  v_count int;
begin
  perform jobforge.require_service();
  if jsonb_typeof(p_refusals) is distinct from 'array' or jsonb_array_length(p_refusals) > 100 then
    perform jobforge.fail('invalid_argument', 'p_refusals must be an array of at most 100 entries');
  end if;
  insert into jobforge.webhook_refusals (config_id, at, tenant_id, refused)
  select jobforge_connector_configs.id, date_trunc('minute', jobforge.clock()),
    jobforge_connector_configs.tenant_id, sum(least(greatest(reported.refused, 0), 1000000))
  from jsonb_to_recordset(p_refusals) as reported (config_id uuid, refused bigint)
  join public.jobforge_connector_configs on jobforge_connector_configs.id = reported.config_id
  where jobforge_connector_configs.connector = 'webhook-verify'
  group by jobforge_connector_configs.id, jobforge_connector_configs.tenant_id
  order by jobforge_connector_configs.id
  on conflict (config_id, at) do update
  set refused = webhook_refusals.refused + excluded.refused;
  get diagnostics v_count = row_count;
  return v_count;
exception when data_exception then
  perform jobforge.fail('invalid_argument', format('p_refusals: %s', sqlerrm));
  return null;
end
$$;
comment on function jobforge.count_refusals(jsonb) is
  'Webhooks: adds to the counts of rejected webhooks, except for unknown endpoints. Returns how '
  'many endpoints it counted.';

create function public.jobforge_count_refusals(p_refusals jsonb)
returns int
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.count_refusals(p_refusals) $$;
comment on function public.jobforge_count_refusals(jsonb) is
  'Webhooks: adds to the counts of rejected webhooks, from a list of config_id and refused.';

-- supabase/schemas/85_alerts/evaluate_alerts.sql

-- Evaluate alerts once a minute, each rule in a block of its own. The error of one stops no other.

create function jobforge.evaluate_rule(p_rule jobforge.alert_rules, p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_readings jobforge.reading[];
begin
  -- The highest value per subject. Open alerts come first, so that many new ones close none.
  select array_agg(chosen.reading) into v_readings
  from (
    select row(highest.subject, highest.tenant_id, highest.value, highest.message)::jobforge.reading
      as reading
    from (
      select distinct on (reading.subject) reading.*
      from jobforge.readings(p_rule, p_now) as reading
      where reading.value >= p_rule.threshold
      order by reading.subject, reading.value desc
    ) as highest
    left join jobforge.alerts
      on alerts.rule = p_rule.rule and alerts.subject = highest.subject
        and alerts.closed_at is null
    order by alerts.id is null, highest.value desc
    limit 100
  ) as chosen;
  update jobforge.alerts
  set clear_count = 0, seen_at = p_now, value = reading.value, message = reading.message
  from unnest(v_readings) as reading
  where alerts.rule = p_rule.rule and alerts.subject = reading.subject
    and alerts.closed_at is null;
  insert into jobforge.alerts
    (rule, subject, tenant_id, severity, message, value, threshold, opened_at, seen_at)
  select p_rule.rule, reading.subject, reading.tenant_id, p_rule.severity, reading.message,
    reading.value, p_rule.threshold, p_now, p_now
  from unnest(v_readings) as reading
  where p_rule.enabled
  on conflict (rule, subject) where closed_at is null do nothing;
  update jobforge.alerts
  set clear_count = clear_count + 1,
    closed_at = case when clear_count >= 2 or not p_rule.enabled then p_now end
  where rule = p_rule.rule and closed_at is null
    and (seen_at < p_now or not p_rule.enabled);
end
$$;
comment on function jobforge.evaluate_rule(jobforge.alert_rules, timestamptz) is
  'Opens alerts at the threshold. Closes alerts after three evaluations in a row below it.';

create function jobforge.evaluate_alerts(p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_rule jobforge.alert_rules;
begin
  perform from jobforge.roll_up_progress
  where id and alerts_evaluated_at <= p_now - interval '55 seconds'
  for no key update skip locked;
  if not found then
    return;
  end if;
  update jobforge.roll_up_progress set alerts_evaluated_at = p_now where id;
  perform jobforge.observe_volumes(p_now);
  perform jobforge.observe_schedules(p_now);
  for v_rule in select * from jobforge.alert_rules order by rule loop
    begin
      perform jobforge.evaluate_rule(v_rule, p_now);
    exception when others then
      raise warning 'jobforge: alert rule % failed with %', v_rule.rule, sqlstate;
    end;
  end loop;
  begin
    perform jobforge.send_notifications(p_now);
  exception when others then
    raise warning 'jobforge: alert notifications failed with %', sqlstate;
  end;
  delete from jobforge.alerts where closed_at < p_now - interval '30 days';
  delete from jobforge.webhook_refusals where at < p_now - interval '1 day';
  delete from jobforge.enqueue_volumes
  where not exists (
    select from public.jobforge_queues as q where q.id = enqueue_volumes.queue_id);
end
$$;
comment on function jobforge.evaluate_alerts(timestamptz) is
  'Once a minute: evaluates the rules, sends notifications, deletes alerts closed 30 days ago.';

-- supabase/schemas/85_alerts/notify.sql

-- Alert notifications.
--
-- A notification is a webhook delivery: a job like any other, signed and retried. Its idempotency
-- key prevents a second one.

create function jobforge.notify_operator(p_alert jobforge.alerts, p_settings jobforge.settings)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_event constant text := case when p_alert.closed_at is null then 'opened' else 'closed' end;
begin
  perform jobforge.enqueue(p_settings.alert_tenant_id, array[row(
    'connector.webhook.deliver',
    jsonb_build_object('destination', p_settings.alert_destination,
      'event_type', 'jobforge.alert.' || v_event,
      'data', jsonb_build_object('id', p_alert.id, 'rule', p_alert.rule,
        'subject', p_alert.subject, 'tenant_id', p_alert.tenant_id,
        'severity', p_alert.severity, 'message', p_alert.message, 'value', p_alert.value,
        'threshold', p_alert.threshold, 'opened_at', p_alert.opened_at,
        'closed_at', p_alert.closed_at)),
    format('jobforge alert %s %s', p_alert.id, v_event),
    null, null, null, null, null, null, null)::jobforge.new_job]);
end
$$;
comment on function jobforge.notify_operator(jobforge.alerts, jobforge.settings) is
  'Enqueues the notification of an alert that opened or closed.';

create function jobforge.send_notifications(p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '200ms'
as $$
declare
  v_settings jobforge.settings;
  v_alert jobforge.alerts;
begin
  select * into v_settings from jobforge.settings;
  if v_settings.alert_tenant_id is null then
    return;
  end if;
  -- A closing is sent only after its opening was. An alert that closed unsent needs neither.
  for v_alert in
    select * from jobforge.alerts where closed_at is null and notified_at is null
    union all
    select * from jobforge.alerts
    where closed_at > p_now - interval '1 day' and notified_at is not null
      and recovery_notified_at is null
    order by id
    limit 20
  loop
    perform jobforge.notify_operator(v_alert, v_settings);
    update jobforge.alerts
    set notified_at = coalesce(notified_at, p_now),
      recovery_notified_at = case when closed_at is not null then p_now end
    where id = v_alert.id;
  end loop;
end
$$;
comment on function jobforge.send_notifications(timestamptz) is
  'Notifies the operator of alerts that opened or closed, at most 20 a minute.';

-- supabase/schemas/85_alerts/observations.sql

-- Observations: values that alert rules compare between two evaluations.

create table jobforge.enqueue_volumes (
  queue_id int primary key,
  enqueued bigint not null,
  at timestamptz not null,
  per_minute double precision not null default 0,
  usual_per_minute double precision not null default 0
) with (fillfactor = 50);
comment on table jobforge.enqueue_volumes is
  'How many jobs were ever enqueued into a queue, and how many a minute since the evaluation '
  'before. The usual number is a mean in which the last hour counts for two thirds.';

create table jobforge.schedule_missed_totals (
  schedule_id uuid primary key references public.jobforge_schedules (id) on delete cascade,
  missed bigint not null,
  at timestamptz
);
comment on table jobforge.schedule_missed_totals is
  'Occurrences that a schedule missed or failed, and when that number last rose.';

create function jobforge.observe_volumes(p_now timestamptz)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  insert into jobforge.enqueue_volumes (queue_id, enqueued, at)
  select active.queue_id, coalesce(sum(queue_tallies.total), 0), p_now
  from (
    select busy as queue_id from jobforge.busy_queues(1000) as busy
    union
    (select distinct queue_id from jobforge.metrics_by_minute
      where at >= p_now - interval '3 minutes' and queue_id > 0 limit 1000)
  ) as active
  left join jobforge.queue_tallies
    on queue_tallies.queue_id = active.queue_id and queue_tallies.side = 'e'
  group by active.queue_id
  order by active.queue_id
  on conflict (queue_id) do update
  set enqueued = excluded.enqueued, at = excluded.at,
    per_minute = (excluded.enqueued - enqueue_volumes.enqueued)
      / greatest(extract(epoch from excluded.at - enqueue_volumes.at)::float8 / 60, 1),
    -- The mean moves by the time that passed. It takes in the minutes before, not the newest.
    usual_per_minute = enqueue_volumes.usual_per_minute
      + (enqueue_volumes.per_minute - enqueue_volumes.usual_per_minute)
      * (1 - exp(-extract(epoch from excluded.at - enqueue_volumes.at)::float8 / 3600))
$$;
comment on function jobforge.observe_volumes(timestamptz) is
  'Stores how many jobs were enqueued into queues that are busy or were in the last 3 minutes.';

create function jobforge.observe_schedules(p_now timestamptz)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  insert into jobforge.schedule_missed_totals (schedule_id, missed, at)
  select counted.id, counted.total, case when counted.total > 0 then p_now end
  from (
    select id, missed + failed as total from public.jobforge_schedules
  ) as counted
  left join jobforge.schedule_missed_totals on schedule_missed_totals.schedule_id = counted.id
  where schedule_missed_totals.missed is distinct from counted.total
  order by counted.id
  limit 5000
  on conflict (schedule_id) do update set missed = excluded.missed, at = p_now
$$;
comment on function jobforge.observe_schedules(timestamptz) is
  'Stores which schedules missed or failed an occurrence since the evaluation before.';

-- supabase/schemas/85_alerts/readings.sql

-- Readings: the values that alert rules compare with their thresholds.
--
-- Each function reads little: metrics by minute, busy queues or the newest runs. None counts jobs.

create type jobforge.reading as (
  subject text,
  tenant_id uuid,
  value double precision,
  message text
);
comment on type jobforge.reading is
  'A subject, the value that a rule compares with its threshold, and a message.';

create function jobforge.find_failing_jobs(p_rule jobforge.alert_rules, p_now timestamptz)
returns setof jobforge.reading
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select type, null::uuid,
    sum(failed + dead)::float8 / sum(succeeded + failed + dead)::float8,
    format('%s of %s jobs of type %s failed or died', sum(failed + dead),
      sum(succeeded + failed + dead), type)
  from jobforge.metrics_by_minute
  where queue_id = 0 and at >= p_now - make_interval(secs => p_rule.window_seconds)
  group by type
  having sum(succeeded + failed + dead) >= greatest(p_rule.minimum, 1)
$$;
comment on function jobforge.find_failing_jobs(jobforge.alert_rules, timestamptz) is
  'Returns per job type the share of jobs that failed or died among those finished in the window.';

create function jobforge.find_waiting_queues(p_rule jobforge.alert_rules, p_now timestamptz)
returns setof jobforge.reading
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select q.tenant_id || '/' || q.queue, q.tenant_id, waiting.seconds,
    format('the oldest ready job has been waiting for %s s', round(waiting.seconds))
  from jobforge.waiting_queues(p_now) as waiting
  join public.jobforge_queues as q on q.id = waiting.queue_id
  where waiting.seconds >= p_rule.threshold
$$;
comment on function jobforge.find_waiting_queues(jobforge.alert_rules, timestamptz) is
  'Returns per queue that is not paused for how many seconds its oldest ready job has waited.';

create function jobforge.recent_runs()
returns setof jobforge.runs
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select r.* from jobforge.runs as r order by r.id desc limit 2000 $$;
comment on function jobforge.recent_runs() is 'Returns the newest runs.';

create function jobforge.find_lost_runs(
  p_rule jobforge.alert_rules, p_state text, p_now timestamptz)
returns setof jobforge.reading
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select 'worker', null::uuid, count(*)::float8,
    format('%s runs were %s', count(*), p_state)
  from jobforge.recent_runs() as recent
  where recent.state = p_state
    and recent.ended_at > p_now - make_interval(secs => p_rule.window_seconds)
$$;
comment on function jobforge.find_lost_runs(jobforge.alert_rules, text, timestamptz) is
  'Returns how many runs were lost, or undelivered, within the window.';

create function jobforge.find_work_without_runs(p_rule jobforge.alert_rules, p_now timestamptz)
returns setof jobforge.reading
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- For how long there has been work that can start, and no run that polled for it.
  select 'worker', null::uuid, unclaimed.seconds,
    format('work has been waiting for %s s and no run claims it', round(unclaimed.seconds))
  from (
    select extract(epoch from p_now - greatest(
      -- A full run does not poll, so a live run that holds jobs counts as one that did.
      (select max(case
          when recent.state = 'live' and recent.held > 0 and recent.lease_expires_at > p_now
          then p_now else greatest(recent.started_at, recent.polled_at) end)
        from jobforge.recent_runs() as recent),
      p_now - make_interval(secs => max(waiting.seconds))))::float8 as seconds
    from jobforge.waiting_queues(p_now) as waiting
    join public.jobforge_queues as q on q.id = waiting.queue_id
    where jobforge.available_starts(q, p_now) > 0
    having max(waiting.seconds) is not null
  ) as unclaimed
$$;
comment on function jobforge.find_work_without_runs(jobforge.alert_rules, timestamptz) is
  'Returns for how many seconds jobs that can start have waited without a run that claims them.';

create function jobforge.find_missed_schedules(p_rule jobforge.alert_rules, p_now timestamptz)
returns setof jobforge.reading
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- A cron schedule without a next occurrence is late when no worker has filled its calendar.
  select 'schedule ' || late.id, late.tenant_id,
    extract(epoch from p_now - coalesce(late.next_at, late.refill_at))::float8,
    format('schedule %s is late', late.name)
  from (
    select * from public.jobforge_schedules
    where not paused and next_at < p_now - make_interval(secs => p_rule.threshold)
    union
    select * from public.jobforge_schedules
    where not paused and problem is null and next_at is null
      and refill_at < p_now - make_interval(secs => p_rule.threshold)
    limit 1000
  ) as late
  union all
  select 'schedule ' || jobforge_schedules.id, jobforge_schedules.tenant_id, p_rule.threshold,
    format('schedule %s missed or failed an occurrence', jobforge_schedules.name)
  from jobforge.schedule_missed_totals
  join public.jobforge_schedules on jobforge_schedules.id = schedule_missed_totals.schedule_id
  where schedule_missed_totals.at > p_now - make_interval(secs => p_rule.window_seconds)
$$;
comment on function jobforge.find_missed_schedules(jobforge.alert_rules, timestamptz) is
  'Returns per schedule how many seconds it is late. A missed or failed occurrence counts as the '
  'threshold.';

create function jobforge.find_refused_signatures(p_rule jobforge.alert_rules, p_now timestamptz)
returns setof jobforge.reading
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select 'endpoint ' || config_id, tenant_id, sum(refused)::float8,
    format('%s webhooks to this endpoint were rejected', sum(refused))
  from jobforge.webhook_refusals
  where at >= p_now - make_interval(secs => p_rule.window_seconds)
  group by config_id, tenant_id
$$;
comment on function jobforge.find_refused_signatures(jobforge.alert_rules, timestamptz) is
  'Returns per webhook endpoint how many webhooks it rejected within the window.';

create function jobforge.find_unusual_volumes(p_rule jobforge.alert_rules, p_now timestamptz)
returns setof jobforge.reading
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select q.tenant_id || '/' || q.queue, q.tenant_id,
    enqueue_volumes.per_minute / greatest(
      enqueue_volumes.usual_per_minute, p_rule.minimum / p_rule.threshold, 1e-9),
    format('%s jobs a minute are enqueued, where %s are usual', round(enqueue_volumes.per_minute),
      round(enqueue_volumes.usual_per_minute))
  from jobforge.enqueue_volumes
  join public.jobforge_queues as q on q.id = enqueue_volumes.queue_id
  where enqueue_volumes.at > p_now - interval '5 minutes'
    and enqueue_volumes.per_minute >= p_rule.minimum
$$;
comment on function jobforge.find_unusual_volumes(jobforge.alert_rules, timestamptz) is
  'Returns per queue how many times its usual volume is enqueued.';

create function jobforge.find_old_secrets(p_rule jobforge.alert_rules, p_now timestamptz)
returns setof jobforge.reading
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select aged.tenant_id || '/' || aged.name, aged.tenant_id,
    extract(epoch from p_now - aged.created_at)::float8 / 86400,
    format('secret %s was set %s days ago', aged.name,
      floor(extract(epoch from p_now - aged.created_at) / 86400))
  from (
    select * from jobforge.secrets
    where vault_id is not null
      and created_at <= p_now - make_interval(secs => p_rule.threshold * 86400)
    order by created_at limit 1000
  ) as aged
  where not exists (
    select from jobforge.secrets
    where secrets.tenant_id = aged.tenant_id and secrets.name = aged.name
      and secrets.version > aged.version and secrets.vault_id is not null)
$$;
comment on function jobforge.find_old_secrets(jobforge.alert_rules, timestamptz) is
  'Returns per secret how many days ago its newest version was set.';

create function jobforge.readings(p_rule jobforge.alert_rules, p_now timestamptz)
returns setof jobforge.reading
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  case p_rule.rule
    when 'jobs_failing' then
      return query select * from jobforge.find_failing_jobs(p_rule, p_now);
    when 'queue_waiting' then
      return query select * from jobforge.find_waiting_queues(p_rule, p_now);
    when 'tickets_undelivered' then
      return query select * from jobforge.find_lost_runs(p_rule, 'undelivered', p_now);
    when 'runs_lost' then
      return query select * from jobforge.find_lost_runs(p_rule, 'lost', p_now);
    when 'no_successful_run' then
      return query select * from jobforge.find_work_without_runs(p_rule, p_now);
    when 'schedule_missed' then
      return query select * from jobforge.find_missed_schedules(p_rule, p_now);
    when 'signatures_refused' then
      return query select * from jobforge.find_refused_signatures(p_rule, p_now);
    when 'enqueue_volume' then
      return query select * from jobforge.find_unusual_volumes(p_rule, p_now);
    when 'secret_old' then
      return query select * from jobforge.find_old_secrets(p_rule, p_now);
  end case;
end
$$;
comment on function jobforge.readings(jobforge.alert_rules, timestamptz) is
  'Returns the subjects and values of a rule now.';

-- supabase/schemas/87_tenants/00_erasures.sql

-- Erasures of tenants.
--
-- An erasure closes the tenant first. Its queues get an alias as their tenant, so that enqueues
-- find none. New rows for the tenant are rejected. Then it deletes in batches until no row has the
-- tenant's ID. Its certificate stays.

create table jobforge.erasures (
  id bigint generated always as identity primary key,
  tenant_hash bytea not null,
  tenant_id uuid,
  alias_id uuid,
  started_at timestamptz not null,
  finished_at timestamptz,
  readmitted_at timestamptz,
  counts jsonb not null default '{}',
  audit_digest text,
  certificate_hash text,
  constraint tenant_known_until_finished check (
    (finished_at is null) = (tenant_id is not null)
    and (finished_at is null) = (alias_id is not null)),
  constraint certificate_when_finished check ((finished_at is null) = (certificate_hash is null)),
  constraint readmitted_after_finished check (readmitted_at is null or finished_at is not null)
);
comment on table jobforge.erasures is
  'An erasure of a tenant: its progress, then its certificate. A finished erasure has only a hash '
  'of the tenant''s ID.';
comment on column jobforge.erasures.alias_id is
  'Replaces the tenant''s ID in its queues, so that no enqueue finds them.';
create unique index erasures_closed_idx on jobforge.erasures (tenant_hash)
  where readmitted_at is null;
create index erasures_unfinished_idx on jobforge.erasures (id) where finished_at is null;

create function jobforge.tenant_hash(p_tenant_id uuid)
returns bytea
language sql immutable
set search_path = pg_catalog, pg_temp
as $$ select sha256(convert_to('jobforge erased tenant ' || p_tenant_id, 'UTF8')) $$;
comment on function jobforge.tenant_hash(uuid) is
  'Returns the hash that identifies an erased tenant. A random ID cannot be computed from it.';

create function jobforge.refuse_erased(p_tenant_id uuid)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- All that create rows for a tenant share this lock. An erasure that begins waits for them.
  perform pg_advisory_xact_lock_shared(1246708293, hashtext(p_tenant_id::text));
  if exists (
    select from jobforge.erasures
    where tenant_hash = jobforge.tenant_hash(p_tenant_id) and readmitted_at is null)
  then
    perform jobforge.fail('tenant_erased', 'the tenant was erased: an operator can readmit it');
  end if;
end
$$;
comment on function jobforge.refuse_erased(uuid) is
  'Throws tenant_erased for a tenant that was or is being erased. Called before a row is created '
  'for a tenant.';

create function jobforge.erasure_certificate(p_erasure jobforge.erasures)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object('erasure', p_erasure.id,
    'tenant_hash', encode(p_erasure.tenant_hash, 'hex'),
    'started_at', to_char(
      p_erasure.started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'finished_at', to_char(
      p_erasure.finished_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'counts', p_erasure.counts, 'audit_digest', p_erasure.audit_digest)
$$;
comment on function jobforge.erasure_certificate(jobforge.erasures) is
  'Returns the certificate of a finished erasure. certificate_hash is the SHA-256 of its text.';

create function jobforge.erased_entries_digest(p_erasure_id bigint)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select encode(sha256(coalesce(string_agg(
    int8send(jobforge_audit_log.id) || audit_seals.digest, ''::bytea
    order by jobforge_audit_log.id), ''::bytea)), 'hex')
  from public.jobforge_audit_log
  join jobforge.audit_seals on audit_seals.entry_id = jobforge_audit_log.id
  where jobforge_audit_log.erasure_id = p_erasure_id
$$;
comment on function jobforge.erased_entries_digest(bigint) is
  'Returns a digest of the audit entries from which an erasure removed the tenant.';

-- supabase/schemas/87_tenants/close_tenant.sql

-- Close a tenant: the first step of an erasure.

create function jobforge.close_tenant(p_erasure jobforge.erasures)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_queue_id int;
begin
  for v_queue_id in
    select q.id from public.jobforge_queues as q
    where q.tenant_id = p_erasure.tenant_id
    order by q.id
  loop
    -- An enqueue holds this lock until its commit. A later enqueue finds the alias.
    perform pg_advisory_xact_lock(jobforge.parking_lock(), v_queue_id);
    update public.jobforge_queues as q
    set tenant_id = p_erasure.alias_id, paused = true, runnable = false, wake_at = null
    where q.id = v_queue_id;
  end loop;
  update public.jobforge_jobs as j set cancel_requested_at = jobforge.clock()
  where j.tenant_id = p_erasure.tenant_id and j.status = 'running'
    and j.cancel_requested_at is null;
end
$$;
comment on function jobforge.close_tenant(jobforge.erasures) is
  'Gives the queues of the tenant to the alias, and asks its running jobs to stop.';

create function jobforge.begin_erasure(p_tenant_id uuid)
returns jobforge.erasures
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_erasure jobforge.erasures;
begin
  perform pg_advisory_xact_lock(1246708293, hashtext(p_tenant_id::text));
  select * into v_erasure from jobforge.erasures
  where tenant_hash = jobforge.tenant_hash(p_tenant_id) and readmitted_at is null
  for no key update;
  if not found then
    insert into jobforge.erasures (tenant_hash, tenant_id, alias_id, started_at)
    values (jobforge.tenant_hash(p_tenant_id), p_tenant_id, gen_random_uuid(), jobforge.clock())
    returning * into v_erasure;
    perform jobforge.audit('begin_erasure', null, 'erasure ' || v_erasure.id, null);
  end if;
  return v_erasure;
end
$$;
comment on function jobforge.begin_erasure(uuid) is
  'Locks and returns the erasure of the tenant: the present one, the last one, or a new one.';

-- supabase/schemas/87_tenants/erase_tenant.sql

-- Erase a tenant, batch by batch.

create function jobforge.finish_erasure(p_erasure jobforge.erasures)
returns jobforge.erasures
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_erasure jobforge.erasures := p_erasure;
begin
  v_erasure.counts := v_erasure.counts || jobforge.erase_traces(p_erasure.tenant_id);
  v_erasure.finished_at := jobforge.clock();
  v_erasure.audit_digest := jobforge.erased_entries_digest(p_erasure.id);
  v_erasure.certificate_hash :=
    encode(sha256(convert_to(jobforge.erasure_certificate(v_erasure)::text, 'UTF8')), 'hex');
  update jobforge.erasures
  set tenant_id = null, alias_id = null, counts = v_erasure.counts,
    finished_at = v_erasure.finished_at, audit_digest = v_erasure.audit_digest,
    certificate_hash = v_erasure.certificate_hash
  where id = p_erasure.id
  returning * into v_erasure;
  perform jobforge.audit('erase_tenant', null, 'erasure ' || v_erasure.id,
    jobforge.erasure_certificate(v_erasure)
      || jsonb_build_object('certificate_hash', v_erasure.certificate_hash));
  return v_erasure;
end
$$;
comment on function jobforge.finish_erasure(jobforge.erasures) is
  'Deletes the last traces and the tenant''s ID, and writes the certificate.';

create function jobforge.erase_batch(p_erasure jobforge.erasures, p_limit int)
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_erasure jobforge.erasures := p_erasure;
  v_batch jsonb;
  v_count bigint;
begin
  perform jobforge.close_tenant(p_erasure);
  v_batch := jobforge.erase_rows(p_erasure, p_limit);
  select sum(erased.value::bigint) into v_count from jsonb_each_text(v_batch) as erased;
  select jsonb_object_agg(relation, coalesce((p_erasure.counts ->> relation)::bigint, 0)
    + coalesce((v_batch ->> relation)::bigint, 0))
  into v_erasure.counts
  from jsonb_object_keys(p_erasure.counts || v_batch) as relation;
  update jobforge.erasures set counts = v_erasure.counts where id = p_erasure.id;
  if v_count >= p_limit then
    return 'erasing';
  elsif jobforge.has_tenant_rows(p_erasure) then
    return 'waiting';
  end if;
  perform jobforge.finish_erasure(v_erasure);
  return 'finished';
end
$$;
comment on function jobforge.erase_batch(jobforge.erasures, int) is
  'Runs one batch of an erasure. Returns erasing, waiting (for running jobs or open transactions) '
  'or finished.';

create function jobforge.erase_tenant(p_tenant_id uuid, p_limit int)
returns jsonb
language plpgsql
security definer -- deletes everything about a tenant
set search_path = pg_catalog, pg_temp
set lock_timeout = '500ms'
as $$
declare
  v_erasure jobforge.erasures;
  v_state text;
begin
  perform jobforge.require_service();
  if p_tenant_id is null or coalesce(p_limit, 0) not between 1 and 10000 then
    perform jobforge.fail('invalid_argument',
      'p_tenant_id is needed, and p_limit must be from 1 to 10000');
  end if;
  begin
    v_erasure := jobforge.begin_erasure(p_tenant_id);
  exception when lock_not_available then
    return jsonb_build_object('state', 'waiting');
  end;
  if v_erasure.finished_at is null then
    begin
      v_state := jobforge.erase_batch(v_erasure, p_limit);
    exception when lock_not_available then
      v_state := 'waiting';
    end;
    select * into v_erasure from jobforge.erasures where id = v_erasure.id;
  end if;
  return jobforge.erasure_certificate(v_erasure) || jsonb_build_object(
    'state', coalesce(v_state, 'finished'), 'certificate_hash', v_erasure.certificate_hash);
end
$$;
comment on function jobforge.erase_tenant(uuid, int) is
  'Operators: begins to erase a tenant or runs the next batch. Call it until the state is '
  'finished.';

create function public.jobforge_erase_tenant(p_tenant_id uuid, p_limit int default 1000)
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.erase_tenant(p_tenant_id, p_limit) $$;
comment on function public.jobforge_erase_tenant(uuid, int) is
  'Operators: erases everything about a tenant, batch by batch, until the state is finished.';

create function jobforge.continue_erasures(p_limit int)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '100ms'
as $$
declare
  v_erasure jobforge.erasures;
begin
  for v_erasure in
    select * from jobforge.erasures where finished_at is null
    order by id
    limit 5
    for no key update skip locked
  loop
    begin
      perform jobforge.erase_batch(v_erasure, p_limit);
    exception when lock_not_available then
      continue;
    end;
  end loop;
end
$$;
comment on function jobforge.continue_erasures(int) is
  'Runs the next batch of unfinished erasures, also without further calls of the operator.';

-- supabase/schemas/87_tenants/erasure_steps.sql

-- The steps of an erasure. The catalog lists the tables with a column tenant_id, so that none is
-- left out.

create function jobforge.tables_of_tenants()
returns setof regclass
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select pg_class.oid::regclass
  from pg_class
  join pg_namespace on pg_namespace.oid = pg_class.relnamespace
  join pg_attribute on pg_attribute.attrelid = pg_class.oid
    and pg_attribute.attname = 'tenant_id' and not pg_attribute.attisdropped
  where pg_class.relkind in ('r', 'p')
    and (pg_namespace.nspname = 'jobforge'
      or pg_namespace.nspname = 'public' and pg_class.relname like 'jobforge\_%')
    and pg_class.oid not in ('jobforge.erasures'::regclass, 'public.jobforge_audit_log'::regclass,
      'public.jobforge_jobs'::regclass, 'public.jobforge_queues'::regclass)
  order by pg_class.oid::regclass::text
$$;
comment on function jobforge.tables_of_tenants() is
  'Returns the tables with rows of tenants, except those with an erasure step of their own.';

create function jobforge.delete_tenant_rows(p_table regclass, p_tenant_id uuid, p_limit int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_count int;
begin
  execute format('delete from %s where ctid = any (array(
    select ctid from %1$s where tenant_id = $1 limit $2 for update skip locked))', p_table)
  using p_tenant_id, p_limit;
  get diagnostics v_count = row_count;
  return v_count;
exception when foreign_key_violation then
  return 0; -- a later batch deletes them, after the rows that refer to them
end
$$;
comment on function jobforge.delete_tenant_rows(regclass, uuid, int) is
  'Deletes up to p_limit rows of a tenant from one table.';

create function jobforge.erase_audit_entries(p_erasure jobforge.erasures, p_limit int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_count int;
begin
  with taken as materialized (
    select id from public.jobforge_audit_log
    where tenant_id = p_erasure.tenant_id
    limit p_limit
    for no key update skip locked
  ),
  unsalted as (
    update jobforge.audit_seals set salt = null from taken where audit_seals.entry_id = taken.id
  )
  update public.jobforge_audit_log
  set subject = null, tenant_id = null, target = null, detail = null, erasure_id = p_erasure.id
  from taken
  where jobforge_audit_log.id = taken.id;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function jobforge.erase_audit_entries(jobforge.erasures, int) is
  'Removes the tenant and its users from audit entries. Role, action and time stay.';

create function jobforge.erase_queues(p_erasure jobforge.erasures)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_ids constant int[] := (
    select array_agg(q.id) from public.jobforge_queues as q
    where q.tenant_id = p_erasure.alias_id);
begin
  delete from jobforge.wakeups where queue_id = any (v_ids);
  delete from jobforge.queue_tallies where queue_id = any (v_ids);
  delete from jobforge.metrics_by_minute where queue_id = any (v_ids);
  delete from jobforge.enqueue_volumes where queue_id = any (v_ids);
  delete from public.jobforge_queues as q where q.id = any (v_ids);
  return coalesce(cardinality(v_ids), 0);
end
$$;
comment on function jobforge.erase_queues(jobforge.erasures) is
  'Deletes the queues of the alias, with their counters.';

create function jobforge.erase_rows(p_erasure jobforge.erasures, p_limit int)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_counts jsonb := '{}'::jsonb;
  v_left int := p_limit;
  v_count int;
  v_table regclass;
begin
  with taken as materialized (
    select j.id from public.jobforge_jobs as j
    where j.tenant_id = p_erasure.tenant_id and j.status <> 'running'
    limit p_limit
    for update skip locked
  )
  delete from public.jobforge_jobs as j using taken
  where j.tenant_id = p_erasure.tenant_id and j.id = taken.id;
  get diagnostics v_count = row_count;
  v_counts := jsonb_build_object('public.jobforge_jobs', v_count);
  v_left := v_left - v_count;
  for v_table in select tenant_table from jobforge.tables_of_tenants() as tenant_table loop
    exit when v_left <= 0;
    v_count := jobforge.delete_tenant_rows(v_table, p_erasure.tenant_id, v_left);
    v_counts := v_counts || jsonb_build_object(v_table::text, v_count);
    v_left := v_left - v_count;
  end loop;
  if v_left > 0 and not exists (
    select from public.jobforge_jobs as j where j.tenant_id = p_erasure.tenant_id)
  then
    v_counts := v_counts || jsonb_build_object(
      'public.jobforge_queues', jobforge.erase_queues(p_erasure),
      'public.jobforge_audit_log', jobforge.erase_audit_entries(p_erasure, v_left));
  end if;
  return v_counts;
end
$$;
comment on function jobforge.erase_rows(jobforge.erasures, int) is
  'Deletes up to p_limit rows of the tenant, jobs first. Running jobs stay until they finish.';

create function jobforge.erase_traces(p_tenant_id uuid)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_counts jsonb := '{}'::jsonb;
  v_count int;
  v_trace record;
begin
  -- Tables of other extensions, if they exist: secrets, calls and histories.
  for v_trace in
    select traces.relation, traces.condition
    from (values
      ('vault.secrets', $c$name like 'jobforge/' || $1 || '/%'$c$),
      ('net.http_request_queue', $c$position(convert_to($1, 'UTF8') in body) > 0
        or position($1 in concat(url, headers)) > 0$c$),
      ('net._http_response', $c$position($1 in concat(content, headers, error_msg)) > 0$c$),
      ('cron.job_run_details', $c$position($1 in concat(command, return_message)) > 0$c$)
    ) as traces (relation, condition)
    where to_regclass(traces.relation) is not null
  loop
    execute format('delete from %s where %s', v_trace.relation, v_trace.condition)
    using p_tenant_id::text;
    get diagnostics v_count = row_count;
    v_counts := v_counts || jsonb_build_object(v_trace.relation, v_count);
  end loop;
  update jobforge.retention set at_tenant = null, after_id = null
  where at_tenant = p_tenant_id;
  -- Alert notifications are jobs of the operator's own tenant.
  delete from public.jobforge_jobs as j using jobforge.settings
  where j.tenant_id = settings.alert_tenant_id and j.finished_at is not null
    and j.type = 'connector.webhook.deliver'
    and j.payload #>> '{data,tenant_id}' = p_tenant_id::text;
  update jobforge.settings set alert_tenant_id = null, alert_destination = null
  where alert_tenant_id = p_tenant_id;
  return v_counts;
end
$$;
comment on function jobforge.erase_traces(uuid) is
  'Deletes what Vault, pg_net and pg_cron store about a tenant.';

create function jobforge.has_tenant_rows(p_erasure jobforge.erasures)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_table regclass;
  v_found boolean;
begin
  for v_table in
    select tenant_table from jobforge.tables_of_tenants() as tenant_table
    union all
    select tenant_table
    from unnest('{public.jobforge_jobs,public.jobforge_queues,public.jobforge_audit_log}'
      ::regclass[]) as tenant_table
  loop
    execute format('select exists (select from %s where tenant_id = any ($1))', v_table)
    into v_found using array[p_erasure.tenant_id, p_erasure.alias_id];
    if v_found then
      return true;
    end if;
  end loop;
  return false;
end
$$;
comment on function jobforge.has_tenant_rows(jobforge.erasures) is
  'Whether any table still has a row of the tenant.';

-- supabase/schemas/87_tenants/readmit_tenant.sql

-- Readmit an erased tenant.

create function jobforge.readmit_tenant(p_tenant_id uuid)
returns void
language plpgsql
security definer -- readmits a tenant
set search_path = pg_catalog, pg_temp
as $$
declare
  v_erasure jobforge.erasures;
begin
  perform jobforge.require_service();
  select * into v_erasure from jobforge.erasures
  where tenant_hash = jobforge.tenant_hash(p_tenant_id) and readmitted_at is null
  for no key update;
  if not found then
    perform jobforge.fail('not_found', 'the tenant was not erased');
  elsif v_erasure.finished_at is null then
    perform jobforge.fail('wrong_state', 'the erasure has not finished');
  end if;
  update jobforge.erasures set readmitted_at = jobforge.clock() where id = v_erasure.id;
  perform jobforge.audit('readmit_tenant', p_tenant_id, 'erasure ' || v_erasure.id, null);
end
$$;
comment on function jobforge.readmit_tenant(uuid) is
  'Operators: lets an erased tenant enqueue again. Its erased rows stay erased.';

create function public.jobforge_readmit_tenant(p_tenant_id uuid)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.readmit_tenant(p_tenant_id) $$;
comment on function public.jobforge_readmit_tenant(uuid) is
  'Operators: lets an erased tenant enqueue again.';

-- supabase/schemas/99_rights.sql

-- Rights. Default deny, derived from the catalog.
--
-- No API role, service_role included, may write a table: every change goes through a function that
-- checks. The first word of a function's comment is its audience. A public function or a SECURITY
-- DEFINER function without a known audience fails here. docs/rights.md lists every function with
-- its audience and reason, and a test compares that page with the catalog.

create function jobforge.audiences()
returns table (audience text, roles text[])
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  values
    ('Users', '{authenticated,service_role}'::text[]),
    ('Policies', '{authenticated,service_role}'), -- policies and wrappers run as the caller
    ('Workers', '{service_role}'),
    ('Webhooks', '{service_role}'),
    ('Operators', '{service_role}'),
    ('Database', '{}') -- triggers and pg_cron
$$;
comment on function jobforge.audiences() is
  'Every audience of functions, with the roles that may call them.';

create function jobforge.function_rights()
returns table (function regprocedure, audience text, roles text[])
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select pg_proc.oid::regprocedure, named.audience,
    case when named.audience is null and not pg_proc.prosecdef
        and pg_proc.pronamespace = 'jobforge'::regnamespace then '{}'
      else known.roles end
  from pg_proc
  cross join lateral (
    select substring(obj_description(pg_proc.oid, 'pg_proc') from '^([A-Z][a-z]*): ')
  ) as named (audience)
  left join jobforge.audiences() as known on known.audience = named.audience
  where pg_proc.pronamespace = 'jobforge'::regnamespace
    or pg_proc.pronamespace = 'public'::regnamespace and pg_proc.proname like 'jobforge\_%'
$$;
comment on function jobforge.function_rights() is
  'The roles that may call each function of JobForge. They are null when it lacks a known '
  'audience.';

create function jobforge.grant_functions()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_unknown constant text := (
    select string_agg(rights.function::text, ', ') from jobforge.function_rights() as rights
    where rights.roles is null);
  v_right record;
begin
  if v_unknown is not null then
    raise exception using
      message = 'the comment of a function must begin with its audience: ' || v_unknown,
      hint = (
        select 'Audiences are ' || string_agg(known.audience, ', ')
        from jobforge.audiences() as known);
  end if;
  for v_right in select * from jobforge.function_rights() loop
    execute format('revoke all on function %s from public, anon, authenticated, service_role',
      v_right.function);
    if v_right.roles <> '{}' then
      execute format('grant execute on function %s to %s',
        v_right.function, array_to_string(v_right.roles, ', '));
    end if;
  end loop;
end
$$;
comment on function jobforge.grant_functions() is 'Grants each function to its audience alone.';

create function jobforge.grant_tables()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_relation record;
begin
  for v_relation in
    select pg_class.oid::regclass as name, pg_class.relkind from pg_class
    where pg_class.relkind in ('r', 'p', 'v', 'S')
      and (pg_class.relnamespace = 'jobforge'::regnamespace
        or pg_class.relnamespace = 'public'::regnamespace and pg_class.relname like 'jobforge\_%')
  loop
    execute format('revoke all on %s %s from public, anon, authenticated, service_role',
      case v_relation.relkind when 'S' then 'sequence' else 'table' end, v_relation.name);
    if v_relation.relkind in ('r', 'p') then
      execute format('alter table %s enable row level security', v_relation.name);
    end if;
  end loop;

  -- A tenant reads its own rows, a service all of them.
  for v_relation in
    select pg_class.oid::regclass as name, pg_class.relname, pg_class.relkind
    from unnest(array[
      'public.jobforge_queues', 'public.jobforge_jobs', 'public.jobforge_job_attempts',
      'jobforge.unsuccessful_attempts', 'public.jobforge_job_results',
      'public.jobforge_audit_log', 'public.jobforge_schedules',
      'public.jobforge_connector_configs', 'public.jobforge_received_webhooks'
    ]::regclass[]) as readable (oid)
    join pg_class on pg_class.oid = readable.oid
  loop
    execute format('grant select on %s to authenticated, service_role', v_relation.name);
    if v_relation.relkind <> 'v' then
      execute format('drop policy if exists %I on %s',
        v_relation.relname || '_select_authenticated', v_relation.name);
      execute format('create policy %I on %s for select to authenticated '
        'using (tenant_id = any ((select jobforge.tenant_ids())::uuid[]))',
        v_relation.relname || '_select_authenticated', v_relation.name);
    end if;
  end loop;
  revoke select on public.jobforge_connector_configs from authenticated;
  execute format('grant select (%s) on public.jobforge_connector_configs to authenticated', (
    select string_agg(quote_ident(pg_attribute.attname), ', ' order by pg_attribute.attnum)
    from pg_attribute
    where pg_attribute.attrelid = 'public.jobforge_connector_configs'::regclass
      and pg_attribute.attnum > 0 and not pg_attribute.attisdropped
      and pg_attribute.attname <> 'secret_refs'));
end
$$;
comment on function jobforge.grant_tables() is
  'Enables row level security on every table and lets tenants read their own rows.';

create function jobforge.apply_rights()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s' -- policies need exclusive locks: fail rather than queue every tenant
as $$
begin
  revoke all on schema jobforge from public, anon, authenticated, service_role;
  grant usage on schema jobforge to authenticated, service_role;
  perform jobforge.grant_functions();
  perform jobforge.grant_tables();
end
$$;
comment on function jobforge.apply_rights() is
  'Sets every right of JobForge anew. Run it as the owner to repair rights.';

select jobforge.apply_rights();

reset check_function_bodies;
