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
    exception when others then raise notice 'pg_cron is not available here: %', sqlstate;
    end;
  end if;
  if to_regnamespace('net') is null then
    begin
      create schema if not exists extensions;
      create extension if not exists pg_net with schema extensions;
    exception when others then raise notice 'pg_net is not available here: %', sqlstate;
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

create function jobforge.event_type_pattern()
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$ select '^[A-Za-z0-9_-]+(?:[.][A-Za-z0-9_-]+)*$' $$;
comment on function jobforge.event_type_pattern() is
  'Regular expression for the event type of a message, of up to 128 characters.';

create function jobforge.webhook_schemes()
returns text[]
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select array['standard-webhooks', 'svix', 'clerk', 'resend', 'supabase-auth', 'polar', 'stripe',
    'github', 'slack', 'shopify', 'linear', 'paddle', 'lemonsqueezy', 'twilio', 'sendgrid',
    'discord', 'intercom', 'zoom', 'hubspot', 'jobforge', 'custom']
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

create function jobforge.is_open_before(p_horizon xid8, p_snapshot pg_snapshot)
returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select p_horizon is null or exists (
      select from pg_snapshot_xip(p_snapshot) as open (number) where open.number < p_horizon));
end
$$;
comment on function jobforge.is_open_before(xid8, pg_snapshot) is
  'Whether a transaction from before a horizon is still open, also one of another database. True '
  'without a horizon.';

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
    ('busy', 'PT409'),
    ('too_many_schedules', 'PT409'),
    ('runs_exhausted', 'PT409'),
    ('version_mismatch', 'PT409'),
    ('run_ended', 'PT410'),
    ('payload_too_large', 'PT413'),
    ('idempotency_mismatch', 'PT422'),
    ('queue_full', 'PT429'),
    ('extension_missing', 'PT501')
$$;
comment on function jobforge.error_codes() is
  'Every stable error code with its SQLSTATE. The Data API answers PTxyz with HTTP status xyz.';

create function jobforge.printable(p_text text, p_max int)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select regexp_replace(
    case when length(p_text) > p_max then left(p_text, p_max - 3) || '...' else p_text end,
    '[^ -~–]', '?', 'g')
$$;
comment on function jobforge.printable(text, int) is
  'Returns a text on one line: at most p_max printable ASCII characters, and the dash of a range.';

create function jobforge.quote(p_value text)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select '"' || translate(jobforge.printable(coalesce(p_value, 'nothing'), 40), '"', '''') || '"'
$$;
comment on function jobforge.quote(text) is
  'Returns at most 40 characters of a caller''s value in double quotes, for a message.';

create function jobforge.fail(p_code text, p_message text, p_hint text default null)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sqlstate text;
  -- The Data API writes a message into the status line of its response. The messages of Postgres
  -- repeat the caller's value in double quotes, however long it is.
  v_message constant text := jobforge.printable(regexp_replace(
    left(coalesce(p_message, p_code), 1000), '"([^"]{0,40})[^"]*("|$)', E'"\\1"', 'g'), 200);
begin
  select known.sqlstate into strict v_sqlstate
  from jobforge.error_codes() as known
  where known.code = p_code;
  if p_hint is null then
    raise exception using errcode = v_sqlstate, message = v_message, detail = p_code;
  end if;
  raise exception using errcode = v_sqlstate, message = v_message, detail = p_code,
    hint = jobforge.printable(p_hint, 200);
end
$$;
comment on function jobforge.fail(text, text, text) is
  'Raises an error whose DETAIL is the stable code, and whose HINT, if any, is JSON for programs. '
  'Every message of JobForge leaves through it: one line, at most 200 characters, and at most 40 '
  'of each value in double quotes.';

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

create function jobforge.short_error(p_sqlstate text, p_message text)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  -- Cut before and after: a message can be as long as what it quotes. What [:print:] holds is up to
  -- the collation, and in some it holds characters that change the direction of text.
  select p_sqlstate || ': '
    || left(regexp_replace(left(coalesce(p_message, ''), 2000), '[^ -~]+', ' ', 'g'), 200)
$$;
comment on function jobforge.short_error(text, text) is
  'Returns a caught error as one short, printable line.';

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

-- supabase/schemas/10_foundation/jsonb_fits.sql

-- The bound of a caller's JSON, checked before anything turns the JSON into text.
--
-- A number of eight bytes can have 131,072 digits or 16,383 decimal places, even if it is zero. So
-- 100 kB of jsonb can become gigabytes of text. A number that is neither large nor close to zero is
-- as long as its caller wrote it.

create function jobforge.jsonb_fits(p_value jsonb, p_max_bytes int)
returns boolean
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  -- #> returns the value uncompressed. An entry takes at most four times the bytes of its text.
  v_bytes constant int := pg_column_size(p_value #> '{}');
  v_numbers jsonb;
begin
  if v_bytes / 4 > p_max_bytes + 16 or jsonb_path_exists(p_value, '$.**{32 to last}') then
    return false;
  end if;
  -- 1,024 bytes are at most 12 MB of text, which are written sooner than numbers are looked for.
  -- So are the elements of a list, as far as they are that small, until they pass the bound.
  if v_bytes > 1024 and jsonb_typeof(p_value) = 'array' and not exists (
    select from (
      select sum(case when pg_column_size(element) <= 1024 then octet_length(element::text) + 2
        else p_max_bytes + 1 end) over (rows unbounded preceding) as bytes
      from jsonb_array_elements(p_value) as element
    ) as written
    where written.bytes > p_max_bytes)
  then
    return true;
  end if;
  if v_bytes > 1024 then
    v_numbers := jsonb_path_query_array(
      p_value, 'strict $.** ? (@.abs() >= 1e64 || @.abs() < 1e-64)');
    if v_numbers <> '[]' and exists (
      select from (
        select sum(octet_length(number #>> '{}')) over (rows unbounded preceding) as bytes
        from jsonb_array_elements(v_numbers) as number
      ) as written
      where written.bytes > p_max_bytes)
    then
      return false;
    end if;
  end if;
  return octet_length(p_value::text) <= p_max_bytes;
end
$$;
comment on function jobforge.jsonb_fits(jsonb, int) is
  'Whether a value has at most p_max_bytes bytes of text and is nested less than 32 deep. It '
  'never writes much more text than that. Returns null for null.';

-- supabase/schemas/10_foundation/schema_version.sql

-- The version of the schema, and which workers it serves.
--
-- `deno task release` writes both numbers. N stands for major and minor version. Schema N serves
-- workers of N and of the release before. A worker of N runs on schema N and on the next one. So a
-- project is upgraded in two steps: the migration first, the functions after it.

create function jobforge.schema_version()
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select '0.8.0' $$;
comment on function jobforge.schema_version() is
  'Operators: returns the version of JobForge that this schema belongs to.';

create function jobforge.oldest_worker()
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select '0.8.0' $$;
comment on function jobforge.oldest_worker() is
  'Returns the oldest version of workers that this schema serves. Its patch does not count.';

create function jobforge.minor_version(p_version text)
returns int[]
language sql immutable
set search_path = pg_catalog, pg_temp
as $$ select (string_to_array(p_version, '.')::int[])[1:2] $$;
comment on function jobforge.minor_version(text) is
  'Returns major and minor of a version, to compare.';

create function jobforge.version_problem(p_version text)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_schema constant text := jobforge.schema_version();
  v_oldest constant text := jobforge.oldest_worker();
begin
  if p_version !~ '^[0-9]{1,6}[.][0-9]{1,6}[.][0-9]{1,6}$' then
    perform jobforge.fail('invalid_argument', format(
      'p_version must be a version such as 1.2.3, not %s', jobforge.quote(p_version)));
  elsif jobforge.minor_version(p_version) > jobforge.minor_version(v_schema) then
    return format('worker %s is newer than schema %s: push the migration of jobforge upgrade',
      p_version, v_schema);
  elsif jobforge.minor_version(p_version) < jobforge.minor_version(v_oldest) then
    return format('worker %s is too old for schema %s: deploy the functions of jobforge upgrade',
      p_version, v_schema);
  end if;
  return null;
end
$$;
comment on function jobforge.version_problem(text) is
  'Returns why this schema does not serve a worker of a version, with what to do, or null. A null '
  'version belongs to a caller of its own kind and is not checked.';

create function public.jobforge_schema_version()
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select jobforge.schema_version() $$;
comment on function public.jobforge_schema_version() is
  'Operators: returns the version of JobForge that the database has.';

-- supabase/schemas/10_foundation/settings.sql

-- The settings of a project: one row, written by setup and the configure functions.

create function jobforge.slug_pattern()
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$ select '^[A-Za-z][A-Za-z0-9_-]{0,62}$' $$;
comment on function jobforge.slug_pattern() is
  'Regular expression for the slug of an Edge Function.';

create table jobforge.settings (
  id boolean primary key default true,
  project_url text,
  worker_function text not null default 'worker',
  max_runs int not null default 4,
  run_capacity int not null default 100,
  lease_seconds int not null default 45,
  max_schedules int not null default 20,
  retention_succeeded_days int default 30,
  retention_unsuccessful_days int default 90,
  retention_audit_days int,
  alert_tenant_id uuid,
  alert_destination text,
  users_manage_destinations boolean not null default false,
  retention_messages_days int not null default 30,
  constraint one_row check (id),
  constraint worker_function_is_a_slug check (worker_function ~ jobforge.slug_pattern()),
  constraint max_runs_in_range check (max_runs between 1 and 100),
  constraint run_capacity_in_range check (run_capacity between 1 and 1000),
  constraint lease_seconds_in_range check (lease_seconds between 5 and 3600),
  constraint max_schedules_not_negative check (max_schedules >= 0),
  constraint retention_succeeded_in_range check (retention_succeeded_days between 1 and 36500),
  constraint retention_unsuccessful_in_range
    check (retention_unsuccessful_days between 1 and 36500),
  constraint retention_audit_in_range check (retention_audit_days between 1 and 36500),
  constraint retention_messages_in_range check (retention_messages_days between 7 and 3650)
);
comment on table jobforge.settings is 'The settings of the project: one row.';
comment on column jobforge.settings.worker_function is
  'The slug of the worker among the project''s Edge Functions.';
comment on column jobforge.settings.max_schedules is
  'How many schedules a tenant may create itself.';
comment on column jobforge.settings.retention_unsuccessful_days is
  'For how many days failed, dead and canceled jobs are kept. Null keeps them forever.';
comment on column jobforge.settings.retention_audit_days is
  'For how many days audit entries are kept. Null, the default, keeps them forever.';
comment on column jobforge.settings.alert_tenant_id is
  'The operator''s own tenant. Its webhook destination alert_destination receives the alert '
  'notifications. Null sends none.';
comment on column jobforge.settings.users_manage_destinations is
  'Whether users create, change, pause and delete the webhook destinations of their tenant. '
  'Otherwise only services do.';
comment on column jobforge.settings.retention_messages_days is
  'For how many days published messages and their deliveries are kept.';
insert into jobforge.settings default values;

-- supabase/schemas/10_foundation/times.sql

-- Times inside JSON. Postgres would also read 01/12/2026 and times without an offset, with a
-- meaning that depends on the session.

create function jobforge.time_pattern()
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select '^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]+)?'
    '(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$'
$$;
comment on function jobforge.time_pattern() is
  'Regular expression for a time with an offset, such as 2026-01-12T09:00:00Z. The function '
  'enqueue takes the same times, which a test compares.';

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
        when lower(member.key collate "C") ~ ('^(payload|result|error|last_error|progress|headers?|'
          'authorization|cookie|signature|secrets?|secret_refs?|value|token|ticket|lease_token|'
          'password|idempotency_key)$')
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
  v_detail jsonb;
  v_entry public.jobforge_audit_log;
begin
  if jobforge.jsonb_fits(p_detail, 65536) then
    v_detail := jobforge.redacted(p_detail);
  end if;
  if p_detail is not null and jobforge.jsonb_fits(v_detail, 8192) is not true then
    v_detail := '{"omitted": "more than 8192 bytes"}';
  end if;
  insert into public.jobforge_audit_log (at, role, subject, tenant_id, action, target, detail)
  values (jobforge.clock(), jobforge.caller_role(), jobforge.subject(),
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

-- supabase/schemas/15_audit/configure_audit_retention.sql

-- Configure the retention of the audit log.

create function jobforge.configure_audit_retention(p_days int)
returns jsonb
language plpgsql
security definer -- writes settings
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
declare
  v_before jsonb;
  v_after jsonb;
begin
  perform jobforge.require_service();
  if p_days not between 1 and 36500 then
    perform jobforge.fail('invalid_argument',
      format('p_days must be from 1 to 36500, or null to keep entries forever. It was %s', p_days));
  end if;
  select jsonb_build_object('days', settings.retention_audit_days) into v_before
  from jobforge.settings for no key update;
  update jobforge.settings set retention_audit_days = p_days
  where settings.id
  returning jsonb_build_object('days', settings.retention_audit_days) into v_after;
  perform jobforge.audit_change('configure_audit_retention', null, null, v_before, v_after);
  return v_after;
exception when lock_not_available then
  perform jobforge.fail('busy', 'another transaction is changing these settings: try again');
  return null;
end
$$;
comment on function jobforge.configure_audit_retention(int) is
  'Operators: sets for how many days audit entries are kept. Null keeps them forever, and is the '
  'default.';

create function public.jobforge_configure_audit_retention(p_days int)
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select jobforge.configure_audit_retention(p_days) $$;
comment on function public.jobforge_configure_audit_retention(int) is
  'Operators: sets for how many days audit entries are kept. Null keeps them forever, and is the '
  'default.';

-- supabase/schemas/15_audit/prune_audit.sql

-- Prune the audit log, if an operator has set a retention. Without one it is kept forever.
--
-- Only whole stretches from the start of the chain go. The seal of the last deleted entry stays as
-- the anchor, so that the rest of the chain can still be verified.

create function jobforge.expired_audit_seq(p_before timestamptz, p_limit int)
returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select max(read.seq)
    from (
      -- A missing entry ends the stretch: retention hides no gap.
      select oldest.seq, bool_and(coalesce(jobforge_audit_log.at < p_before, false))
        over (order by oldest.seq) as expired
      from (
        select audit_seals.seq, audit_seals.entry_id from jobforge.audit_seals
        where audit_seals.seq > (select audit_chain.anchor_seq from jobforge.audit_chain)
        order by audit_seals.seq
        limit p_limit
      ) as oldest
      left join public.jobforge_audit_log on jobforge_audit_log.id = oldest.entry_id
    ) as read
    where read.expired);
end
$$;
comment on function jobforge.expired_audit_seq(timestamptz, int) is
  'Returns the end of the stretch of sealed entries, from the start of the chain, that are all '
  'older than a time. Null when there is none.';

create function jobforge.prune_audit(p_now timestamptz, p_limit int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_days constant int := (select settings.retention_audit_days from jobforge.settings);
  v_anchor bigint;
  v_through bigint;
  v_erasures bigint[];
  v_count int;
begin
  if v_days is null or not pg_try_advisory_xact_lock(1246708289, 0) then
    return 0;
  end if;
  v_through := jobforge.expired_audit_seq(p_now - make_interval(days => v_days), p_limit);
  if v_through is null then
    return 0;
  end if;
  select audit_chain.anchor_seq into v_anchor from jobforge.audit_chain;
  if exists (select from jobforge.problems_of_seals(v_anchor, v_through)) then
    perform jobforge.fail('wrong_state',
      'the audit log does not verify, so nothing of it is deleted');
  end if;
  with deleted as (
    delete from public.jobforge_audit_log using jobforge.audit_seals
    where audit_seals.seq > v_anchor and audit_seals.seq <= v_through
      and jobforge_audit_log.id = audit_seals.entry_id
    returning jobforge_audit_log.erasure_id
  )
  select count(*), array_agg(distinct deleted.erasure_id)
    filter (where deleted.erasure_id is not null)
  into v_count, v_erasures
  from deleted;
  delete from jobforge.audit_seals where audit_seals.seq < v_through;
  update jobforge.audit_chain set anchor_seq = v_through where audit_chain.id;
  -- Of an erasure that lost entries here, the digest of the rest takes the place of the one before.
  perform jobforge.audit('prune_audit', null, 'entries up to ' || v_through, jsonb_build_object(
    'entries', v_count, 'through', v_through, 'erasures', (
      select coalesce(jsonb_object_agg(erased.id, jobforge.erased_entries_digest(erased.id)), '{}')
      from unnest(v_erasures) as erased (id))));
  return v_count;
end
$$;
comment on function jobforge.prune_audit(timestamptz, int) is
  'Deletes the oldest sealed entries beyond the retention of the audit log, if it has one. Raises '
  'an error when they do not verify.';

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
  anchor_seq bigint not null default 0,
  constraint one_row check (id)
);
comment on table jobforge.audit_chain is 'The head of the chain of seals: one row.';
comment on column jobforge.audit_chain.anchor_seq is
  'The last entry that retention deleted. Its seal stays, and the chain is verified from there.';
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
    for update of audit_seals skip locked
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
    where audit_seals.seq <= p_through_seq and audit_seals.seq >= greatest(p_after_seq, (
      select audit_chain.anchor_seq from jobforge.audit_chain))
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
  where judged.problem is not null and sealed.seq > greatest(p_after_seq, (
    select audit_chain.anchor_seq from jobforge.audit_chain))
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
      select from public.jobforge_audit_log
      where jobforge_audit_log.action = 'prune_audit'
        and jobforge_audit_log.detail #>> array['erasures', erased.erasure_id::text]
          = erased.digest)
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
    select p_known_seq, null, case when p_known_seq < v_chain.anchor_seq
      then 'the head that was noted is older than the oldest entry that is kept'
      else 'the chain does not hold the head that was noted' end
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

-- supabase/schemas/18_storage/00_job_types.sql

-- Job types, as workers declare them: defaults for enqueue, backoff for retries, and the kind of
-- worker that runs them.

create domain jobforge.worker_kind as text constraint kind_is_known check (
  value in ('edge', 'container'));
comment on domain jobforge.worker_kind is
  'What runs jobs: an Edge Function, which the dispatcher calls, or a container, which polls.';

create table jobforge.job_types (
  type text primary key,
  max_attempts int not null,
  timeout_ms int not null,
  backoff_base_ms int not null,
  backoff_cap_ms int not null,
  runs_on jobforge.worker_kind
);
comment on table jobforge.job_types is
  'A job type as workers declared it. Jobs of an undeclared type get the defaults.';
comment on column jobforge.job_types.runs_on is
  'The only kind of worker that runs the type, among runs that declare types. Null means any. A '
  'run that declares none takes every type.';

create function jobforge.declare_types(p_types jsonb)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
begin
  if not jobforge.jsonb_fits(p_types, 1048576) then
    perform jobforge.fail('invalid_argument', 'p_types must have at most 1048576 bytes');
  end if;
  insert into jobforge.job_types as t
    (type, max_attempts, timeout_ms, backoff_base_ms, backoff_cap_ms, runs_on)
  select declared.type, least(greatest(coalesce(declared.max_attempts, 5), 1), 1000),
    least(greatest(coalesce(declared.timeout_ms, 60000), 100), 86400000),
    least(greatest(coalesce(declared.backoff_base_ms, 2000), 0), 86400000),
    least(greatest(coalesce(declared.backoff_cap_ms, 3600000), 0), 86400000), declared.runs_on
  from jsonb_to_recordset(p_types) as declared (type text, max_attempts int, timeout_ms int,
    backoff_base_ms int, backoff_cap_ms int, runs_on jobforge.worker_kind)
  where declared.type is not null
  order by declared.type
  on conflict (type) do update set max_attempts = excluded.max_attempts,
    timeout_ms = excluded.timeout_ms, backoff_base_ms = excluded.backoff_base_ms,
    backoff_cap_ms = excluded.backoff_cap_ms, runs_on = excluded.runs_on
  where (t.max_attempts, t.timeout_ms, t.backoff_base_ms, t.backoff_cap_ms, t.runs_on)
    is distinct from (excluded.max_attempts, excluded.timeout_ms, excluded.backoff_base_ms,
      excluded.backoff_cap_ms, excluded.runs_on);
exception
  when lock_not_available then
    perform jobforge.fail('busy', 'another transaction is declaring these job types: try again');
  when data_exception or cardinality_violation or check_violation then
    perform jobforge.fail('invalid_argument', format('p_types: %s', sqlerrm));
end
$$;
comment on function jobforge.declare_types(jsonb) is
  'Stores what a worker declares about its types: defaults for enqueue, backoff for retries.';

-- supabase/schemas/18_storage/00_jobs.sql

-- The jobs: a body each, and what is known of it beside.
--
-- Where the narrow row of a job lies decides its status: in ready, scheduled, quarantined,
-- unclaimed or newcomers it waits. In the ids of a lease it runs. With neither it has ended, and
-- its body has a final status. So no status is stored twice.
--
-- A body is written at enqueue, and once more when the job ends, by a HOT update. So no index and
-- no CHECK names a column that changes. While a run holds a job, no other caller locks its body.

create domain jobforge.final_status as text constraint status_is_final check (
  value in ('succeeded', 'failed', 'dead', 'canceled'));
comment on domain jobforge.final_status is 'The status of a job that has ended.';

-- Columns of fixed width come first. To reach a column behind others, Postgres walks over them.
create table jobforge.jobs (
  tenant_id uuid not null,
  id uuid not null,
  queue_id int not null,
  priority smallint not null default 0,
  attempts int not null default 0,
  max_attempts int,
  timeout_ms int,
  attempts_before_retry int not null default 0,
  lease_expiries int not null default 0,
  run_at timestamptz not null,
  created_at timestamptz not null,
  type text not null,
  payload jsonb not null,
  status jobforge.final_status,
  run_id bigint,
  started_at timestamptz,
  finished_at timestamptz,
  cancel_requested_at timestamptz,
  created_by text,
  idempotency_key text,
  traceparent text,
  last_error jsonb,
  constraint jobs_pkey primary key (tenant_id, id)
) with (
  fillfactor = 45, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0
);
comment on table jobforge.jobs is
  'The body of a job. A page has room for a second version of each of its rows.';
comment on column jobforge.jobs.queue_id is 'Zero while the tenant has no queue yet.';
comment on column jobforge.jobs.attempts is 'Attempts that ended.';
comment on column jobforge.jobs.max_attempts is 'Null means what the type says when the job runs.';
comment on column jobforge.jobs.timeout_ms is 'Null means what the type says when the job runs.';
comment on column jobforge.jobs.attempts_before_retry is
  'Attempts made before the last manual retry, which added a fresh set to max_attempts.';
comment on column jobforge.jobs.lease_expiries is
  'How often a lease of this job expired. From two on a run claims it alone.';
comment on column jobforge.jobs.run_id is 'The run in which it succeeded.';

create table jobforge.unsuccessful_jobs (
  tenant_id uuid not null,
  id uuid not null,
  constraint unsuccessful_jobs_pkey primary key (tenant_id, id)
);
comment on table jobforge.unsuccessful_jobs is
  'The jobs that failed, are dead or were canceled. Lists and retries find them here.';

create table jobforge.cancel_requests (
  tenant_id uuid not null,
  job_id uuid not null,
  requested_at timestamptz not null,
  constraint cancel_requests_pkey primary key (tenant_id, job_id)
);
comment on table jobforge.cancel_requests is
  'A request that a running job stop. A row of its own, so that settling waits for no caller.';

create table jobforge.job_progress (
  tenant_id uuid not null,
  job_id uuid not null,
  progress jsonb not null,
  constraint job_progress_pkey primary key (tenant_id, job_id)
) with (
  fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_cost_delay = 0
);
comment on table jobforge.job_progress is
  'The progress that a handler reported last. Beside the body, which each report would move.';

-- supabase/schemas/18_storage/00_runs.sql

-- The runs.
--
-- A run is one worker invocation. Its lease covers every job that the run holds, and each of its
-- calls extends the lease. When the run ends, so do the leases of its jobs. Every call of a run
-- locks its row first.

create domain jobforge.run_state as text constraint state_is_known check (
  value in ('pending', 'live', 'finished', 'lost', 'undelivered', 'refused'));
comment on domain jobforge.run_state is
  'Where a run is in its life. A refused run had its ticket redeemed while max_runs runs were '
  'live, or by a worker whose version the schema does not serve.';

create table jobforge.runs (
  id bigint generated always as identity primary key,
  state jobforge.run_state not null,
  kind jobforge.worker_kind not null default 'edge',
  worker text,
  worker_version text,
  ticket_hash bytea,
  capacity int not null default 0,
  held int not null default 0,
  alone boolean not null default false,
  types text[],
  turn_floor numeric,
  turn_floor_at timestamptz,
  overdue_at timestamptz,
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
  call_slot bigint,
  request_id bigint,
  answer_status int,
  answer_error text,
  answer_timed_out boolean,
  answered_at timestamptz
) with (
  fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000,
  autovacuum_vacuum_cost_delay = 0
);
comment on table jobforge.runs is
  'One worker invocation: the hash of its ticket, its lease, its counters and why it ended.';
comment on column jobforge.runs.kind is
  'The kind of its worker. The dispatcher calls edge workers only.';
comment on column jobforge.runs.worker_version is
  'The version of JobForge that its worker reported. Null: it reported none.';
comment on column jobforge.runs.idle_at is
  'Since when the run holds nothing and found nothing. Enqueues count on a run of the edge for one '
  'second more.';
comment on column jobforge.runs.polled_at is
  'When the run last asked for jobs. Enqueues count on its free slots for three seconds.';
comment on column jobforge.runs.alone is
  'Whether the jobs that the run last claimed were one quarantined job.';
comment on column jobforge.runs.types is
  'The job types that the run takes. Null means all.';
comment on column jobforge.runs.turn_floor is
  'The smallest virtual time that the run met. For two seconds its claims read no queue before it, '
  'past dead index entries.';
comment on column jobforge.runs.overdue_at is
  'No job of the run is a minute past its timeout before this time.';
comment on column jobforge.runs.call_slot is
  'The slot of the call: its second since 1970, times 256, plus a number from 1 to max_runs. Null '
  'for a run that no call of the database asked for.';
comment on column jobforge.runs.request_id is
  'The id that pg_net gave the call. Null when pg_net did not accept it: see answer_error.';
comment on column jobforge.runs.answer_error is
  'Why the call failed: an error of the database or of pg_net, or the body of an HTTP error.';
-- Neither CHECKs nor partial indexes: each call of a run updates its row, and they cost a tenth of
-- the call.
create index runs_active_idx on jobforge.runs (state, created_at);
create index runs_calls_idx on jobforge.runs (call_slot);
create index runs_unanswered_idx on jobforge.runs (answered_at, request_id);

create table jobforge.run_starts (
  id boolean primary key default true,
  started bigint not null,
  constraint one_row check (id)
) with (fillfactor = 10);
comment on table jobforge.run_starts is
  'How many runs ever started: one row. Starts lock it, so that each counts all before it.';


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

-- supabase/schemas/18_storage/01_queues.sql

-- The queues: a tenant's settings, and beside them the scheduler's state for each queue.
--
-- Callers write settings and claims write state, so neither waits for the other. A queue is
-- runnable, or it sleeps: it is empty, at its cap, throttled or paused.

create table public.jobforge_queues (
  tenant_id uuid not null,
  queue jobforge.queue_name not null default 'default',
  weight jobforge.weight not null default 1,
  max_running jobforge.count,
  max_queued jobforge.count,
  rate_limit jobforge.positive,
  rate_period_ms jobforge.period_ms not null default 60000,
  rate_burst jobforge.positive not null default 1,
  paused boolean not null default false,
  constraint jobforge_queues_pkey primary key (tenant_id, queue)
);
comment on table public.jobforge_queues is 'A tenant''s queue and its limits.';
comment on column public.jobforge_queues.weight is 'Share of the workers relative to other queues.';
comment on column public.jobforge_queues.rate_limit is
  'Starts per rate_period_ms, evenly spaced, with bursts of rate_burst (GCRA).';

create table jobforge.queues (
  id int generated always as identity primary key,
  tenant_id uuid not null,
  queue jobforge.queue_name not null default 'default',
  vtime numeric not null default 0,
  claimed bigint not null default 0,
  runnable boolean not null default false,
  blocked boolean not null default false,
  capped boolean not null default false,
  wake_at timestamptz,
  tat timestamptz,
  tat_interval double precision,
  tat_at timestamptz,
  cursor_priority smallint,
  cursor_id uuid,
  cursor_at timestamptz,
  constraint queues_one_per_name unique (tenant_id, queue)
) with (
  fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_cost_delay = 0
);
comment on table jobforge.queues is
  'The scheduler''s state for a queue. Only claims, finishing runs and the dispatcher write it.';
comment on column jobforge.queues.vtime is
  'Virtual time: started jobs divided by weight. Claims serve the queue with the smallest first. '
  'It is a decimal, because a float stops counting small shares after some years.';
comment on column jobforge.queues.claimed is
  'Jobs ever claimed. The number queued is computed from '
  'it.';
comment on column jobforge.queues.runnable is
  'Whether claims read the queue. False while it is empty, at its cap, throttled or paused.';
comment on column jobforge.queues.blocked is
  'Has ready jobs that its cap or its rate keeps back. An enqueue need not wake it.';
comment on column jobforge.queues.capped is
  'Has max_running, so the end of an attempt leaves a wake-up.';
comment on column jobforge.queues.wake_at is
  'When the next of its scheduled jobs is due or its rate allows a start.';
comment on column jobforge.queues.tat is 'GCRA: theoretical arrival time of the next start.';
comment on column jobforge.queues.tat_at is
  'When tat was computed. It lies in the future only after the clock was set back.';
comment on column jobforge.queues.tat_interval is
  'Seconds per start in tat. It is read in starts, so a changed rate keeps what was used.';
comment on column jobforge.queues.cursor_at is
  'Start of the cursor''s two seconds. Until they end, claims start at the cursor '
  '(cursor_priority, cursor_id), past dead index entries.';
create index queues_turn_idx on jobforge.queues (runnable, vtime);
create index queues_wake_idx on jobforge.queues (wake_at) where wake_at is not null;

create table jobforge.queue_deltas (
  queue_id int not null,
  enqueued bigint not null default 0,
  returned bigint not null default 0
) with (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_cost_delay = 0
);
alter table jobforge.queue_deltas replica identity full;
comment on table jobforge.queue_deltas is
  'Jobs that entered a queue: new ones, and those that came back or, when negative, left without a '
  'start. Callers only append, so none waits. The dispatcher compacts the rows of a queue into '
  'one.';
create index queue_deltas_queue_idx on jobforge.queue_deltas (queue_id);

create table jobforge.queue_slots (
  queue_id int not null,
  epoch bigint not null,
  free int not null,
  version bigint generated always as identity
) with (
  fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_cost_delay = 0
);
alter table jobforge.queue_slots replica identity full;
comment on table jobforge.queue_slots is
  'The free places of a queue with max_queued, in several rows. An enqueue takes from a row that '
  'no other transaction holds. A start gives back.';
comment on column jobforge.queue_slots.version is
  'Grows with each change. So the row that a transaction changed last comes before the versions '
  'that it left behind.';
create index queue_slots_version_idx on jobforge.queue_slots (queue_id, version);
create index queue_slots_epoch_idx on jobforge.queue_slots (queue_id, epoch);
create index queue_slots_owed_idx on jobforge.queue_slots (queue_id) where free < 0;

create table jobforge.wakeups (
  id bigint generated always as identity primary key,
  queue_id int not null,
  ready boolean not null default true,
  type text
) with (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_cost_delay = 0
);
comment on table jobforge.wakeups is
  'Queues to look at. All but claims and the dispatcher only insert, so no caller waits for a '
  'queue. Queue zero stands for the newcomers.';
-- Each enqueue looks for a ready one, past those of all jobs that its transaction scheduled.
create index wakeups_queue_idx on jobforge.wakeups (queue_id, ready);
comment on column jobforge.wakeups.ready is
  'Whether there is work now, so that a worker is called.';
comment on column jobforge.wakeups.type is
  'The type of the work, so that no worker is called that cannot take it. Null means several.';

create table jobforge.parked_queues (
  queue_id int not null,
  horizon xid8
) with (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_cost_delay = 0
);
alter table jobforge.parked_queues replica identity full;
comment on table jobforge.parked_queues is
  'Queues that were found empty, while an enqueue that saw them awake may still be open. Claims '
  'only append.';
comment on column jobforge.parked_queues.horizon is
  'Once every transaction before it has ended, no such enqueue is left.';
create index parked_queues_queue_idx on jobforge.parked_queues (queue_id);

-- supabase/schemas/18_storage/02_places.sql

-- Where a job lies: one narrow row in one of these tables, or in the ids of a lease.
--
-- Each row has the place of the body (its ctid) as a hint. A reader compares the id and looks up by
-- key what it does not find there, because VACUUM FULL and a restore move bodies.

create table jobforge.ready (
  queue_id int not null,
  bytes int not null,
  priority smallint not null,
  id uuid not null,
  tenant_id uuid not null,
  place tid not null,
  constraint ready_pkey primary key (queue_id, priority, id)
) with (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_cost_delay = 0
);
comment on table jobforge.ready is
  'Queued jobs, in the order of their start. A claim deletes them.';
comment on column jobforge.ready.bytes is
  'Bytes of the payload as text, so that a claim measures its reply without reading the body.';

create table jobforge.scheduled (
  queue_id int not null,
  bytes int not null,
  run_at timestamptz not null,
  id uuid not null,
  tenant_id uuid not null,
  priority smallint not null,
  quarantined boolean not null default false,
  place tid not null,
  constraint scheduled_pkey primary key (queue_id, run_at, id)
) with (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_cost_delay = 0
);
create index scheduled_id_idx on jobforge.scheduled (queue_id, id);
comment on table jobforge.scheduled is 'Jobs that wait for run_at.';

create table jobforge.quarantined (
  queue_id int not null,
  priority smallint not null,
  id uuid not null,
  tenant_id uuid not null,
  place tid not null,
  constraint quarantined_pkey primary key (queue_id, priority, id)
);
comment on table jobforge.quarantined is
  'Queued jobs whose lease expired twice or more. A run claims one of them alone.';

create table jobforge.unclaimed (
  queue_id int not null,
  bytes int not null,
  priority smallint not null,
  id uuid not null,
  tenant_id uuid not null,
  place tid not null,
  type text not null,
  quarantined boolean not null default false,
  constraint unclaimed_pkey primary key (queue_id, priority, id)
);
comment on table jobforge.unclaimed is
  'Queued jobs that the run which met them could not take. They wait for a run of their type.';
create index unclaimed_type_idx on jobforge.unclaimed (type);

create table jobforge.newcomers (
  tenant_id uuid not null,
  id uuid not null,
  bytes int not null,
  run_at timestamptz not null,
  scheduled boolean not null,
  constraint newcomers_pkey primary key (tenant_id, id)
);
comment on table jobforge.newcomers is
  'The first jobs of a tenant, until a claim or the dispatcher has made its default queue. So the '
  'first enqueues of a tenant do not wait for each other.';
comment on column jobforge.newcomers.scheduled is 'Whether it was to wait when it came here.';

create table jobforge.leases (
  run_id bigint not null,
  token bigint not null,
  queue_id int not null,
  tenant_id uuid not null,
  started_at timestamptz not null,
  alone boolean not null default false,
  ids uuid[] not null,
  places tid[] not null,
  constraint leases_pkey primary key (run_id, token)
) with (
  fillfactor = 60, toast_tuple_target = 8160, autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0
);
-- Compressing the arrays again at each report would cost more than it saves.
alter table jobforge.leases alter column ids set storage external,
  alter column places set storage external;
comment on table jobforge.leases is
  'The jobs that one claim of a run took from one queue. It ends with the lease of the run.';
comment on column jobforge.leases.token is
  'Fencing token of these attempts: an outcome counts only with it.';
comment on column jobforge.leases.alone is 'Whether its job is quarantined.';
create index leases_queue_idx on jobforge.leases (queue_id);
create sequence jobforge.lease_tokens;

-- supabase/schemas/18_storage/04_jobs_view.sql

-- The jobs and their attempts as users read them: views over the private tables, with the caller's
-- rights.

create function jobforge.type_limits(p_type text)
returns table (max_attempts int, timeout_ms int)
language sql stable
security definer -- tenants read no other type than that of a job they see
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(max(t.max_attempts), 5), coalesce(max(t.timeout_ms), 60000)
  from jobforge.job_types as t where t.type = p_type
$$;
comment on function jobforge.type_limits(text) is
  'Policies: what a job of this type gets unless its caller set it.';

create view public.jobforge_jobs with (security_invoker = true) as
select j.tenant_id, j.id, coalesce(q.queue::text, 'default') as queue, j.type, j.payload,
  placed.status, j.priority, placed.status = 'scheduled' as scheduled, j.run_at,
  j.attempts + (placed.status = 'running')::int as attempts,
  j.attempts_before_retry
    + coalesce(j.max_attempts, (
      select limits.max_attempts from jobforge.type_limits(j.type) as limits)) as max_attempts,
  coalesce(j.timeout_ms, (select limits.timeout_ms from jobforge.type_limits(j.type) as limits))
    as timeout_ms,
  j.attempts_before_retry, j.lease_expiries, j.created_at, j.created_by,
  case when placed.status = 'running' then (
    select leases.started_at from jobforge.leases
    where leases.tenant_id = j.tenant_id and leases.queue_id = j.queue_id
      and j.id = any (leases.ids) limit 1)
    else j.started_at end as started_at,
  j.finished_at,
  -- A request that came too late stays beside a job that ended otherwise.
  coalesce(j.cancel_requested_at, case when j.status is null then (
    select cancel_requests.requested_at from jobforge.cancel_requests
    where cancel_requests.tenant_id = j.tenant_id and cancel_requests.job_id = j.id) end)
    as cancel_requested_at,
  j.idempotency_key, j.traceparent, (
    select job_progress.progress from jobforge.job_progress
    where job_progress.tenant_id = j.tenant_id and job_progress.job_id = j.id) as progress,
  j.last_error
from jobforge.jobs as j
left join jobforge.queues as q on q.id = j.queue_id
cross join lateral (
  select coalesce(j.status::text, case
    when exists (
      select from jobforge.ready where ready.queue_id = j.queue_id
        and ready.priority = j.priority and ready.id = j.id) then 'queued'
    when exists (
      select from jobforge.scheduled where scheduled.queue_id = j.queue_id
        and scheduled.run_at = j.run_at and scheduled.id = j.id) then 'scheduled'
    when exists (
      select from jobforge.quarantined where quarantined.queue_id = j.queue_id
        and quarantined.priority = j.priority and quarantined.id = j.id) then 'queued'
    when exists (
      select from jobforge.unclaimed where unclaimed.queue_id = j.queue_id
        and unclaimed.priority = j.priority and unclaimed.id = j.id) then 'queued'
    when j.queue_id = 0 then (
      select case when newcomers.scheduled then 'scheduled' else 'queued' end
      from jobforge.newcomers
      where newcomers.tenant_id = j.tenant_id and newcomers.id = j.id)
    else 'running' end) as status) as placed;
comment on view public.jobforge_jobs is 'One piece of work of a job type, with a payload.';
comment on column public.jobforge_jobs.status is
  'scheduled, queued, running, succeeded, failed, dead or canceled.';
comment on column public.jobforge_jobs.priority is 'Within its queue, smaller starts sooner.';

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

-- Most jobs need one attempt, so a successful one stays in the body.
create view public.jobforge_job_attempts with (security_invoker = true) as
select a.tenant_id, a.job_id, a.attempt_no, a.started_at, a.finished_at, a.outcome, a.error
from jobforge.unsuccessful_attempts as a
union all
select j.tenant_id, j.id, j.attempts, j.started_at, j.finished_at, 'succeeded', null
from jobforge.jobs as j
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

-- supabase/schemas/20_jobs/00_take_waiting.sql

-- Take waiting jobs out of their places, for a cancellation or a new time.
--
-- The transaction that deleted the narrow row of a job owns its body. No other one writes it. A row
-- that another transaction holds is skipped: a claim is starting the job, or another call changes
-- it.

create function jobforge.take_waiting(p_tenant_id uuid, p_ids uuid[])
returns table (id uuid, queue_id int)
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
#variable_conflict use_column
begin
  return query
  with open as materialized (
    select j.id, j.queue_id, j.priority, j.run_at from jobforge.jobs as j
    where j.tenant_id = p_tenant_id and j.id = any (p_ids) and j.status is null
  ),
  from_ready as (
    delete from jobforge.ready where ready.ctid = any (array(
      select next.ctid from open join jobforge.ready as next on next.queue_id = open.queue_id
        and next.priority = open.priority and next.id = open.id
      for update of next skip locked))
    returning ready.id, ready.queue_id
  ),
  from_scheduled as (
    delete from jobforge.scheduled where scheduled.ctid = any (array(
      select next.ctid from open join jobforge.scheduled as next on next.queue_id = open.queue_id
        and next.run_at = open.run_at and next.id = open.id
      for update of next skip locked))
    returning scheduled.id, scheduled.queue_id
  ),
  from_quarantined as (
    delete from jobforge.quarantined where quarantined.ctid = any (array(
      select next.ctid from open join jobforge.quarantined as next on next.queue_id = open.queue_id
        and next.priority = open.priority and next.id = open.id
      for update of next skip locked))
    returning quarantined.id, quarantined.queue_id
  ),
  from_unclaimed as (
    delete from jobforge.unclaimed where unclaimed.ctid = any (array(
      select next.ctid from open join jobforge.unclaimed as next on next.queue_id = open.queue_id
        and next.priority = open.priority and next.id = open.id
      for update of next skip locked))
    returning unclaimed.id, unclaimed.queue_id
  ),
  from_newcomers as (
    delete from jobforge.newcomers where newcomers.ctid = any (array(
      select next.ctid from open join jobforge.newcomers as next
        on next.tenant_id = p_tenant_id and next.id = open.id
      for update of next skip locked))
    returning newcomers.id, 0
  )
  select * from from_ready
  union all select * from from_scheduled
  union all select * from from_quarantined
  union all select * from from_unclaimed
  union all select * from from_newcomers;
end
$$;
comment on function jobforge.take_waiting(uuid, uuid[]) is
  'Deletes the narrow rows of waiting jobs that no other transaction holds. Returns these jobs.';

create function jobforge.find_job(p_job_id uuid, p_tenant_id uuid)
returns public.jobforge_jobs
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_job public.jobforge_jobs;
begin
  select j.* into v_job from public.jobforge_jobs as j
  where j.tenant_id = any (jobforge.callers_tenants(p_tenant_id)) and j.id = p_job_id;
  if not found then
    perform jobforge.fail('not_found', 'no such job');
  end if;
  return v_job;
end
$$;
comment on function jobforge.find_job(uuid, uuid) is
  'Returns the job. An unknown job and a job of another tenant raise the same not_found.';

create function jobforge.fail_busy()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  perform jobforge.fail('busy',
    'another transaction is changing the job: try again after it has ended');
end
$$;
comment on function jobforge.fail_busy() is
  'Raises busy for a job that another transaction has held for a second.';

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
      when not jobforge.jsonb_fits(v_job.payload, 262144)
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
    select from jobforge.queues as q
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
  -- Its members become text.
  if jobforge.jsonb_fits(p_filter, 65536) is false then
    perform jobforge.fail('invalid_argument', 'p_filter must have at most 65536 bytes');
  end if;
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
  if p_filter ->> 'created_after' !~ jobforge.time_pattern()
    or p_filter ->> 'created_before' !~ jobforge.time_pattern()
  then
    perform jobforge.fail('invalid_argument', 'p_filter: times must have seconds and an offset, '
      'such as 2026-01-12T09:00:00Z');
  elsif v_filter.created_after not between '1970-01-01' and '9999-01-01'
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

-- supabase/schemas/20_jobs/05_tenant_page.sql

-- A page of one tenant's jobs, newest first.
--
-- The rows are read one by one until the page is full, so a filter that matches often is cheap. One
-- that matches seldom ends after a bounded number of rows, and the next call goes on from there.

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

create function jobforge.open_status(
  p_queue_id int, p_priority int, p_run_at timestamptz, p_id uuid)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
  -- One statement after the other, because each costs as much to begin as to execute.
  if exists (
    select from jobforge.ready where ready.queue_id = p_queue_id
      and ready.priority = p_priority and ready.id = p_id)
  then
    return 'queued';
  elsif exists (
    select from jobforge.scheduled where scheduled.queue_id = p_queue_id
      and scheduled.run_at = p_run_at and scheduled.id = p_id)
  then
    return 'scheduled';
  elsif exists (
    select from jobforge.leases where leases.queue_id = p_queue_id
      and p_id = any (leases.ids))
  then
    return 'running';
  end if;
  return case when p_queue_id = 0 and p_run_at > jobforge.clock() then 'scheduled'
    else 'queued' end;
end
$$;
comment on function jobforge.open_status(int, int, timestamptz, uuid) is
  'The status of a job that has not ended, from the place where it lies.';

create function jobforge.waiting_ids(
  p_tenant_id uuid, p_statuses text[], p_queue_ids int[], p_first uuid, p_from uuid, p_limit int)
returns uuid[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
  -- Ready jobs are kept by priority, so the newest of each priority are read.
  return array(
    with recursive priorities (queue_id, priority, n) as (
      select held.queue_id, (select min(ready.priority) from jobforge.ready
        where ready.queue_id = held.queue_id), 1
      from unnest(p_queue_ids) as held (queue_id)
      where 'queued' = any (p_statuses)
      union all
      select priorities.queue_id, (select min(ready.priority) from jobforge.ready
        where ready.queue_id = priorities.queue_id and ready.priority > priorities.priority),
        priorities.n + 1
      from priorities where priorities.priority is not null and priorities.n < 250
    )
    select found.id from (
      select newest.id from priorities cross join lateral (
        select ready.id from jobforge.ready
        where ready.queue_id = priorities.queue_id and ready.priority = priorities.priority
          and ready.id between p_first and p_from
        order by ready.id desc limit p_limit) as newest
      union all
      select newest.id from unnest(p_queue_ids) as held (queue_id) cross join lateral (
        select scheduled.id from jobforge.scheduled
        where scheduled.queue_id = held.queue_id and scheduled.id between p_first and p_from
        order by scheduled.id desc limit p_limit) as newest
      where 'scheduled' = any (p_statuses)
      union all
      select quarantined.id from jobforge.quarantined
      where quarantined.queue_id = any (p_queue_ids) and quarantined.id between p_first and p_from
        and 'queued' = any (p_statuses)
      union all
      select unclaimed.id from jobforge.unclaimed
      where unclaimed.queue_id = any (p_queue_ids) and unclaimed.id between p_first and p_from
        and 'queued' = any (p_statuses)
      union all
      select newcomers.id from jobforge.newcomers
      where newcomers.tenant_id = p_tenant_id and 0 = any (p_queue_ids)
        and newcomers.id between p_first and p_from
    ) as found
    order by found.id desc limit p_limit);
end
$$;
comment on function jobforge.waiting_ids(uuid, text[], int[], uuid, uuid, int) is
  'The newest waiting jobs of some queues, from an id back: queued, scheduled or both. Queue 0 has '
  'the first jobs of the tenant, until its queue is made.';

create function jobforge.newest_ids(p_tenant_id uuid, p_source text, p_statuses text[],
  p_queue_ids int[], p_first uuid, p_from uuid, p_limit int)
returns uuid[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
  return case p_source
    when 'running' then array(
      select member.id from jobforge.leases cross join lateral unnest(leases.ids) as member (id)
      where leases.tenant_id = p_tenant_id and member.id between p_first and p_from
      order by member.id desc limit p_limit)
    when 'waiting' then jobforge.waiting_ids(p_tenant_id, p_statuses, coalesce(p_queue_ids,
      array(select q.id from jobforge.queues as q where q.tenant_id = p_tenant_id
        union all select 0)), p_first, p_from, p_limit)
    when 'unsuccessful' then array(
      select unsuccessful_jobs.id from jobforge.unsuccessful_jobs
      where unsuccessful_jobs.tenant_id = p_tenant_id
        and unsuccessful_jobs.id between p_first and p_from
      order by unsuccessful_jobs.id desc limit p_limit)
    else array(
      select j.id from jobforge.jobs as j
      where j.tenant_id = p_tenant_id and j.id between p_first and p_from
      order by j.id desc limit p_limit) end;
end
$$;
comment on function jobforge.newest_ids(uuid, text, text[], int[], uuid, uuid, int) is
  'The newest jobs of a tenant from an id back: of all, or of those that run, wait or ended '
  'without success.';

create function jobforge.list_of_tenant(
  p_tenant_id uuid, p_filter jobforge.job_filter, p_source text, p_from uuid, p_limit int)
returns jobforge.job_page
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_scan_limit constant int := greatest(1000, p_limit + 1);
  v_queue_ids constant int[] := case when p_filter.queue is not null then array(
    select q.id from jobforge.queues as q
    where q.tenant_id = p_tenant_id and q.queue = any (p_filter.queue)
    union all select 0 where 'default' = any (p_filter.queue)) end;
  v_all_open constant boolean := p_source = 'running'
    or p_filter.status @> '{scheduled,queued,running}';
  v_any_open constant boolean := p_filter.status && '{scheduled,queued,running}';
  v_read constant uuid[] := jobforge.newest_ids(p_tenant_id, p_source, p_filter.status, v_queue_ids,
    jobforge.first_id_at(coalesce(p_filter.created_after, '1970-01-02') - interval '1 second'),
    least(p_from, jobforge.first_id_at(
      coalesce(p_filter.created_before, '9999-01-01') + interval '1 second')), v_scan_limit);
  v_ids uuid[];
begin
  v_ids := array(
    select j.id from unnest(v_read) with ordinality as listed (id)
    join jobforge.jobs as j on j.tenant_id = p_tenant_id and j.id = listed.id
    where (j.status = any (p_filter.status) or j.status is null and v_any_open and (v_all_open
        or jobforge.open_status(j.queue_id, j.priority, j.run_at, j.id) = any (p_filter.status)))
      and (p_filter.type is null or j.type = any (p_filter.type))
      and (v_queue_ids is null or j.queue_id = any (v_queue_ids))
      and (p_filter.error_code is null or j.last_error ->> 'code' = any (p_filter.error_code))
      and (p_filter.created_after is null or j.created_at >= p_filter.created_after)
      and (p_filter.created_before is null or j.created_at < p_filter.created_before)
    order by listed.ordinality limit p_limit + 1);
  return row(array(
    select row(p_tenant_id, listed.id)::jobforge.job_key
    from unnest(v_ids[:p_limit]) as listed (id)),
    coalesce(v_ids[p_limit + 1], v_read[v_scan_limit]))::jobforge.job_page;
end
$$;
comment on function jobforge.list_of_tenant(uuid, jobforge.job_filter, text, uuid, int) is
  'The newest jobs of a tenant from an id back that pass a filter.';

-- supabase/schemas/20_jobs/cancel_job.sql

-- Cancel a job: at once while it waits, at its next heartbeat while it runs.

create type jobforge.cancellation as (
  canceled uuid[],
  requested uuid[]
);
comment on type jobforge.cancellation is
  'The jobs that were canceled at once, and those whose run was asked to stop them.';

create function jobforge.cancel(p_tenant_id uuid, p_ids uuid[])
returns jobforge.cancellation
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_cancellation jobforge.cancellation;
  v_queue_ids int[];
begin
  select coalesce(array_agg(taken.id), '{}'), array_agg(taken.queue_id)
  into v_cancellation.canceled, v_queue_ids
  from jobforge.take_waiting(p_tenant_id, p_ids) as taken;
  update jobforge.jobs as j
  set status = 'canceled', cancel_requested_at = v_now, finished_at = v_now
  where j.tenant_id = p_tenant_id and j.id = any (v_cancellation.canceled);
  insert into jobforge.unsuccessful_jobs (tenant_id, id)
  select p_tenant_id, canceled.id from unnest(v_cancellation.canceled) as canceled (id);
  perform jobforge.leave_queue(v_queue_ids);
  -- The run that holds such a job reads the request. Its body stays untouched, so that the run
  -- never waits for this transaction.
  with requested as (
    insert into jobforge.cancel_requests (tenant_id, job_id, requested_at)
    select p_tenant_id, j.id, v_now from public.jobforge_jobs as j
    where j.tenant_id = p_tenant_id and j.id = any (p_ids)
      and j.id <> all (v_cancellation.canceled) and j.status = 'running'
    order by j.id
    on conflict do nothing
    returning cancel_requests.job_id
  )
  select coalesce(array_agg(requested.job_id), '{}') into v_cancellation.requested from requested;
  perform jobforge.hint_jobs(array(
    select row(p_tenant_id, changed.id)::jobforge.job_key
    from unnest(v_cancellation.canceled || v_cancellation.requested) as changed (id)));
  return v_cancellation;
end
$$;
comment on function jobforge.cancel(uuid, uuid[]) is
  'Cancels waiting jobs at once and requests that running ones stop. Skips jobs that another '
  'transaction holds.';

create function jobforge.cancel_job(p_job_id uuid, p_tenant_id uuid)
returns table (job_id uuid, status text, cancel_requested boolean)
language plpgsql
security definer -- writes jobs, bounded by the caller's tenants
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
#variable_conflict use_column
declare
  v_job public.jobforge_jobs;
  v_cancellation jobforge.cancellation;
begin
  for v_try in 1..50 loop
    v_job := jobforge.find_job(p_job_id, p_tenant_id);
    if v_job.status in ('succeeded', 'failed', 'dead') then
      perform jobforge.fail('wrong_state', format('the job is %s already', v_job.status));
    end if;
    exit when v_job.status = 'canceled' or v_job.status = 'running'
      and v_job.cancel_requested_at is not null;
    v_cancellation := jobforge.cancel(v_job.tenant_id, array[v_job.id]);
    exit when v_cancellation.canceled || v_cancellation.requested <> '{}';
    if v_try = 50 then
      perform jobforge.fail_busy();
    end if;
    perform pg_sleep(0.02);
  end loop;
  perform jobforge.audit('cancel_job', v_job.tenant_id, v_job.id::text,
    jsonb_build_object('from', v_job.status));
  return query
  select j.id, j.status, j.cancel_requested_at is not null from public.jobforge_jobs as j
  where j.tenant_id = v_job.tenant_id and j.id = v_job.id;
exception when lock_not_available then
  perform jobforge.fail_busy();
end
$$;
comment on function jobforge.cancel_job(uuid, uuid) is
  'Users: cancels a waiting job at once and a running one at its next heartbeat.';

create function public.jobforge_cancel_job(p_job_id uuid, p_tenant_id uuid default null)
returns table (job_id uuid, status text, cancel_requested boolean)
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select * from jobforge.cancel_job(p_job_id, p_tenant_id) $$;
comment on function public.jobforge_cancel_job(uuid, uuid) is
  'Users: cancels a waiting job at once and a running one at its next heartbeat.';

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
set statement_timeout = '5s'
as $$ select jobforge.cancel_jobs(p_tenant_id, p_filter, p_after, p_limit, p_dry_run) $$;
comment on function public.jobforge_cancel_jobs(uuid, jsonb, uuid, int, boolean) is
  'Users: cancels queued and running jobs by filter. Only reports them unless p_dry_run is '
  'false.';

-- supabase/schemas/20_jobs/change_jobs.sql

-- Change jobs by filter, for retry_jobs and cancel_jobs.
--
-- One call reads a bounded range of a tenant's jobs and changes a bounded number of them. It skips
-- jobs that another transaction holds.

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
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
  v_scan_limit constant int := 20000;
  -- The id is made a moment before or after created_at is read.
  v_from constant uuid := greatest(p_after, jobforge.first_id_at(
    coalesce(p_filter.created_after, '1970-01-02') - interval '1 second'));
  v_until constant uuid := jobforge.first_id_at(
    coalesce(p_filter.created_before, '9999-01-01') + interval '1 second');
  v_queue_ids constant int[] := case when p_filter.queue is not null then array(
    select q.id from jobforge.queues as q
    where q.tenant_id = p_tenant_id and q.queue = any (p_filter.queue)
    union all select 0 where 'default' = any (p_filter.queue)) end;
  v_read uuid[];
  v_ids uuid[];
begin
  v_read := case when p_ended then array(
      select unsuccessful_jobs.id from jobforge.unsuccessful_jobs
      where unsuccessful_jobs.tenant_id = p_tenant_id and unsuccessful_jobs.id > p_after
        and unsuccessful_jobs.id >= v_from and unsuccessful_jobs.id < v_until
      order by unsuccessful_jobs.id limit v_scan_limit)
    else array(
      select j.id from jobforge.jobs as j
      where j.tenant_id = p_tenant_id and j.id > p_after and j.id >= v_from and j.id < v_until
      order by j.id limit v_scan_limit) end;
  v_ids := array(
    select j.id from unnest(v_read) with ordinality as listed (id)
    join jobforge.jobs as j on j.tenant_id = p_tenant_id and j.id = listed.id
    where (j.status = any (p_filter.status) or j.status is null and not p_ended
        and jobforge.open_status(j.queue_id, j.priority, j.run_at, j.id) = any (p_filter.status)
        and not exists (
          select from jobforge.cancel_requests where cancel_requests.tenant_id = p_tenant_id
            and cancel_requests.job_id = j.id))
      and (p_filter.type is null or j.type = any (p_filter.type))
      and (v_queue_ids is null or j.queue_id = any (v_queue_ids))
      and (p_filter.error_code is null or j.last_error ->> 'code' = any (p_filter.error_code))
      and (p_filter.created_after is null or j.created_at >= p_filter.created_after)
      and (p_filter.created_before is null or j.created_at < p_filter.created_before)
    order by listed.ordinality limit p_limit);
  return row(v_ids, (
    select jsonb_agg(to_jsonb(sampled) order by sampled.id)
    from (
      select j.id, j.status, j.type, j.queue, j.last_error ->> 'code' as error_code, j.created_at
      from public.jobforge_jobs as j
      where j.tenant_id = p_tenant_id and j.id = any (v_ids[:10])) as sampled),
    case when cardinality(v_ids) = p_limit then v_ids[p_limit]
      else v_read[v_scan_limit] end)::jobforge.found_jobs;
end
$$;
comment on function jobforge.find_jobs(uuid, jobforge.job_filter, boolean, uuid, int) is
  'Returns up to p_limit jobs after an id that pass the filter. Reads 20,000 jobs at most.';

create function jobforge.change_jobs(p_action text, p_tenant_id uuid, p_filter jsonb,
  p_after uuid, p_limit int, p_dry_run boolean)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s' -- a cancellation of the same running job in a transaction that is open
as $$
declare
  v_ended constant boolean := p_action = 'retry_jobs';
  v_filter constant jobforge.job_filter := case
    when v_ended then jobforge.job_filter(p_filter, '{dead,failed,canceled}', '{dead,failed}')
    else jobforge.job_filter(p_filter, '{scheduled,queued,running}',
      '{scheduled,queued,running}') end;
  v_found jobforge.found_jobs;
  v_held uuid[];
  v_cancellation jobforge.cancellation;
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

  if v_ended then
    select coalesce(array_agg(held.id), '{}') into v_held
    from (
      select j.id from jobforge.jobs as j
      where j.tenant_id = p_tenant_id and j.id = any (v_found.ids)
        and j.status = any (v_filter.status)
      order by j.id
      for no key update skip locked
    ) as held;
    perform jobforge.retry_ended(p_tenant_id, v_held);
  else
    v_cancellation := jobforge.cancel(p_tenant_id, v_found.ids);
    v_held := v_cancellation.canceled || v_cancellation.requested;
  end if;
  perform jobforge.audit(p_action, p_tenant_id, null,
    jsonb_build_object('filter', p_filter, 'count', cardinality(v_held)));
  return jsonb_build_object('dry_run', false, 'count', cardinality(v_held),
    'skipped', coalesce(cardinality(v_found.ids), 0) - cardinality(v_held),
    'sample', coalesce(v_found.sample, '[]'), 'next', v_found.next);
exception when lock_not_available then
  perform jobforge.fail_busy();
  return null;
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
-- claims never wait for them. A stored body weighs as much as the jobs that take as long to delete.

create type jobforge.deletion as (
  examined int,
  deleted int,
  next uuid
);
comment on type jobforge.deletion is
  'The weight of the jobs that one batch read, and how many it deleted. The next batch continues '
  'after next, which is null at the end.';

create function jobforge.weighed_jobs(
  p_tenant_id uuid, p_after uuid, p_until uuid, p_limit int)
returns table (id uuid, status text, finished_at timestamptz, weight int, weight_before bigint)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select page.id, page.status, page.finished_at, page.weight,
    sum(page.weight) over (order by page.id) - page.weight
  from (
    select j.id, j.status::text, j.finished_at,
      1 + coalesce(octet_length(webhook_bodies.body) / 65536, 0) as weight
    from jobforge.jobs as j
    left join jobforge.webhook_bodies
      on webhook_bodies.tenant_id = j.tenant_id and webhook_bodies.job_id = j.id
    where j.tenant_id = p_tenant_id and j.id > p_after and j.id < p_until
    order by j.id
    limit p_limit
  ) as page
$$;
comment on function jobforge.weighed_jobs(uuid, uuid, uuid, int) is
  'Returns a tenant''s next jobs. A job weighs one, and each 64 KiB of its stored body one more.';

create function jobforge.end_keys(p_tenant_id uuid, p_job_ids uuid[])
returns uuid[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  v_held_by_others uuid[];
begin
  with keyed as materialized (
    select j.id, j.finished_at, k.type, k.key
    from jobforge.jobs as j join jobforge.idempotency_keys as k
      on k.tenant_id = j.tenant_id and k.type = j.type and k.key = j.idempotency_key
    where j.tenant_id = p_tenant_id and j.id = any (p_job_ids)
      and k.job_id = j.id and k.expires_at is null
  ),
  locked as materialized (
    select keyed.id, keyed.finished_at, k_locked.ctid as place
    from keyed join jobforge.idempotency_keys as k_locked on k_locked.tenant_id = p_tenant_id
      and k_locked.type = keyed.type and k_locked.key = keyed.key
    for update of k_locked skip locked
  ),
  ended as (
    update jobforge.idempotency_keys as k set expires_at = locked.finished_at + interval '30 days'
    from locked where k.ctid = locked.place
  )
  select array_agg(keyed.id) into v_held_by_others
  from keyed where keyed.id not in (select locked.id from locked);
  return v_held_by_others;
end
$$;
comment on function jobforge.end_keys(uuid, uuid[]) is
  'Lets the idempotency keys of jobs that are about to be deleted end 30 days after the end of the '
  'job. Returns the jobs whose key another transaction holds.';

create function jobforge.delete_jobs(p_tenant_id uuid, p_ids uuid[])
returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  v_deleted int;
begin
  delete from jobforge.unsuccessful_attempts as a
  where a.tenant_id = p_tenant_id and a.job_id = any (p_ids);
  delete from public.jobforge_job_results
  where jobforge_job_results.tenant_id = p_tenant_id and jobforge_job_results.job_id = any (p_ids);
  delete from jobforge.webhook_bodies
  where webhook_bodies.tenant_id = p_tenant_id and webhook_bodies.job_id = any (p_ids);
  delete from jobforge.job_progress
  where job_progress.tenant_id = p_tenant_id and job_progress.job_id = any (p_ids);
  delete from jobforge.unsuccessful_jobs
  where unsuccessful_jobs.tenant_id = p_tenant_id and unsuccessful_jobs.id = any (p_ids);
  delete from jobforge.cancel_requests
  where cancel_requests.tenant_id = p_tenant_id and cancel_requests.job_id = any (p_ids);
  delete from jobforge.jobs as j where j.tenant_id = p_tenant_id and j.id = any (p_ids);
  get diagnostics v_deleted = row_count;
  return v_deleted;
end
$$;
comment on function jobforge.delete_jobs(uuid, uuid[]) is
  'Deletes jobs that have ended with all that belongs to them. The caller has locked their bodies.';

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
  v_ids uuid[];
  v_kept uuid[];
begin
  with examined as materialized (
    select weighed.* from jobforge.weighed_jobs(p_tenant_id, p_after, v_until, p_limit) as weighed
    where weighed.weight_before < p_limit
  ),
  held as materialized (
    select j.id from jobforge.jobs as j
    where j.tenant_id = p_tenant_id
      and j.id in (
        select examined.id from examined
        where examined.finished_at < (p_before ->> examined.status)::timestamptz)
      and j.finished_at < (p_before ->> j.status::text)::timestamptz
    for update skip locked
  )
  select coalesce(sum(examined.weight), 0),
    case when sum(examined.weight) >= p_limit
      then (array_agg(examined.id order by examined.id desc))[1] end,
    (select array_agg(held.id) from held)
  into v_deletion.examined, v_deletion.next, v_ids
  from examined;
  -- A job whose key another transaction holds stays until the next pass, and so does the key.
  v_kept := jobforge.end_keys(p_tenant_id, v_ids);
  v_deletion.deleted := jobforge.delete_jobs(p_tenant_id, case when v_kept is null then v_ids
    else array(select held.id from unnest(v_ids) as held (id) where held.id <> all (v_kept)) end);
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
set statement_timeout = '5s'
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
set lock_timeout = '1s'
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
exception when lock_not_available then
  perform jobforge.fail('busy', 'another transaction is changing these settings: try again');
  return null;
end
$$;
comment on function jobforge.configure_retention(int, int) is
  'Operators: sets for how many days finished jobs are kept. Null keeps them forever.';

create function public.jobforge_configure_retention(p_succeeded_days int, p_unsuccessful_days int)
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select jobforge.configure_retention(p_succeeded_days, p_unsuccessful_days) $$;
comment on function public.jobforge_configure_retention(int, int) is
  'Operators: sets for how many days finished jobs are kept. Null keeps them forever.';

-- supabase/schemas/20_jobs/enqueue.sql

-- Enqueue: the part that batches, keys, schedules and webhooks share.
--
-- An enqueue waits for no other caller but one with the same idempotency key. It only inserts, and
-- takes free places where a queue has max_queued.

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
set lock_timeout = '1s' -- the same key in a transaction that is still open
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
exception when lock_not_available then
  perform jobforge.fail('busy',
    'a transaction with the same idempotency_key is still open: try again after it has ended');
  return null;
end
$$;
comment on function jobforge.reserve_keys(uuid, jobforge.new_job[], uuid[]) is
  'Returns for each job the id of its idempotency key: its own, or that of the first job.';

create function jobforge.insert_jobs(p_tenant_id uuid, p_jobs jobforge.new_job[], p_ids uuid[],
  p_queues text[], p_queue_ids int[], p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_created_by constant text := jobforge.caller();
begin
  with body as (
    insert into jobforge.jobs as j (tenant_id, id, queue_id, priority, max_attempts, timeout_ms,
      run_at, created_at, type, payload, idempotency_key, traceparent, created_by)
    select p_tenant_id, new_job.id,
      p_queue_ids[array_position(p_queues, coalesce(new_job.queue, 'default'))],
      coalesce(new_job.priority, 0), new_job.max_attempts, new_job.timeout_ms,
      coalesce(new_job.run_at, p_now), p_now, new_job.type, new_job.payload,
      new_job.idempotency_key, new_job.traceparent, v_created_by
    from unnest(p_jobs, p_ids) as new_job (type, payload, idempotency_key,
      idempotency_ttl_seconds, run_at, max_attempts, priority, queue, timeout_ms, traceparent, id)
    where new_job.id is not null
    returning j.queue_id, j.priority, j.id, j.run_at, j.ctid,
      octet_length(j.payload::text) as bytes
  ),
  scheduled as (
    insert into jobforge.scheduled (queue_id, bytes, run_at, id, tenant_id, priority, place)
    select body.queue_id, body.bytes, body.run_at, body.id, p_tenant_id, body.priority, body.ctid
    from body
    where body.run_at > p_now and body.queue_id > 0
  ),
  newcomers as (
    insert into jobforge.newcomers (tenant_id, id, bytes, run_at, scheduled)
    select p_tenant_id, body.id, body.bytes, body.run_at, body.run_at > p_now from body
    where body.queue_id = 0
  )
  insert into jobforge.ready (queue_id, bytes, priority, id, tenant_id, place)
  select body.queue_id, body.bytes, body.priority, body.id, p_tenant_id, body.ctid from body
  where body.run_at <= p_now and body.queue_id > 0;
end
$$;
comment on function jobforge.insert_jobs(
  uuid, jobforge.new_job[], uuid[], text[], int[], timestamptz) is
  'Inserts the jobs that have an id. p_queue_ids has the queue of each name in p_queues.';

create function jobforge.enqueue(p_tenant_id uuid, p_jobs jobforge.new_job[])
returns table (index int, job_id uuid, status text, duplicate boolean)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_count constant int := jobforge.validate_jobs(p_jobs);
  v_now constant timestamptz := jobforge.clock();
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
          where new_job.run_at is null or new_job.run_at <= v_now) as priority,
        bool_or(new_job.run_at > v_now) as later
      from unnest(p_jobs) with ordinality as new_job
      where v_ids[new_job.ordinality] = v_job_ids[new_job.ordinality]
      group by 1
    )
    select grouped.* from grouped order by grouped.queue
  loop
    v_queues := v_queues || v_group.queue;
    v_queue_ids := v_queue_ids || jobforge.enter_queue(
      p_tenant_id, v_group.queue, v_group.count, v_group.priority, v_group.later,
      case when v_count = 1 then p_jobs[1].type end);
  end loop;
  perform jobforge.insert_jobs(p_tenant_id, p_jobs, array(
    select case when made.id = made.job_id then made.id end
    from unnest(v_ids, v_job_ids) with ordinality as made (id, job_id, index)
    order by made.index), v_queues, v_queue_ids, v_now);

  return query
  select (made.index - 1)::int, made.job_id,
    case when made.id = made.job_id
      then case when p_jobs[made.index].run_at > v_now then 'scheduled' else 'queued' end
      else (
        select j.status from public.jobforge_jobs as j
        where j.tenant_id = p_tenant_id and j.id = made.job_id) end,
    made.id <> made.job_id
  from unnest(v_ids, v_job_ids) with ordinality as made (id, job_id, index)
  order by made.index;
end
$$;
comment on function jobforge.enqueue(uuid, jobforge.new_job[]) is
  'Enqueues all of the jobs or none. The caller has checked the tenant.';

-- supabase/schemas/20_jobs/enqueue_job.sql

-- Enqueue one job: the short path. Everything out of the ordinary goes the way of a batch of one.

create function jobforge.enqueue_job(
  p_tenant_id uuid, p_type text, p_payload jsonb, p_run_at timestamptz, p_max_attempts int,
  p_priority int, p_queue text, p_timeout_ms int, p_traceparent text)
returns uuid
language plpgsql
security definer -- writes jobs, bounded by the caller's tenant
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_role text := current_setting('role');
  v_tenant_id uuid := p_tenant_id;
  v_now constant timestamptz := jobforge.clock();
  v_us constant bigint := date_part('epoch', v_now) * 1e6::float8;
  v_id uuid;
  v_queue record;
begin
  if v_role = 'none' then
    v_role := session_user;
  end if;
  if p_tenant_id is null or v_role <> 'service_role'
    and not pg_has_role(v_role, 'service_role', 'usage')
  then
    v_tenant_id := jobforge.callers_tenant(p_tenant_id);
  end if;
  -- What most jobs are. The rules state what is wrong with the others.
  if (p_type ~ '^[A-Za-z][A-Za-z0-9_.:-]*$' and length(p_type) <= 128
    and pg_column_size(p_payload) <= 2000 and pg_column_compression(p_payload) is null
    and octet_length(p_payload::text) <= 262144
    and (pg_column_size(p_payload) < 64 or not jsonb_path_exists(p_payload, '$.**{32 to last}'))
    and p_priority = 0 and num_nonnulls(p_run_at, p_max_attempts, p_timeout_ms, p_traceparent) = 0
    and current_setting('transaction_isolation') = 'read committed'
    -- The number of the transaction comes before the look at the queue. See enter_queue.sql.
    and pg_current_xact_id() is not null)
    is not true
  then
    return jobforge.enqueue_unusual(v_tenant_id, row(p_type, p_payload, null, null, p_run_at,
      p_max_attempts, p_priority, p_queue, p_timeout_ms, p_traceparent)::jobforge.new_job);
  end if;
  select q.id, case
      when jobforge_queues.paused or q.blocked then false
      when q.runnable and coalesce(q.cursor_priority, 0) <= 0 and exists (
        select from jobforge.runs as r
        where r.state = 'live' and r.held < r.capacity
          and r.polled_at > v_now - interval '2 seconds'
          and (r.types is null or p_type = any (r.types))) then false
      else not exists (
        select from jobforge.wakeups
        where wakeups.queue_id = q.id and wakeups.ready and wakeups.type = p_type)
    end as needs_wakeup,
    -- Here it costs queues without a limit nothing. A statement of its own would cost all of them.
    case when jobforge_queues.max_queued is not null
      then jobforge.take_slots(q.tenant_id, q.id, q.queue, 1) end as admitted,
    exists (select from jobforge.watches where watches.expires_at > v_now
      and watches.tenant_id = v_tenant_id and watches.job_id is null) as is_watched
  into v_queue
  from jobforge.queues as q join public.jobforge_queues
    on jobforge_queues.tenant_id = q.tenant_id and jobforge_queues.queue = q.queue
  where q.tenant_id = v_tenant_id and q.queue = p_queue;
  if not found then
    return jobforge.enqueue_unusual(v_tenant_id, row(p_type, p_payload, null, null, null, null, 0,
      p_queue, null, null)::jobforge.new_job);
  end if;
  -- UUID version 7: milliseconds, their fraction, and 48 random bits.
  v_id := encode(int8send(v_us / 1000 << 16 | 28672 | v_us % 1000 * 4096 / 1000)
    || int8send((-9223372036854775808) | (random() * 281474976710655)::bigint), 'hex')::uuid;
  with body as (
    insert into jobforge.jobs as j (tenant_id, id, queue_id, run_at, created_at, type, payload,
      created_by)
    values (v_tenant_id, v_id, v_queue.id, v_now, v_now, p_type, p_payload,
      case when coalesce(current_setting('request.jwt.claims', true), '') = '' then v_role
        else jobforge.caller() end)
    returning j.ctid
  ),
  counted as (
    insert into jobforge.queue_deltas (queue_id, enqueued) values (v_queue.id, 1)
  )
  insert into jobforge.ready (queue_id, bytes, priority, id, tenant_id, place)
  select v_queue.id, octet_length(p_payload::text), 0, v_id, v_tenant_id, body.ctid from body;
  if v_queue.needs_wakeup then
    insert into jobforge.wakeups (queue_id, type) values (v_queue.id, p_type);
  end if;
  if v_queue.is_watched then
    perform jobforge.send_hints(array[row(v_tenant_id, v_id)::jobforge.job_key], v_now);
  end if;
  return v_id;
end
$$;
comment on function jobforge.enqueue_job(
  uuid, text, jsonb, timestamptz, int, int, text, int, text) is
  'Users: enqueues one job without an idempotency key for the caller''s tenant. Returns its id.';

create function jobforge.enqueue_unusual(p_tenant_id uuid, p_job jobforge.new_job)
returns uuid
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  return (select enqueued.job_id from jobforge.enqueue(p_tenant_id, array[p_job]) as enqueued);
end
$$;
comment on function jobforge.enqueue_unusual(uuid, jobforge.new_job) is
  'Enqueues a job that the short path leaves out. The caller has checked the tenant.';

create function jobforge.enqueue_with_key(p_tenant_id uuid, p_job jobforge.new_job)
returns table (job_id uuid, status text, duplicate boolean)
language plpgsql
security definer -- writes jobs, bounded by the caller's tenant
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
begin
  return query
  select enqueued.job_id, enqueued.status, enqueued.duplicate
  from jobforge.enqueue(jobforge.callers_tenant(p_tenant_id), array[p_job]) as enqueued;
end
$$;
comment on function jobforge.enqueue_with_key(uuid, jobforge.new_job) is
  'Users: enqueues one job with an idempotency key for the caller''s tenant.';

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
set statement_timeout = '2s'
as $$
begin
  if p_idempotency_key is null and p_idempotency_ttl_seconds is null then
    job_id := jobforge.enqueue_job(p_tenant_id, p_type, p_payload, p_run_at, p_max_attempts,
      coalesce(p_priority, 0), coalesce(p_queue, 'default'), p_timeout_ms, p_traceparent);
    status := case when p_run_at > now() then 'scheduled' else 'queued' end;
    duplicate := false;
  else
    select enqueued.job_id, enqueued.status, enqueued.duplicate
    into job_id, status, duplicate
    from jobforge.enqueue_with_key(p_tenant_id, row(p_type, p_payload, p_idempotency_key,
      p_idempotency_ttl_seconds, p_run_at, p_max_attempts, p_priority, p_queue, p_timeout_ms,
      p_traceparent)::jobforge.new_job) as enqueued;
  end if;
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

create function jobforge.enqueue_plain(p_tenant_id uuid, p_jobs jsonb)
returns uuid[]
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_created_by constant text := jobforge.caller();
  v_head constant text := jobforge.id_prefix(v_now);
  v_tail constant text := right(gen_random_uuid()::text, 12);
  v_queue_id int;
  v_ids uuid[];
begin
  v_queue_id := jobforge.enter_queue(
    p_tenant_id, 'default', jsonb_array_length(p_jobs), 0, false, null);
  if v_queue_id = 0 then
    return null;
  end if;
  with body as (
    insert into jobforge.jobs as j (tenant_id, id, queue_id, run_at, created_at, type, payload,
      created_by)
    select p_tenant_id, (v_head || to_hex(32768 + element.ordinality) || v_tail)::uuid, v_queue_id,
      v_now, v_now,
      -- What is not plain has no type here, so the whole statement fails.
      case when jsonb_typeof(element.value -> 'payload') = 'object' then
        case when jsonb_typeof(element.value -> 'type') = 'string'
          and element.value - '{type,payload}'::text[] = '{}'
          and length(element.value ->> 'type') <= 128
          and element.value ->> 'type' ~ '^[A-Za-z][A-Za-z0-9_.:-]*$'
        then element.value ->> 'type' end end,
      element.value -> 'payload', v_created_by
    from jsonb_array_elements(p_jobs) with ordinality as element
    returning j.id, j.ctid, octet_length(j.payload::text) as bytes
  ),
  readied as (
    insert into jobforge.ready (queue_id, bytes, priority, id, tenant_id, place)
    select v_queue_id, body.bytes, 0, body.id, p_tenant_id, body.ctid from body
  )
  select array_agg(body.id) into v_ids from body;
  return v_ids;
exception when not_null_violation then
  return null;
end
$$;
comment on function jobforge.enqueue_plain(uuid, jsonb) is
  'Enqueues jobs that have a type and a small payload only. Returns null, and does nothing, when '
  'one of them has more or breaks a rule.';

create function jobforge.require_texts(p_jobs jsonb)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_invalid record;
begin
  -- Anything can become text: 20261201 a day in the zone of the session, true a type.
  select element.ordinality - 1 as index, member.key into v_invalid
  from jsonb_array_elements(p_jobs) with ordinality as element
  cross join unnest('{type,idempotency_key,run_at,queue,traceparent}'::text[]) as member (key)
  where jsonb_typeof(element.value -> member.key) not in ('string', 'null')
  limit 1;
  if found then
    perform jobforge.fail('invalid_argument',
      format('job %s: %s must be a text', v_invalid.index, v_invalid.key));
  end if;
end
$$;
comment on function jobforge.require_texts(jsonb) is
  'Raises invalid_argument for the first job with a value of another type where a text must be.';

create function jobforge.refuse_ambiguous_times(p_jobs jsonb)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_index bigint;
begin
  select min(element.ordinality) into v_index
  from jsonb_array_elements(p_jobs) with ordinality as element
  where jsonb_typeof(element.value -> 'run_at') = 'string'
    and element.value ->> 'run_at' !~ jobforge.time_pattern();
  if v_index is not null then
    perform jobforge.fail('invalid_argument', format('job %s: run_at must be a time with seconds '
      'and an offset, such as 2026-01-12T09:00:00Z', v_index - 1));
  end if;
end
$$;
comment on function jobforge.refuse_ambiguous_times(jsonb) is
  'Raises invalid_argument for the first job whose run_at has no offset or another form.';

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
  v_ids uuid[];
begin
  if jsonb_typeof(p_jobs) is distinct from 'array'
    or jsonb_array_length(p_jobs) not between 1 and 1000
  then
    perform jobforge.fail('invalid_argument', 'p_jobs must be an array of 1 to 1000 jobs');
  end if;
  -- Most batches are as a whole within the bounds of one payload.
  if jobforge.jsonb_fits(p_jobs, 262144) then
    v_ids := jobforge.enqueue_plain(v_tenant_id, p_jobs);
    if v_ids is not null then
      return query
      select (made.ordinality - 1)::int, made.id, 'queued', false
      from unnest(v_ids) with ordinality as made (id);
      return;
    end if;
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
  -- Each payload has a bound of its own. The other members become text.
  if not jobforge.jsonb_fits((
    select jsonb_agg(element.value - 'payload')
    from jsonb_array_elements(p_jobs) as element), 2097152)
  then
    perform jobforge.fail('invalid_argument',
      'p_jobs must have at most 2097152 bytes beside the payloads');
  end if;
  perform jobforge.require_texts(p_jobs);
  if jsonb_path_exists(p_jobs, '$[*].run_at') then
    perform jobforge.refuse_ambiguous_times(p_jobs);
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
set statement_timeout = '5s'
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
    end from '^https?://([^:/?#@]+)') collate "C")
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

create function jobforge.run_of(p_job public.jobforge_jobs)
returns jobforge.runs
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select r.* from jobforge.queues as q
  join jobforge.leases on leases.queue_id = q.id and p_job.id = any (leases.ids)
  join jobforge.runs as r on r.id = leases.run_id
  where q.tenant_id = p_job.tenant_id and q.queue = p_job.queue and p_job.status = 'running'
  limit 1
$$;
comment on function jobforge.run_of(public.jobforge_jobs) is
  'The run that holds a job. Null when none does.';

create function jobforge.is_unclaimed(p_job public.jobforge_jobs)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select from jobforge.queues as q join jobforge.unclaimed on unclaimed.queue_id = q.id
      and unclaimed.priority = p_job.priority and unclaimed.id = p_job.id
    where q.tenant_id = p_job.tenant_id and q.queue = p_job.queue)
$$;
comment on function jobforge.is_unclaimed(public.jobforge_jobs) is
  'Whether a job waits for a run that takes its type.';

create function jobforge.is_taken(p_type text, p_now timestamptz)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select from jobforge.runs as r
    where r.state = 'live' and r.lease_expires_at > p_now
      and (r.types is null or p_type = any (r.types)))
$$;
comment on function jobforge.is_taken(text, timestamptz) is
  'Whether a live run takes jobs of a type.';

create function jobforge.kind_of(p_type text)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select t.runs_on from jobforge.job_types as t where t.type = p_type $$;
comment on function jobforge.kind_of(text) is
  'The only kind of worker that runs a type. Null for any, and for an unknown type.';

create function jobforge.reason_of(
  p_job public.jobforge_jobs, p_run jobforge.runs, p_closed_until timestamptz, p_now timestamptz)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when p_job.status = 'running' and p_job.cancel_requested_at is not null then 'canceling'
    when p_job.status = 'running' and not coalesce(
      p_run.state = 'live' and p_run.lease_expires_at > p_now, false) then 'lease_expiring'
    when p_job.status not in ('scheduled', 'queued') then p_job.status
    when exists (
      select from jobforge.erasures where erasures.tenant_id = p_job.tenant_id)
      then 'tenant_erasing'
    when jobforge_queues.paused then 'queue_paused'
    when exists (select from jobforge.queue_faults where queue_faults.queue_id = q.id)
      then 'queue_at_fault'
    when p_job.status = 'scheduled' and p_job.run_at > p_now
      and (p_job.last_error ->> 'code' = 'host_closed' or p_closed_until >= p_job.run_at)
      then 'host_closed'
    when p_job.status = 'scheduled' and p_job.run_at > p_now then 'scheduled'
    when jobforge.is_unclaimed(p_job) then 'type_unknown_to_workers'
    when jobforge.running(q.id) >= jobforge_queues.max_running then 'queue_at_max_running'
    when jobforge.available_starts(q, jobforge_queues, p_now) = 0 then 'queue_rate_limited'
    when p_closed_until is not null then 'host_closed'
    when p_job.lease_expiries >= 2 then 'quarantined'
    when (select settings.project_url is null from jobforge.settings)
      and jobforge.kind_of(p_job.type) is distinct from 'container'
      and not jobforge.is_taken(p_job.type, p_now) then 'project_url_unknown'
    when not exists (select from jobforge.job_types as t where t.type = p_job.type)
      then 'type_unknown_to_workers'
    when not jobforge.is_taken(p_job.type, p_now) then
      -- The dispatcher calls edge workers. A container must already be running.
      case when jobforge.kind_of(p_job.type) = 'container' then 'type_unknown_to_workers'
        else 'waiting_for_a_worker' end
    else 'waiting_its_turn'
  end
  from (select) as once
  left join jobforge.queues as q on q.tenant_id = p_job.tenant_id and q.queue = p_job.queue
  left join public.jobforge_queues on jobforge_queues.tenant_id = p_job.tenant_id
    and jobforge_queues.queue = p_job.queue
$$;
comment on function jobforge.reason_of(
  public.jobforge_jobs, jobforge.runs, timestamptz, timestamptz) is
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
      jobforge_schedules.overlap = 'skip' and p_job.status in ('scheduled', 'queued', 'running'))
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
  v_job constant public.jobforge_jobs := jobforge.find_job(p_job_id, p_tenant_id);
  v_run constant jobforge.runs := jobforge.run_of(v_job);
  v_closed_until constant timestamptz := jobforge.host_closed_until(v_job, v_now);
  v_reason constant text := jobforge.reason_of(v_job, v_run, v_closed_until, v_now);
begin
  return jsonb_build_object('job_id', v_job.id, 'status', v_job.status, 'reason', v_reason,
    'message', jobforge.reason_text(v_reason, jobforge.kind_of(v_job.type)),
    'earliest_at', case v_reason
      when 'scheduled' then v_job.run_at
      when 'host_closed' then greatest(v_job.run_at, v_closed_until)
      when 'queue_rate_limited' then (
        select jobforge.next_start(q, jobforge_queues, v_now)
        from jobforge.queues as q join public.jobforge_queues
          on jobforge_queues.tenant_id = q.tenant_id and jobforge_queues.queue = q.queue
        where q.tenant_id = v_job.tenant_id and q.queue = v_job.queue)
      when 'lease_expiring' then v_now + interval '10 seconds'
      when 'quarantined' then v_now
      when 'waiting_for_a_worker' then v_now
      when 'waiting_its_turn' then v_now
    end) || jsonb_strip_nulls(jsonb_build_object(
    'lease_expires_at', v_run.lease_expires_at, 'schedule', jobforge.schedule_of(v_job)))
    -- Runs count the work of all tenants, so users do not see their numbers.
    || case when jobforge.is_service() then jsonb_strip_nulls(jsonb_build_object(
      'run_id', v_run.id, 'last_call', case when v_reason in
        ('waiting_for_a_worker', 'type_unknown_to_workers', 'quarantined')
        then jobforge.last_call() end)) else '{}' end;
end
$$;
comment on function jobforge.explain_job(uuid, uuid) is
  'Users: why a job is not running, and when it could start. Null when that is not known. Services '
  'also get the run that holds it or, while it waits for one, the last call of the worker.';

create function public.jobforge_explain_job(p_job_id uuid, p_tenant_id uuid default null)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select jobforge.explain_job(p_job_id, p_tenant_id) $$;
comment on function public.jobforge_explain_job(uuid, uuid) is
  'Users: why a job is not running, and when it could start. Null when that is not known. Services '
  'also get the run that holds it or, while it waits for one, the last call of the worker.';

-- supabase/schemas/20_jobs/explain_reasons.sql

-- The reasons of explain_job in words.

create function jobforge.url_hint()
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select format('project URL unknown: open …/%s/health once, or run jobforge setup',
    settings.worker_function)
  from jobforge.settings
$$;
comment on function jobforge.url_hint() is
  'What to do in a project that does not store its URL, so that no worker is called.';

create function jobforge.reason_text(p_reason text, p_kind text)
returns text
language sql stable
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
    when 'queue_at_fault' then 'Its queue raises an error. An operator must configure it anew.'
    when 'scheduled' then 'It waits for its run_at.'
    when 'host_closed' then 'The host it calls asked for a pause.'
    when 'queue_at_max_running' then 'Its queue runs as many jobs as max_running allows.'
    when 'queue_rate_limited' then 'Its queue has used up its rate for now.'
    when 'quarantined' then 'Its lease expired twice. It waits for a run that holds no other job.'
    when 'type_unknown_to_workers'
      then 'No ' || coalesce(p_kind || ' ', '')
        || 'worker for this type is running. No attempt is spent meanwhile.'
    when 'project_url_unknown' then 'It is ready. ' || jobforge.url_hint()
    when 'waiting_for_a_worker' then 'It is ready. No worker is running yet.'
    when 'waiting_its_turn' then 'It is ready, behind other jobs of its queue or other queues.'
  end
$$;
comment on function jobforge.reason_text(text, text) is
  'A reason of explain_job in words. p_kind is the only kind of worker for the job, or null.';

-- supabase/schemas/20_jobs/get_job.sql

-- Get one job: its state with its result, in one answer.
--
-- A call is a POST, so it never reaches a read replica, where a job, its end and its result arrive
-- one after the other.

create function jobforge.get_job(
  p_job_id uuid, p_tenant_id uuid, p_payload boolean, p_as_text boolean)
returns json
language plpgsql stable
security definer -- reads jobs and results, bounded by the caller's tenants
set search_path = pg_catalog, pg_temp
as $$
declare
  v_job constant public.jobforge_jobs := jobforge.find_job(p_job_id, p_tenant_id);
  v_result constant jsonb := (
    select jobforge_job_results.result from public.jobforge_job_results
    where jobforge_job_results.tenant_id = v_job.tenant_id
      and jobforge_job_results.job_id = v_job.id);
begin
  return to_jsonb(v_job) - '{payload,progress}'::text[]
    || case when p_as_text
      then jsonb_build_object('progress', v_job.progress::text, 'result', v_result::text)
      else jsonb_build_object('progress', v_job.progress, 'result', v_result) end
    || case when p_payload and p_as_text then jsonb_build_object('payload', v_job.payload::text)
      when p_payload then jsonb_build_object('payload', v_job.payload)
      else '{}' end;
end
$$;
comment on function jobforge.get_job(uuid, uuid, boolean, boolean) is
  'Users: one job with its result, which is null until it has succeeded and when it has none.';

create function public.jobforge_get_job(p_job_id uuid, p_tenant_id uuid default null,
  p_payload boolean default false, p_as_text boolean default false)
returns json
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select jobforge.get_job(p_job_id, p_tenant_id, p_payload, p_as_text) $$;
comment on function public.jobforge_get_job(uuid, uuid, boolean, boolean) is
  'Users: one job with its result. p_payload adds its payload. With p_as_text the payload, the '
  'progress and the result are texts of JSON, for a caller whose parser rounds numbers.';

-- supabase/schemas/20_jobs/list_jobs.sql

-- List jobs, newest first.
--
-- A page is found by walking back from an id through the existing indexes. A filter that matches
-- few jobs could walk for long. So one call reads 1,000 jobs at most and returns where the next
-- one continues.

create function jobforge.jobs_to_read(
  p_tenant_ids uuid[], p_filter jobforge.job_filter, p_source text, p_limit int, p_tenants int)
returns int
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- When every job passes the filter, a page and the next id are enough.
  select case when (p_source <> 'any' and p_filter.status @> '{failed,dead,canceled}'
        or p_filter.status @> '{scheduled,queued,running,succeeded,failed,dead,canceled}')
      and num_nonnulls(p_filter.type, p_filter.queue, p_filter.error_code,
        p_filter.created_after, p_filter.created_before) = 0
    then p_limit + 1
    else greatest(1000 / greatest(least(count(distinct q.tenant_id), p_tenants), 1),
      p_limit + 1)::int end
  from jobforge.queues as q
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
    select q.tenant_id from jobforge.queues as q where p_tenant_ids is null
    union
    -- A tenant whose first jobs have just come has no queue yet.
    select newcomers.tenant_id from jobforge.newcomers where p_tenant_ids is null
    union
    select named.id from unnest(p_tenant_ids) as named (id)
  ) as tenants
  cross join lateral (
    (select j.id from jobforge.jobs as j
      where p_source = 'any' and j.tenant_id = tenants.tenant_id and j.id between p_first and p_from
      order by j.id desc limit 1)
    union all
    (select unsuccessful_jobs.id from jobforge.unsuccessful_jobs
      where p_source = 'unsuccessful' and unsuccessful_jobs.tenant_id = tenants.tenant_id
        and unsuccessful_jobs.id between p_first and p_from
      order by unsuccessful_jobs.id desc limit 1)
  ) as newest
  order by newest.id desc, tenants.tenant_id
  limit p_tenants + 1
$$;
comment on function jobforge.newest_jobs(uuid[], text, uuid, uuid, int) is
  'The newest job of each tenant, newest first. One tenant more than a page reads.';

create function jobforge.newest_keys(
  p_tenant_ids uuid[], p_source text, p_first uuid, p_from uuid, p_limit int)
returns jobforge.job_page
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  v_tenants constant int := 200;
  v_page jobforge.job_page;
begin
  with newest as materialized (
    select * from jobforge.newest_jobs(p_tenant_ids, p_source, p_first, p_from, v_tenants)
  ),
  listed as materialized (
    select of_tenant.tenant_id, of_tenant.id from newest
    cross join lateral (
      (select j.tenant_id, j.id from jobforge.jobs as j
        where p_source = 'any' and j.tenant_id = newest.tenant_id
          and j.id between p_first and p_from
        order by j.id desc limit p_limit)
      union all
      (select unsuccessful_jobs.tenant_id, unsuccessful_jobs.id from jobforge.unsuccessful_jobs
        where p_source = 'unsuccessful' and unsuccessful_jobs.tenant_id = newest.tenant_id
          and unsuccessful_jobs.id between p_first and p_from
        order by unsuccessful_jobs.id desc limit p_limit)
    ) as of_tenant
    where newest.rank <= v_tenants
    union all -- no more than the runs hold
    select leases.tenant_id, member.id
    from jobforge.leases cross join lateral unnest(leases.ids) as member (id)
    where p_source = 'running' and member.id between p_first and p_from
      and (p_tenant_ids is null or leases.tenant_id = any (p_tenant_ids))
  ),
  -- From this id back, jobs may be unread.
  cut_off as (
    select (array_agg(listed.id order by listed.id))[1] as id from listed
    where p_source <> 'running'
    group by listed.tenant_id having count(*) = p_limit
    union all select newest.id from newest where newest.rank > v_tenants
    order by id desc limit 1
  )
  select array_agg(row(listed.tenant_id, listed.id)::jobforge.job_key
    order by listed.id desc, listed.tenant_id) filter (
      where cut_off.id is null or listed.id > cut_off.id),
    (select cut_off.id from cut_off)
  into v_page
  from listed left join cut_off on true;
  return v_page;
end
$$;
comment on function jobforge.newest_keys(uuid[], text, uuid, uuid, int) is
  'The newest jobs of some tenants, from an id back: up to p_limit of each. They are complete as '
  'far as next, from which jobs may be unread. Null tenants mean all of them.';

create function jobforge.list_jobs_before(
  p_tenant_ids uuid[], p_filter jobforge.job_filter, p_source text, p_from uuid, p_limit int)
returns jobforge.job_page
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_all_open constant boolean := p_source = 'running'
    or p_filter.status @> '{scheduled,queued,running}';
  v_any_open constant boolean := p_filter.status && '{scheduled,queued,running}';
  v_read constant jobforge.job_page := jobforge.newest_keys(p_tenant_ids, p_source,
    jobforge.first_id_at(coalesce(p_filter.created_after, '1970-01-02') - interval '1 second'),
    least(p_from, jobforge.first_id_at(
      coalesce(p_filter.created_before, '9999-01-01') + interval '1 second')),
    jobforge.jobs_to_read(p_tenant_ids, p_filter, p_source, p_limit, 200));
  v_found jobforge.job_key[];
begin
  v_found := array(
    select row(j.tenant_id, j.id)::jobforge.job_key
    from unnest(v_read.jobs) with ordinality as listed (tenant_id, id, ordinality)
    join jobforge.jobs as j on j.tenant_id = listed.tenant_id and j.id = listed.id
    where (j.status = any (p_filter.status) or j.status is null and v_any_open and (v_all_open
        or jobforge.open_status(j.queue_id, j.priority, j.run_at, j.id) = any (p_filter.status)))
      and (p_filter.type is null or j.type = any (p_filter.type))
      and (p_filter.queue is null or coalesce((
        select q.queue::text from jobforge.queues as q where q.id = j.queue_id), 'default')
        = any (p_filter.queue))
      and (p_filter.error_code is null or j.last_error ->> 'code' = any (p_filter.error_code))
      and (p_filter.created_after is null or j.created_at >= p_filter.created_after)
      and (p_filter.created_before is null or j.created_at < p_filter.created_before)
    order by listed.ordinality limit p_limit + 1);
  return row(v_found[:p_limit],
    coalesce((v_found[p_limit + 1]).id, v_read.next))::jobforge.job_page;
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
  v_statuses constant text[] := '{scheduled,queued,running,succeeded,failed,dead,canceled}'::text[];
  v_tenant_ids constant uuid[] := case when p_tenant_id is not null or not jobforge.is_service()
    then jobforge.callers_tenants(p_tenant_id) end;
  v_filter constant jobforge.job_filter := jobforge.job_filter(p_filter, v_statuses, v_statuses);
  v_source text;
  v_page jobforge.job_page;
begin
  if p_limit is null or p_limit not between 1 and 200 then
    perform jobforge.fail('invalid_argument', 'p_limit must be from 1 to 200');
  end if;
  v_source := case when v_filter.status <@ '{running}' then 'running'
    when v_filter.status <@ '{failed,dead,canceled}' then 'unsuccessful'
    when v_filter.status <@ '{scheduled,queued}' and cardinality(v_tenant_ids) = 1 then 'waiting'
    else 'any' end;
  v_page := case when cardinality(v_tenant_ids) = 1
    then jobforge.list_of_tenant(v_tenant_ids[1], v_filter, v_source,
      coalesce(p_from, 'ffffffff-ffff-ffff-ffff-ffffffffffff'), p_limit)
    else jobforge.list_jobs_before(v_tenant_ids, v_filter, v_source,
      coalesce(p_from, 'ffffffff-ffff-ffff-ffff-ffffffffffff'), p_limit) end;
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

create function jobforge.place_waiting(p_tenant_id uuid, p_job_id uuid, p_run_at timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_job record;
begin
  update jobforge.jobs as j set run_at = p_run_at
  where j.tenant_id = p_tenant_id and j.id = p_job_id
  returning j.queue_id, j.priority, j.lease_expiries >= 2 as quarantined, j.ctid,
    octet_length(j.payload::text) as bytes into v_job;
  if v_job.queue_id = 0 then
    insert into jobforge.newcomers (tenant_id, id, bytes, run_at, scheduled)
    values (p_tenant_id, p_job_id, v_job.bytes, p_run_at, p_run_at > jobforge.clock());
  else
    -- A job that is due already goes this way too. The look that follows makes it ready.
    insert into jobforge.scheduled
      (queue_id, bytes, run_at, id, tenant_id, priority, quarantined, place)
    values (v_job.queue_id, v_job.bytes, p_run_at, p_job_id, p_tenant_id, v_job.priority,
      v_job.quarantined, v_job.ctid);
  end if;
  insert into jobforge.wakeups (queue_id, ready)
  values (v_job.queue_id, p_run_at <= jobforge.clock());
  perform jobforge.hint_jobs(array[row(p_tenant_id, p_job_id)::jobforge.job_key]);
end
$$;
comment on function jobforge.place_waiting(uuid, uuid, timestamptz) is
  'Lets a job wait until p_run_at. The caller took it out of its place.';

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
  v_job public.jobforge_jobs;
begin
  if p_run_at is null
    or p_run_at not between v_now - interval '366 days' and v_now + interval '366 days'
  then
    perform jobforge.fail('invalid_argument', 'p_run_at must be within 366 days of now');
  end if;
  for v_try in 1..50 loop
    v_job := jobforge.find_job(p_job_id, p_tenant_id);
    if v_job.status not in ('scheduled', 'queued') then
      perform jobforge.fail('wrong_state', format(
        'the job is %s: only scheduled and queued jobs are rescheduled', v_job.status));
    end if;
    exit when exists (select from jobforge.take_waiting(v_job.tenant_id, array[v_job.id]));
    if v_try = 50 then
      perform jobforge.fail_busy();
    end if;
    perform pg_sleep(0.02);
  end loop;
  perform jobforge.place_waiting(v_job.tenant_id, v_job.id, p_run_at);
  perform jobforge.audit('reschedule_job', v_job.tenant_id, v_job.id::text,
    jsonb_build_object('from', v_job.run_at, 'to', p_run_at));
  return query
  select v_job.id, case when p_run_at > v_now then 'scheduled' else 'queued' end, p_run_at;
end
$$;
comment on function jobforge.reschedule_job(uuid, timestamptz, uuid) is
  'Users: moves the start of a job that waits.';

create function public.jobforge_reschedule_job(
  p_job_id uuid, p_run_at timestamptz, p_tenant_id uuid default null)
returns table (job_id uuid, status text, run_at timestamptz)
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select * from jobforge.reschedule_job(p_job_id, p_run_at, p_tenant_id) $$;
comment on function public.jobforge_reschedule_job(uuid, timestamptz, uuid) is
  'Users: moves the start of a job that waits.';

-- supabase/schemas/20_jobs/retention.sql

-- Retention: delete expired jobs of all tenants, one bounded step at a time.

create table jobforge.retention (
  id boolean primary key default true,
  at_tenant uuid,
  after_id uuid,
  resting_until timestamptz,
  error text,
  constraint one_row check (id)
);
comment on table jobforge.retention is
  'The progress of the current pass over the finished jobs of all tenants: one row.';
comment on column jobforge.retention.error is
  'Why jobs of a tenant could not be deleted in this pass, for example against a foreign key of '
  'the application.';
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
  where coalesce(retention.resting_until not between p_now and p_now + interval '1 hour', true)
  for no key update skip locked;
  if not found or v_before = '{}' then
    return 0;
  end if;
  v_pass.resting_until := null;
  if v_pass.at_tenant is null then
    v_pass.error := null;
  end if;
  while v_left > 0 loop
    if v_pass.after_id is null then
      select j.tenant_id into v_pass.at_tenant from jobforge.jobs as j
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
    begin
      v_deletion := jobforge.delete_ended(v_pass.at_tenant, v_before, v_pass.after_id, v_left);
    exception when others then
      -- A trigger of the application, for example. The pass goes on with the next tenant.
      v_pass.error := coalesce(v_pass.error, jobforge.short_error(sqlstate, sqlerrm));
      v_deletion := null;
    end;
    v_pass.after_id := v_deletion.next;
    v_deleted := v_deleted + coalesce(v_deletion.deleted, 0);
    v_left := v_left - greatest(v_deletion.examined, 20);
  end loop;
  update jobforge.retention
  set at_tenant = v_pass.at_tenant, after_id = v_pass.after_id,
    resting_until = v_pass.resting_until, error = v_pass.error
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
  v_queue_id int;
begin
  delete from jobforge.unsuccessful_jobs
  where unsuccessful_jobs.tenant_id = p_tenant_id and unsuccessful_jobs.id = any (p_ids);
  delete from jobforge.cancel_requests
  where cancel_requests.tenant_id = p_tenant_id and cancel_requests.job_id = any (p_ids);
  delete from jobforge.job_progress
  where job_progress.tenant_id = p_tenant_id and job_progress.job_id = any (p_ids);
  for v_group in
    select coalesce(q.queue::text, 'default') as queue, array_agg(j.id) as ids,
      min(j.priority) as priority
    from jobforge.jobs as j left join jobforge.queues as q on q.id = j.queue_id
    where j.tenant_id = p_tenant_id and j.id = any (p_ids)
    group by 1
    order by 1
  loop
    v_queue_id := jobforge.enter_queue(
      p_tenant_id, v_group.queue, cardinality(v_group.ids), v_group.priority, false, null);
    with again as (
      update jobforge.jobs as j
      set status = null, run_at = v_now, finished_at = null, started_at = null, run_id = null,
        cancel_requested_at = null, lease_expiries = 0, attempts_before_retry = j.attempts,
        queue_id = v_queue_id
      where j.tenant_id = p_tenant_id and j.id = any (v_group.ids)
      returning j.queue_id, j.priority, j.id, j.ctid, octet_length(j.payload::text) as bytes
    ),
    newcomers as (
      insert into jobforge.newcomers (tenant_id, id, bytes, run_at, scheduled)
      select p_tenant_id, again.id, again.bytes, v_now, false from again where again.queue_id = 0
    )
    insert into jobforge.ready (queue_id, bytes, priority, id, tenant_id, place)
    select again.queue_id, again.bytes, again.priority, again.id, p_tenant_id, again.ctid
    from again where again.queue_id > 0;
    -- These jobs are older than those that wait now, so the cursor may be past them.
    insert into jobforge.wakeups (queue_id) values (v_queue_id);
  end loop;
  perform jobforge.hint_jobs(array(
    select row(p_tenant_id, retried.id)::jobforge.job_key from unnest(p_ids) as retried (id)));
end
$$;
comment on function jobforge.retry_ended(uuid, uuid[]) is
  'Queues jobs that ended again, with a fresh set of attempts. The caller has locked their bodies.';

create function jobforge.retry_job(p_job_id uuid, p_tenant_id uuid)
returns table (job_id uuid, status text)
language plpgsql
security definer -- writes jobs, bounded by the caller's tenants
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
#variable_conflict use_column
declare
  v_job public.jobforge_jobs := jobforge.find_job(p_job_id, p_tenant_id);
begin
  -- Only a body that has ended is locked: no run waits for it.
  perform from jobforge.jobs as j
  where j.tenant_id = v_job.tenant_id and j.id = v_job.id
    and j.status in ('dead', 'failed', 'canceled')
  for no key update;
  if not found then
    v_job := jobforge.find_job(p_job_id, p_tenant_id);
    perform jobforge.fail('wrong_state',
      format('the job is %s: only dead, failed and canceled jobs are retried', v_job.status));
  end if;
  perform jobforge.retry_ended(v_job.tenant_id, array[v_job.id]);
  perform jobforge.audit('retry_job', v_job.tenant_id, v_job.id::text,
    jsonb_build_object('from', v_job.status));
  return query select v_job.id, 'queued';
exception when lock_not_available then
  perform jobforge.fail_busy();
end
$$;
comment on function jobforge.retry_job(uuid, uuid) is
  'Users: queues a dead, failed or canceled job again with a fresh set of attempts.';

create function public.jobforge_retry_job(p_job_id uuid, p_tenant_id uuid default null)
returns table (job_id uuid, status text)
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
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
set statement_timeout = '5s'
as $$ select jobforge.retry_jobs(p_tenant_id, p_filter, p_after, p_limit, p_dry_run) $$;
comment on function public.jobforge_retry_jobs(uuid, jsonb, uuid, int, boolean) is
  'Users: retries dead and failed jobs by filter. Only reports them unless p_dry_run is false.';

-- supabase/schemas/30_queues/configure_queue.sql

-- Configure a queue: weight, limits, rate and pause.

create function jobforge.check_queue_settings(p_settings public.jobforge_queues)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Starts are a hundred microseconds apart at least, and a burst fits into a year, so that the
  -- clock of the rate stays exact.
  if p_settings.rate_limit > 10::bigint * p_settings.rate_period_ms then
    perform jobforge.fail('invalid_argument',
      'p_settings: rate_limit must be at most 10000 starts a second');
  elsif p_settings.rate_burst::float8 * p_settings.rate_period_ms / p_settings.rate_limit
    > 366 * 86400000.0
  then
    perform jobforge.fail('invalid_argument',
      'p_settings: at its rate, a burst of rate_burst starts must fit into 366 days');
  end if;
end
$$;
comment on function jobforge.check_queue_settings(public.jobforge_queues) is
  'Raises invalid_argument for a rate that the scheduler cannot keep exactly.';

create function jobforge.reset_slots(p_queue_id int, p_max_queued int)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_epoch constant bigint := (
    select coalesce(max(queue_slots.epoch), 0) + 1 from jobforge.queue_slots
    where queue_slots.queue_id = p_queue_id);
  v_free constant bigint := p_max_queued - jobforge.queued(p_queue_id);
begin
  -- Rows of a former limit count no longer. The dispatcher deletes them.
  insert into jobforge.queue_slots (queue_id, epoch, free)
  select p_queue_id, v_epoch, case when v_free <= 0 then case when n = 1 then v_free else 0 end
    else v_free / 8 + (n <= mod(v_free, 8))::int end
  from generate_series(1, 8) as n;
end
$$;
comment on function jobforge.reset_slots(int, int) is
  'Lays out the free places of a queue anew, for a new max_queued.';

create function jobforge.configure_queue(p_tenant_id uuid, p_queue text, p_settings jsonb)
returns setof public.jobforge_queues
language plpgsql
security definer -- operators only: tenants could raise their own limits
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
declare
  v_unknown text;
  v_queue_id int;
  v_before public.jobforge_queues;
  v_after public.jobforge_queues;
begin
  perform jobforge.require_service();
  if p_tenant_id is null or p_queue is null or jsonb_typeof(p_settings) is distinct from 'object'
  then
    perform jobforge.fail('invalid_argument',
      'p_tenant_id and p_queue must be given, and p_settings must be an object');
  elsif not jobforge.jsonb_fits(p_settings, 4096) then
    perform jobforge.fail('invalid_argument', 'p_settings must have at most 4096 bytes');
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
    if not exists (select from jobforge.queues as q
        where q.tenant_id = p_tenant_id and q.queue = p_queue)
      and not jobforge.make_queue(p_tenant_id, p_queue)
    then
      perform jobforge.fail('busy', 'another transaction is making this queue: try again');
    end if;
    select jobforge_queues.* into strict v_before from public.jobforge_queues
    where jobforge_queues.tenant_id = p_tenant_id and jobforge_queues.queue = p_queue
    for no key update;
    v_after := jsonb_populate_record(v_before, p_settings);
    update public.jobforge_queues
    set weight = v_after.weight, max_running = v_after.max_running,
      max_queued = v_after.max_queued, rate_limit = v_after.rate_limit,
      rate_period_ms = v_after.rate_period_ms, rate_burst = v_after.rate_burst,
      paused = v_after.paused
    where jobforge_queues.tenant_id = p_tenant_id and jobforge_queues.queue = p_queue
    returning jobforge_queues.* into v_after;
    perform jobforge.check_queue_settings(v_after);
  exception
    when check_violation or not_null_violation or numeric_value_out_of_range
      or invalid_text_representation or datatype_mismatch then
      perform jobforge.fail('invalid_argument',
        'p_settings: a setting is out of range: see the checks of jobforge_queues');
    when lock_not_available then
      perform jobforge.fail('busy', 'another transaction is changing this queue: try again');
  end;
  select q.id into strict v_queue_id from jobforge.queues as q
  where q.tenant_id = p_tenant_id and q.queue = p_queue;
  if v_after.max_queued is distinct from v_before.max_queued and v_after.max_queued is not null then
    perform jobforge.reset_slots(v_queue_id, v_after.max_queued);
  end if;
  delete from jobforge.queue_faults where queue_faults.queue_id = v_queue_id;
  -- Claims read settings as they are committed. The wake-up lets one look at the queue.
  insert into jobforge.wakeups (queue_id, ready) values (v_queue_id, not v_after.paused);
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
set statement_timeout = '2s'
as $$ select * from jobforge.configure_queue(p_tenant_id, p_queue, p_settings) $$;
comment on function public.jobforge_configure_queue(uuid, text, jsonb) is
  'Operators: creates a queue or changes weight, limits, rate or paused.';

-- supabase/schemas/30_queues/counters.sql

-- Counters of a queue: exact, and never counted from rows of jobs.

create function jobforge.queued(p_queue_id int)
returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select coalesce((
      select sum(queue_deltas.enqueued + queue_deltas.returned) from jobforge.queue_deltas
      where queue_deltas.queue_id = p_queue_id), 0)::bigint - q.claimed
    from jobforge.queues as q
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
  -- A lease that just ended and is still seen only overestimates: the cap is never exceeded.
  return (
    select coalesce(sum(cardinality(leases.ids)), 0) from jobforge.leases
    where leases.queue_id = p_queue_id);
end
$$;
comment on function jobforge.running(int) is
  'Returns how many jobs are running, from the leases. Exact for a caller that holds the queue and '
  'begins a new statement.';

create function jobforge.compact_counters(p_limit int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_compacted int;
begin
  with taken as (
    delete from jobforge.queue_deltas
    where queue_deltas.ctid = any (array(
      select next.ctid from jobforge.queue_deltas as next
      limit p_limit
      for update skip locked))
    returning queue_deltas.queue_id, queue_deltas.enqueued, queue_deltas.returned
  ),
  compacted as (
    insert into jobforge.queue_deltas (queue_id, enqueued, returned)
    select taken.queue_id, sum(taken.enqueued), sum(taken.returned) from taken
    group by taken.queue_id
  )
  select count(*) into v_compacted from taken;
  return v_compacted;
end
$$;
comment on function jobforge.compact_counters(int) is
  'Compacts changes of counters into one row for each queue. Returns how many it read.';

create function jobforge.spread_slots()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- The places of a queue are spread over eight rows, so that eight enqueues can be open at once.
  with taken as (
    delete from jobforge.queue_slots
    where queue_slots.ctid = any (array(
      select next.ctid from jobforge.queue_slots as next
      where next.queue_id in (
        select crowded.queue_id from jobforge.queue_slots as crowded
        group by crowded.queue_id
        having count(*) > 32 or count(*) < 8 and sum(crowded.free) >= 8
          or count(distinct crowded.epoch) > 1 or min(crowded.free) < 0)
      for update skip locked))
    returning queue_slots.queue_id, queue_slots.epoch, queue_slots.free
  ),
  latest as (
    select queue_slots.queue_id, max(queue_slots.epoch) as epoch from jobforge.queue_slots
    group by queue_slots.queue_id
  ),
  summed as (
    select taken.queue_id, taken.epoch, sum(taken.free) as free
    from taken join latest on latest.queue_id = taken.queue_id and latest.epoch = taken.epoch
    group by taken.queue_id, taken.epoch
  )
  insert into jobforge.queue_slots (queue_id, epoch, free)
  select summed.queue_id, summed.epoch, part.free
  from summed
  cross join lateral (
    select (summed.free / 8 + (n <= mod(summed.free, 8))::int)::int as free
    from generate_series(1, 8) as n
    where summed.free > 0
    union all
    select summed.free::int where summed.free <= 0) as part
  where part.free <> 0 or summed.free = 0;
  -- Places and counters of a snapshot add up to max_queued. What entered or left the queue in a
  -- transaction that did not know the limit yet is made up for.
  insert into jobforge.queue_slots (queue_id, epoch, free)
  select limited.queue_id, limited.epoch, limited.missing
  from (
    select held.queue_id, held.epoch, least(greatest(jobforge_queues.max_queued
      - jobforge.queued(held.queue_id) - held.free, -2147483648), 2147483647)::int as missing
    from (
      select queue_slots.queue_id, queue_slots.epoch, sum(queue_slots.free) as free,
        max(queue_slots.epoch) over (partition by queue_slots.queue_id) as latest
      from jobforge.queue_slots group by queue_slots.queue_id, queue_slots.epoch
    ) as held
    join jobforge.queues as q on q.id = held.queue_id and held.epoch = held.latest
    join public.jobforge_queues
      on jobforge_queues.tenant_id = q.tenant_id and jobforge_queues.queue = q.queue
    where jobforge_queues.max_queued is not null
  ) as limited
  where limited.missing <> 0;
end
$$;
comment on function jobforge.spread_slots() is
  'Spreads the free places of each queue with max_queued over eight rows, and deletes those of '
  'former limits.';

-- supabase/schemas/30_queues/enter_queue.sql

-- Enter a queue: jobs are counted into it, within its limit, and it is woken where needed.
--
-- No lost wake-up: the caller's transaction has its number before it reads the queue. Where it sees
-- the queue awake, a claim that parks the queue afterwards notes it in jobforge.parked_queues, and
-- looks again until every transaction of that time has ended. Where it sees the queue asleep, it
-- leaves a wake-up.

create function jobforge.take_slots(
  p_tenant_id uuid, p_queue_id int, p_queue text, p_count int)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_sort = off
as $$
declare
  v_place tid;
  v_epoch bigint;
  v_taken bigint;
  v_free bigint;
begin
  -- One row of places that no other transaction holds and that is large enough, if no place is
  -- owed. Its present version may be newer than the snapshot, so it is changed in a statement of
  -- its own. The newest comes first: a transaction with many enqueues reads no version that it left
  -- behind.
  select unlocked.ctid into v_place from jobforge.queue_slots as unlocked
  where unlocked.queue_id = p_queue_id and unlocked.free >= p_count
    and not exists (
      select from jobforge.queue_slots as later
      where later.queue_id = p_queue_id and later.epoch > unlocked.epoch)
    and not exists (
      select from jobforge.queue_slots as owed
      where owed.queue_id = p_queue_id and owed.epoch = unlocked.epoch and owed.free < 0)
  order by unlocked.version desc
  limit 1
  for update skip locked;
  if found then
    update jobforge.queue_slots set free = queue_slots.free - p_count, version = default
    where queue_slots.ctid = v_place;
    return;
  end if;
  -- Or all rows that no other transaction holds, together. What is owed counts in any case.
  with unlocked as materialized (
    select queue_slots.ctid, queue_slots.epoch, queue_slots.free from jobforge.queue_slots
    where queue_slots.queue_id = p_queue_id
      and queue_slots.epoch = (select max(latest.epoch) from jobforge.queue_slots as latest
        where latest.queue_id = p_queue_id)
    for update skip locked
  ),
  taken as (
    delete from jobforge.queue_slots using unlocked where queue_slots.ctid = unlocked.ctid
    returning unlocked.epoch, unlocked.free
  )
  select max(taken.epoch), coalesce(sum(taken.free), 0), coalesce(sum(taken.free), 0) + coalesce((
      select sum(owed.free) from jobforge.queue_slots as owed
      where owed.queue_id = p_queue_id and owed.free < 0
        and owed.epoch = (select max(latest.epoch) from jobforge.queue_slots as latest
          where latest.queue_id = p_queue_id)
        and owed.ctid <> all (array(select unlocked.ctid from unlocked))), 0)
  into v_epoch, v_taken, v_free
  from taken;
  if v_free >= p_count then
    insert into jobforge.queue_slots (queue_id, epoch, free)
    values (p_queue_id, v_epoch, v_taken - p_count);
    return;
  end if;
  perform jobforge.refuse_full_queue(
    p_tenant_id, p_queue_id, p_queue, p_count, greatest(v_free, 0), v_epoch);
end
$$;
comment on function jobforge.take_slots(uuid, int, text, int) is
  'Takes places of a queue with max_queued, or raises queue_full. Places that another open '
  'transaction holds count as taken.';

create function jobforge.give_slots(p_queue_ids int[], p_counts int[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into jobforge.queue_slots (queue_id, epoch, free)
  select given.queue_id, latest.epoch, given.count
  from unnest(p_queue_ids, p_counts) as given (queue_id, count)
  cross join lateral (
    select max(queue_slots.epoch) as epoch from jobforge.queue_slots
    where queue_slots.queue_id = given.queue_id) as latest
  where latest.epoch is not null and given.count <> 0;
end
$$;
comment on function jobforge.give_slots(int[], int[]) is
  'Gives places back to the queues that have max_queued. A negative count takes places for jobs '
  'that cannot be refused.';

create function jobforge.leave_queue(p_queue_ids int[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_queue_ids int[];
  v_counts int[];
begin
  select array_agg(counted.queue_id), array_agg(counted.count) into v_queue_ids, v_counts
  from (
    select gone.queue_id, count(*)::int as count from unnest(p_queue_ids) as gone (queue_id)
    where gone.queue_id > 0 group by gone.queue_id) as counted;
  insert into jobforge.queue_deltas (queue_id, returned)
  select gone.queue_id, -gone.count from unnest(v_queue_ids, v_counts) as gone (queue_id, count);
  perform jobforge.give_slots(v_queue_ids, v_counts);
end
$$;
comment on function jobforge.leave_queue(int[]) is
  'Counts jobs out of their queues that were not claimed. One entry for each job.';

create function jobforge.needs_wakeup(
  p_queue jobforge.queues, p_priority int, p_type text, p_now timestamptz)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- At a higher isolation level the state may have been read before this transaction had its
  -- number.
  if current_setting('transaction_isolation') <> 'read committed' then
    return true;
  elsif p_queue.blocked or p_queue.runnable
    and p_priority >= coalesce(p_queue.cursor_priority, -32768)
    and jobforge.has_room(p_now, p_type)
  then
    return false;
  end if;
  -- A wake-up for several types may have needed no call, for other types than these.
  return p_type is null and jobforge.has_kinds() or not exists (
    select from jobforge.wakeups
    where wakeups.queue_id = p_queue.id and wakeups.ready
      and wakeups.type is not distinct from p_type);
end
$$;
comment on function jobforge.needs_wakeup(jobforge.queues, int, text, timestamptz) is
  'Whether ready work of a queue that is not paused needs a wake-up that it does not have yet: the '
  'queue sleeps, its cursor is past the work, or no run that takes it has room.';

create function jobforge.enter_queue(
  p_tenant_id uuid, p_queue text, p_count int, p_ready_priority int, p_later boolean, p_type text)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_number constant xid8 := pg_current_xact_id();
  v_now constant timestamptz := jobforge.clock();
  v_queue jobforge.queues;
  v_settings record;
begin
  select q.* into v_queue from jobforge.queues as q
  where q.tenant_id = p_tenant_id and q.queue = p_queue;
  if not found then
    perform jobforge.refuse_erased(p_tenant_id);
    -- Only the default queue is made on first use, so that tenants cannot multiply their share.
    insert into jobforge.wakeups (queue_id, ready, type)
    values (0, p_ready_priority is not null, p_type);
    return 0;
  end if;
  select jobforge_queues.max_queued, jobforge_queues.paused, exists (
    select from jobforge.watches where watches.expires_at > v_now
      and watches.tenant_id = p_tenant_id and watches.job_id is null) as is_watched
  into strict v_settings
  from public.jobforge_queues
  where jobforge_queues.tenant_id = p_tenant_id and jobforge_queues.queue = p_queue;
  if v_settings.max_queued is not null then
    perform jobforge.take_slots(p_tenant_id, v_queue.id, p_queue, p_count);
  end if;
  insert into jobforge.queue_deltas (queue_id, enqueued) values (v_queue.id, p_count);
  if p_later then
    insert into jobforge.wakeups (queue_id, ready) values (v_queue.id, false);
  end if;
  if p_ready_priority is not null and not v_settings.paused
    and jobforge.needs_wakeup(v_queue, p_ready_priority, p_type, v_now)
  then
    insert into jobforge.wakeups (queue_id, type) values (v_queue.id, p_type);
  end if;
  if v_settings.is_watched then
    perform jobforge.send_hints(array[row(p_tenant_id, null)::jobforge.job_key], v_now);
  end if;
  return v_queue.id;
end
$$;
comment on function jobforge.enter_queue(uuid, text, int, int, boolean, text) is
  'Admits and counts jobs into a queue, wakes it and returns its id: zero when the tenant has no '
  'queue yet. p_ready_priority is the smallest priority of the jobs that are ready now, or null. '
  'p_type is their type, or null for several.';

-- supabase/schemas/30_queues/full_queue.sql

-- A full queue: the error with what is free, what is held, and when to try again.

create function jobforge.retry_after_seconds(
  p_settings public.jobforge_queues, p_missing bigint)
returns int
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return case
    when p_settings.paused then 60
    when p_settings.rate_limit is null then 5
    else least(greatest(ceil(
      p_missing * (p_settings.rate_period_ms / 1000.0) / p_settings.rate_limit), 1), 3600)::int
  end;
end
$$;
comment on function jobforge.retry_after_seconds(public.jobforge_queues, bigint) is
  'Returns the seconds until a full queue may have p_missing free places: by its rate, or a guess '
  'when it has none.';

create function jobforge.refuse_full_queue(
  p_tenant_id uuid, p_queue_id int, p_queue text, p_count int, p_free bigint, p_epoch bigint)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_settings public.jobforge_queues;
  v_held bigint;
begin
  -- The other rows are those that open transactions hold: all of them if the caller found none.
  select coalesce(sum(greatest(queue_slots.free, 0)), 0) into v_held from jobforge.queue_slots
  where queue_slots.queue_id = p_queue_id and queue_slots.epoch = coalesce(p_epoch, (
    select max(latest.epoch) from jobforge.queue_slots as latest
    where latest.queue_id = p_queue_id));
  select jobforge_queues.* into strict v_settings from public.jobforge_queues
  where jobforge_queues.tenant_id = p_tenant_id and jobforge_queues.queue = p_queue;
  perform jobforge.fail('queue_full', format('the queue holds at most %s jobs and has %s free '
    'places, and %s more that open transactions hold: %s jobs do not fit',
    v_settings.max_queued, p_free, v_held, p_count),
    json_build_object('limit', v_settings.max_queued, 'remaining', p_free,
      'retry_after', case when p_free + v_held >= p_count then 1
        else jobforge.retry_after_seconds(v_settings, p_count - p_free) end,
      'held', v_held)::text);
end
$$;
comment on function jobforge.refuse_full_queue(uuid, int, text, int, bigint, bigint) is
  'Raises queue_full for p_count jobs, with p_free places, and those that open transactions hold. '
  'p_epoch is that of the places which the caller took, or null.';

-- supabase/schemas/30_queues/list_queues.sql

-- List queues with their limits and the number of queued and running jobs.

create function jobforge.list_queues(p_tenant_id uuid, p_after_id int, p_limit int)
returns table (id int, tenant_id uuid, queue text, queued bigint, running bigint, weight real,
  max_running int, max_queued int, rate_limit int, rate_period_ms int, rate_burst int,
  paused boolean)
language plpgsql stable
security definer -- reads the counters, bounded by the caller's tenants
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
    jobforge_queues.weight::real, jobforge_queues.max_running::int,
    jobforge_queues.max_queued::int, jobforge_queues.rate_limit::int,
    jobforge_queues.rate_period_ms::int, jobforge_queues.rate_burst::int, jobforge_queues.paused
  from jobforge.queues as q join public.jobforge_queues
    on jobforge_queues.tenant_id = q.tenant_id and jobforge_queues.queue = q.queue
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

-- supabase/schemas/30_queues/look_at.sql

-- Look at queues: what is due becomes ready, and a queue becomes runnable or goes to sleep.
--
-- The one place where a queue changes between the two. It takes rows of queues by SKIP LOCKED and
-- waits for none. A queue that it could not take keeps its wake-up.

create function jobforge.lock_queues(p_queue_ids int[])
returns int[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  return array(
    select q.id from jobforge.queues as q
    where q.id = any (p_queue_ids)
      and not exists (select from jobforge.queue_faults where queue_faults.queue_id = q.id)
    order by q.id
    for no key update skip locked);
end
$$;
comment on function jobforge.lock_queues(int[]) is
  'Locks queues that no other transaction holds, and returns their ids.';

create function jobforge.ready_scheduled(p_queue_ids int[], p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
  -- The same number for each queue, so that none waits behind the many jobs of another.
  with due as (
    delete from jobforge.scheduled using (
      select next.ctid
      from unnest(p_queue_ids) as held (queue_id)
      cross join lateral (
        select scheduled.ctid from jobforge.scheduled
        where scheduled.queue_id = held.queue_id and scheduled.run_at <= p_now
        order by scheduled.run_at, scheduled.id
        limit 250
        for update skip locked) as next) as first
    where scheduled.ctid = first.ctid
    returning scheduled.*
  ),
  readied as (
    insert into jobforge.ready (queue_id, bytes, priority, id, tenant_id, place)
    select due.queue_id, due.bytes, due.priority, due.id, due.tenant_id, due.place from due
    where not due.quarantined
  )
  insert into jobforge.quarantined (queue_id, priority, id, tenant_id, place)
  select due.queue_id, due.priority, due.id, due.tenant_id, due.place from due
  where due.quarantined;
end
$$;
comment on function jobforge.ready_scheduled(int[], timestamptz) is
  'Moves up to 250 due jobs of each queue from scheduled. The caller has locked the queues.';

create function jobforge.follow_rates(p_queue_ids int[], p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
  update jobforge.queues as q
  set tat = p_now + make_interval(
      secs => jobforge.used_starts(q, p_now) * jobforge.rate_interval(jobforge_queues)),
    tat_interval = jobforge.rate_interval(jobforge_queues), tat_at = p_now
  from public.jobforge_queues
  where q.id = any (p_queue_ids) and jobforge_queues.tenant_id = q.tenant_id
    and jobforge_queues.queue = q.queue
    and jobforge_queues.rate_limit is not null
    and (q.tat_interval <> jobforge.rate_interval(jobforge_queues)
      or jobforge.tat_is_ahead(q.tat_at, p_now));
end
$$;
comment on function jobforge.follow_rates(int[], timestamptz) is
  'Computes tat anew for queues whose rate was changed, or when the clock was set back: as many '
  'starts stay used, and become free at the new rate. The caller has locked the queues.';

create function jobforge.look_at(p_queue_ids int[], p_now timestamptz, p_short boolean)
returns int[]
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  v_locked constant int[] := jobforge.lock_queues(p_queue_ids);
  v_floor constant numeric := coalesce(
    -- A queue that was short does not count for itself.
    (select q_awake.vtime from jobforge.queues as q_awake
      where q_awake.runnable and (not p_short or q_awake.id <> all (v_locked))
      order by q_awake.vtime limit 1),
    (select q_asleep.vtime from jobforge.queues as q_asleep
      where not q_asleep.runnable order by q_asleep.vtime desc limit 1));
  v_empty int[];
begin
  if v_locked = '{}' then
    return v_locked;
  end if;
  perform jobforge.ready_scheduled(v_locked, p_now);
  if not p_short then
    perform jobforge.follow_rates(v_locked, p_now);
  end if;
  -- A new statement, which sees what was committed before the locks. A queue earns no credit while
  -- it sleeps, nor while it is short of jobs that it could start.
  with seen as materialized (
    select q.id, has.ready, due.next_at, jobforge_queues.paused,
      jobforge_queues.max_running is not null as capped,
      jobforge_queues.max_running is not null
        and jobforge.running(q.id) >= jobforge_queues.max_running as at_cap,
      case when jobforge_queues.rate_limit is not null
        then jobforge.next_start(q, jobforge_queues, p_now) end as next_start
    from jobforge.queues as q
    join public.jobforge_queues
      on jobforge_queues.tenant_id = q.tenant_id and jobforge_queues.queue = q.queue
    cross join lateral (
      select (select ready.id from jobforge.ready where ready.queue_id = q.id
        order by ready.priority, ready.id limit 1) is not null as ready) as has
    left join lateral (
      select scheduled.run_at as next_at from jobforge.scheduled where scheduled.queue_id = q.id
      order by scheduled.run_at limit 1) as due on true
    where q.id = any (v_locked)
  ),
  decided as (
    select seen.*, seen.ready and not seen.paused
      and not seen.at_cap and coalesce(seen.next_start <= p_now, true) as runnable
    from seen
  ),
  changed as (
    update jobforge.queues as q
    set runnable = decided.runnable,
      blocked = decided.ready and not decided.runnable and not decided.paused,
      wake_at = least(decided.next_at, case when decided.ready and not decided.paused
        and decided.next_start > p_now then decided.next_start end),
      capped = decided.capped, cursor_at = null, cursor_priority = null,
      vtime = case when q.runnable and not p_short then q.vtime
        else greatest(q.vtime, v_floor) end
    from decided
    where q.id = decided.id
    returning q.id, decided.ready
  )
  select array_agg(changed.id) into v_empty from changed where not changed.ready;
  insert into jobforge.parked_queues (queue_id) select empty.id from unnest(v_empty) as empty (id);
  return v_locked;
end
$$;
comment on function jobforge.look_at(int[], timestamptz, boolean) is
  'Makes queues runnable or parks them, and notes when to look again. Returns the queues that it '
  'could lock. p_short: the caller found fewer jobs than they may start.';

-- supabase/schemas/30_queues/newcomers.sql

-- Newcomers: tenants with jobs but no queue get their default queue.

create table jobforge.failed_newcomers (
  tenant_id uuid not null,
  failed_at timestamptz not null,
  constraint failed_newcomers_pkey primary key (tenant_id)
);
comment on table jobforge.failed_newcomers is
  'Tenants whose queue could not be made, for example against a foreign key. One row, however many '
  'jobs wait.';

create function jobforge.make_queue(p_tenant_id uuid, p_queue text)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- The lock is only tried, so no caller waits for the open transaction of another.
  if not pg_try_advisory_xact_lock(1246708225, hashtext(p_tenant_id || p_queue)) then
    return false;
  end if;
  insert into public.jobforge_queues (tenant_id, queue) values (p_tenant_id, p_queue)
  on conflict do nothing;
  insert into jobforge.queues (tenant_id, queue) values (p_tenant_id, p_queue)
  on conflict do nothing;
  return true;
end
$$;
comment on function jobforge.make_queue(uuid, text) is
  'Makes a queue unless it exists. Returns false while another transaction is making it.';

create function jobforge.drop_newcomers(p_tenant_id uuid)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  with taken as (
    delete from jobforge.newcomers where newcomers.ctid = any (array(
      select next.ctid from jobforge.newcomers as next
      where next.tenant_id = p_tenant_id
      limit 1000
      for update skip locked))
    returning newcomers.id
  )
  delete from jobforge.jobs as j using taken
  where j.tenant_id = p_tenant_id and j.id = taken.id;
end
$$;
comment on function jobforge.drop_newcomers(uuid) is
  'Deletes the first jobs of an erased tenant, which a transaction left that began before the '
  'erasure.';

create function jobforge.settle_tenant(p_tenant_id uuid, p_now timestamptz)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_queue_id int;
  v_count int;
begin
  if exists (
    select from jobforge.erasures
    where erasures.tenant_hash = jobforge.tenant_hash(p_tenant_id)
      and erasures.readmitted_at is null)
  then
    perform jobforge.drop_newcomers(p_tenant_id);
    return null;
  elsif not jobforge.make_queue(p_tenant_id, 'default') then
    return null;
  end if;
  delete from jobforge.failed_newcomers where failed_newcomers.ctid = any (array(
    select made.ctid from jobforge.failed_newcomers as made
    where made.tenant_id = p_tenant_id
    for update skip locked));
  select q.id into strict v_queue_id from jobforge.queues as q
  where q.tenant_id = p_tenant_id and q.queue = 'default';
  with taken as (
    delete from jobforge.newcomers where newcomers.ctid = any (array(
      select next.ctid from jobforge.newcomers as next
      where next.tenant_id = p_tenant_id
      limit 1000
      for update skip locked))
    returning newcomers.id, newcomers.bytes
  ),
  body as (
    update jobforge.jobs as j set queue_id = v_queue_id from taken
    where j.tenant_id = p_tenant_id and j.id = taken.id
    returning j.id, j.priority, j.run_at, j.ctid, taken.bytes
  ),
  scheduled as (
    insert into jobforge.scheduled (queue_id, bytes, run_at, id, tenant_id, priority, place)
    select v_queue_id, body.bytes, body.run_at, body.id, p_tenant_id, body.priority, body.ctid
    from body
    where body.run_at > p_now
  ),
  readied as (
    insert into jobforge.ready (queue_id, bytes, priority, id, tenant_id, place)
    select v_queue_id, body.bytes, body.priority, body.id, p_tenant_id, body.ctid from body
    where body.run_at <= p_now
  ),
  counted as (
    insert into jobforge.queue_deltas (queue_id, enqueued)
    select v_queue_id, count(*) from body having count(*) > 0
  )
  select count(*) into v_count from body;
  -- Beyond max_queued where it must be: they were accepted before the queue had a limit.
  perform jobforge.give_slots(array[v_queue_id], array[-v_count]);
  return v_queue_id;
end
$$;
comment on function jobforge.settle_tenant(uuid, timestamptz) is
  'Makes the default queue of a tenant and moves up to 1,000 of its first jobs there. Returns the '
  'queue, or null while another transaction makes it and for an erased tenant, whose jobs are '
  'deleted.';

create function jobforge.note_failed_newcomer(p_tenant_id uuid, p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Another claim may note it at the same moment. The lock is the one of make_queue.
  if not pg_try_advisory_xact_lock(1246708225, hashtext(p_tenant_id || 'default')) then
    return;
  end if;
  update jobforge.failed_newcomers set failed_at = p_now
  where failed_newcomers.ctid = any (array(
    select failed.ctid from jobforge.failed_newcomers as failed
    where failed.tenant_id = p_tenant_id
    for update skip locked));
  if not exists (
    select from jobforge.failed_newcomers where failed_newcomers.tenant_id = p_tenant_id)
  then
    insert into jobforge.failed_newcomers (tenant_id, failed_at) values (p_tenant_id, p_now);
  end if;
end
$$;
comment on function jobforge.note_failed_newcomer(uuid, timestamptz) is
  'Notes that the queue of a tenant could not be made.';

create function jobforge.settle_newcomers(p_tenants int, p_now timestamptz)
returns int[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant_id uuid;
  v_queue_ids int[] := '{}'::int[];
begin
  for v_tenant_id in
    with recursive tenants (tenant_id, n) as (
      select jobforge.next_newcomer('00000000-0000-0000-0000-000000000000', p_now), 1
      union all
      select jobforge.next_newcomer(tenants.tenant_id, p_now), tenants.n + 1
      from tenants where tenants.tenant_id is not null and tenants.n < p_tenants
    )
    select tenants.tenant_id from tenants where tenants.tenant_id is not null
  loop
    begin
      v_queue_ids := array_remove(
        v_queue_ids || jobforge.settle_tenant(v_tenant_id, p_now), null);
    exception when others then
      -- A foreign key or a trigger of the application, for example. Only this tenant waits.
      raise warning 'jobforge: the queue of a tenant cannot be made: %',
        jobforge.short_error(sqlstate, sqlerrm);
      perform jobforge.note_failed_newcomer(v_tenant_id, p_now);
    end;
  end loop;
  return v_queue_ids;
end
$$;
comment on function jobforge.settle_newcomers(int, timestamptz) is
  'Makes the default queues of tenants that have jobs but no queue, and moves their jobs there. '
  'The error of one tenant stops no other. Returns the queues.';

create function jobforge.next_newcomer(p_after uuid, p_now timestamptz)
returns uuid
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant_id uuid := p_after;
begin
  -- One look in the index per tenant, however many jobs of it wait.
  loop
    v_tenant_id := (
      select newcomers.tenant_id from jobforge.newcomers
      where newcomers.tenant_id > v_tenant_id
      order by newcomers.tenant_id limit 1);
    exit when v_tenant_id is null or not exists (
      select from jobforge.failed_newcomers
      where failed_newcomers.tenant_id = v_tenant_id
        and failed_newcomers.failed_at >= p_now - interval '10 seconds');
  end loop;
  return v_tenant_id;
end
$$;
comment on function jobforge.next_newcomer(uuid, timestamptz) is
  'Returns the next tenant after an id whose first jobs wait for its queue. One that failed is '
  'left out for ten seconds.';

-- supabase/schemas/30_queues/promote.sql

-- Promote: queues that have a wake-up, something due, or that were parked a moment ago are looked
-- at. Tenants without a queue get theirs.

create function jobforge.woken_beyond(p_from int)
returns table (id bigint, queue_id int)
language sql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
  with recursive woken (queue_id, n) as (
    select min(wakeups.queue_id), 1 from jobforge.wakeups where wakeups.queue_id >= p_from
    union all
    select (select min(wakeups.queue_id) from jobforge.wakeups
      where wakeups.queue_id > woken.queue_id), woken.n + 1
    from woken where woken.queue_id is not null and woken.n < 200
  )
  select first.id, woken.queue_id
  from woken cross join lateral (
    select wakeups.id from jobforge.wakeups
    where wakeups.queue_id = woken.queue_id limit 10) as first
$$;
comment on function jobforge.woken_beyond(int) is
  'Returns a few wake-ups each of up to 200 queues, from a queue on.';

create function jobforge.look_at_woken(p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_ids bigint[];
  v_queue_ids int[];
  v_looked int[];
  v_settled boolean;
begin
  select array_agg(oldest.id), array_agg(distinct oldest.queue_id) into v_ids, v_queue_ids
  from (select wakeups.id, wakeups.queue_id from jobforge.wakeups
    order by wakeups.id limit 1000) as oldest;
  if cardinality(v_ids) = 1000 then
    -- The wake-ups of one tenant do not keep those of others waiting. The first queue is random, so
    -- that each comes up.
    select v_ids || array_agg(beyond.id), v_queue_ids || array_agg(distinct beyond.queue_id)
    into v_ids, v_queue_ids
    from jobforge.woken_beyond((
      select case when random() < 0.5 then 0 else floor(random() * max(wakeups.queue_id)) end
      from jobforge.wakeups)::int) as beyond;
  end if;
  if 0 = any (v_queue_ids) then
    v_queue_ids := v_queue_ids || jobforge.settle_newcomers(100, p_now);
  end if;
  v_looked := jobforge.look_at(v_queue_ids, p_now, false);
  -- Once, and not for each wake-up: it goes over all tenants whose queue cannot be made.
  v_settled := 0 = any (v_queue_ids)
    and jobforge.next_newcomer('00000000-0000-0000-0000-000000000000', p_now) is null;
  delete from jobforge.wakeups
  where wakeups.ctid = any (array(
    select done.ctid from jobforge.wakeups as done
    where done.id = any (v_ids) and (done.queue_id = any (v_looked)
      or done.queue_id = 0 and v_settled
      or done.queue_id > 0 and not exists (
        select from jobforge.queues as q where q.id = done.queue_id)
      or exists (select from jobforge.queue_faults where queue_faults.queue_id = done.queue_id))
    for update skip locked));
end
$$;
comment on function jobforge.look_at_woken(timestamptz) is
  'Looks at up to 1,200 queues that have a wake-up. The wake-ups of queues that it could not lock '
  'stay.';

create function jobforge.look_at_parked(p_limit int, p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  v_snapshot constant pg_snapshot := pg_current_snapshot();
  v_ctids tid[];
  v_filled int[];
  v_looked int[] := '{}'::int[];
begin
  -- From a random queue on, so that each comes up although an old transaction keeps many here.
  select array_agg(noted.ctid), array_agg(distinct noted.queue_id) filter (
    where (select ready.id from jobforge.ready where ready.queue_id = noted.queue_id
      order by ready.priority, ready.id limit 1) is not null)
  into v_ctids, v_filled
  from (
    select parked_queues.ctid, parked_queues.queue_id from jobforge.parked_queues
    where parked_queues.queue_id >= (
      select case when random() < 0.5 then 0
        else floor(random() * max(greatest_one.queue_id)) end
      from jobforge.parked_queues as greatest_one)
    order by parked_queues.queue_id
    limit p_limit) as noted;
  if v_filled is not null then
    v_looked := jobforge.look_at(v_filled, p_now, false);
  end if;
  -- The first look after the one that parked notes the horizon. A look that finds nothing once
  -- every transaction before the horizon has ended is the last. A later horizon replaces an
  -- earlier.
  with locked as materialized (
    select parked_queues.ctid, parked_queues.queue_id, parked_queues.horizon
    from jobforge.parked_queues
    where parked_queues.ctid = any (v_ctids)
    for update skip locked
  ),
  done as (
    delete from jobforge.parked_queues
    where parked_queues.ctid = any (array(
      select locked.ctid from locked
      where locked.queue_id = any (v_looked)
        or locked.queue_id <> all (coalesce(v_filled, '{}')) and (
          not jobforge.is_open_before(locked.horizon, v_snapshot)
          or exists (select from locked as fresh
            where fresh.queue_id = locked.queue_id and fresh.horizon is null
              and fresh.ctid <> locked.ctid
              and (locked.horizon is not null or fresh.ctid > locked.ctid)))))
    returning parked_queues.ctid as gone
  )
  update jobforge.parked_queues set horizon = pg_snapshot_xmax(v_snapshot)
  where parked_queues.horizon is null and parked_queues.ctid = any (array(
    select locked.ctid from locked where locked.ctid not in (select done.gone from done)));
end
$$;
comment on function jobforge.look_at_parked(int, timestamptz) is
  'Looks again at queues that were parked, until every enqueue that may have seen them awake has '
  'ended.';

create function jobforge.promote(p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_queue_ids int[];
begin
  if exists (select from jobforge.parked_queues) then
    perform jobforge.look_at_parked(500, p_now);
  end if;
  if exists (select from jobforge.wakeups) then
    perform jobforge.look_at_woken(p_now);
  end if;
  select array_agg(due.id) into v_queue_ids
  from (select q.id from jobforge.queues as q where q.wake_at <= p_now
    order by q.wake_at limit 100) as due;
  if v_queue_ids is not null then
    perform jobforge.look_at(v_queue_ids, p_now, false);
  end if;
end
$$;
comment on function jobforge.promote(timestamptz) is
  'Makes claimable what became due by time or was left as a wake-up.';

create function jobforge.look_at_missed(p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  v_missed int[];
begin
  -- A safety net below the wake-ups: the queues that have ready jobs, one index probe each.
  with recursive start as (
    select case when max(q.id) > 1000 then floor(random() * max(q.id))::int else 0 end as id
    from jobforge.queues as q
  ),
  probed (queue_id, n) as (
    (select ready.queue_id, 1 from jobforge.ready, start
      where ready.queue_id >= start.id order by ready.queue_id limit 1)
    union all
    select (select ready.queue_id from jobforge.ready
      where ready.queue_id > probed.queue_id order by ready.queue_id limit 1), probed.n + 1
    from probed
    where probed.queue_id is not null and probed.n < 1000
  )
  select array_agg(q.id) into v_missed
  from probed join jobforge.queues as q on q.id = probed.queue_id
  join public.jobforge_queues
    on jobforge_queues.tenant_id = q.tenant_id and jobforge_queues.queue = q.queue
  where not q.runnable and not jobforge_queues.paused
    and (jobforge.available_starts(q, jobforge_queues, p_now) > 0
      or jobforge.tat_is_ahead(q.tat_at, p_now));
  if v_missed is not null then
    perform jobforge.look_at(v_missed, p_now, false);
  end if;
  if exists (select from jobforge.newcomers) then
    perform jobforge.look_at(jobforge.settle_newcomers(1000, p_now), p_now, false);
  end if;
  delete from jobforge.failed_newcomers where failed_newcomers.ctid = any (array(
    select gone.ctid from jobforge.failed_newcomers as gone
    where gone.failed_at < p_now - interval '1 hour'
    for update skip locked));
end
$$;
comment on function jobforge.look_at_missed(timestamptz) is
  'Looks at queues that sleep although they have ready jobs and may start them. Maintenance '
  'reads up to 1,000 queues at a time, from a random start when there are more.';

-- supabase/schemas/30_queues/rate.sql

-- How many jobs of a queue may start now by its rate (GCRA).
--
-- What was used is counted in starts: the time until tat, in intervals of the rate that tat was
-- computed with. So a changed rate or burst keeps it. A clock that is set back keeps it, too: tat
-- is then read as of the time when it was computed, and the next look at the queue computes it
-- anew.

create function jobforge.tat_is_ahead(p_tat_at timestamptz, p_now timestamptz)
returns boolean
language sql immutable
set search_path = pg_catalog, pg_temp
as $$ select coalesce(p_tat_at > p_now + interval '10 seconds', false) $$;
comment on function jobforge.tat_is_ahead(timestamptz, timestamptz) is
  'Whether tat was computed in the future, because the clock was set back since then. No statement '
  'is ten seconds late.';

create function jobforge.used_starts(p_queue jobforge.queues, p_now timestamptz)
returns double precision
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(
    greatest(extract(epoch from p_queue.tat - case
      when jobforge.tat_is_ahead(p_queue.tat_at, p_now) then p_queue.tat_at else p_now end
      ), 0)::float8 / p_queue.tat_interval, 0);
end
$$;
comment on function jobforge.used_starts(jobforge.queues, timestamptz) is
  'Returns the starts of the burst that are used up now. It falls by one in each interval.';

create function jobforge.rate_interval(p_settings public.jobforge_queues)
returns double precision
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return p_settings.rate_period_ms / 1000.0::float8 / p_settings.rate_limit;
end
$$;
comment on function jobforge.rate_interval(public.jobforge_queues) is
  'Returns the seconds between two starts. Null without a rate.';

create function jobforge.next_start(
  p_queue jobforge.queues, p_settings public.jobforge_queues, p_now timestamptz)
returns timestamptz
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return p_now + make_interval(secs => greatest(
    jobforge.used_starts(p_queue, p_now) - p_settings.rate_burst + 1, 0)
    * p_queue.tat_interval);
end
$$;
comment on function jobforge.next_start(
  jobforge.queues, public.jobforge_queues, timestamptz) is
  'Returns when the rate allows the next start. Null without a rate or before the first start.';

create function jobforge.starts_by_rate(
  p_queue jobforge.queues, p_settings public.jobforge_queues, p_now timestamptz)
returns int
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return case when p_settings.rate_limit is null then 2147483647
    else greatest(floor(
      p_settings.rate_burst + 1e-6 - jobforge.used_starts(p_queue, p_now)), 0)::int end;
end
$$;
comment on function jobforge.starts_by_rate(
  jobforge.queues, public.jobforge_queues, timestamptz) is
  'Returns how many jobs of the queue may start now by its rate.';

create function jobforge.available_starts(
  p_queue jobforge.queues, p_settings public.jobforge_queues, p_now timestamptz)
returns int
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Where a plan reads a queue that was left out, it may not raise again.
  return case when p_settings.paused or jobforge.is_at_fault(p_queue.id) then 0
    when p_settings.max_running is null
      then jobforge.starts_by_rate(p_queue, p_settings, p_now)
    else greatest(least(p_settings.max_running - jobforge.running(p_queue.id),
      jobforge.starts_by_rate(p_queue, p_settings, p_now)), 0)::int end;
end
$$;
comment on function jobforge.available_starts(
  jobforge.queues, public.jobforge_queues, timestamptz) is
  'Returns how many jobs of the queue may start now under its cap and its rate. None of a queue at '
  'fault.';

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
      make_interval(secs => p_outcome.retry_after_ms / 1000.0)
    when p_outcome.outcome = 'released' then interval '0'
    else p_backoff
  end
$$;
comment on function jobforge.wait_after(jobforge.outcome, interval) is
  'Returns the wait before the next attempt: the backoff, or the wait that the handler requested.';

create function jobforge.check_retry_after(p_outcome jobforge.outcome)
returns jobforge.outcome
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select case when p_outcome.outcome not in ('errored', 'timed_out', 'released')
      or p_outcome.retry_after_ms between 0 and 31622400000 is not false
    then p_outcome
    else row(p_outcome.id, p_outcome.lease_token, 'errored', null, jsonb_build_object(
      'code', 'invalid_retry_after', 'message', format(
        'retry_after_ms must be from 0 to 31622400000, not %s', p_outcome.retry_after_ms)),
      null)::jobforge.outcome end
$$;
comment on function jobforge.check_retry_after(jobforge.outcome) is
  'Returns the outcome. One that waits for less than nothing or more than 366 days becomes an '
  'error of its job.';

create function jobforge.bounded_text(p_value jsonb)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  -- A text prints as it is stored. A list of numbers can print as gigabytes.
  select case when jsonb_typeof(p_value) = 'string' or pg_column_size(p_value) <= 64
    then p_value #>> '{}' end
$$;
comment on function jobforge.bounded_text(jsonb) is
  'Returns a text or another small value as text, or null.';

create function jobforge.error_summary(p_error jsonb)
returns jsonb
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select case when p_error is not null then jsonb_build_object(
    'code', left(coalesce(jobforge.bounded_text(p_error -> 'code'), 'error'), 100),
    'message', left(coalesce(jobforge.bounded_text(p_error -> 'message'), ''), 4096)) end
$$;
comment on function jobforge.error_summary(jsonb) is
  'An error as it is stored: a code and a message.';

create function jobforge.bound_members(p_name text, p_list jsonb)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- What is smaller as a whole prints as 50 megabytes at most. #> returns it uncompressed.
  if pg_column_size(p_list #> '{}') > 4096 and exists (
    select from jsonb_array_elements(p_list) as element
    where pg_column_size(element) > 256 and (
      pg_column_size(element -> 'id') > 64 or pg_column_size(element -> 'outcome') > 64
      or pg_column_size(element -> 'lease_token') > 64
      or pg_column_size(element -> 'retry_after_ms') > 64))
  then
    perform jobforge.fail('invalid_argument', format('%s must have at most 64 bytes in each id, '
      'outcome, lease_token and retry_after_ms', p_name));
  end if;
end
$$;
comment on function jobforge.bound_members(text, jsonb) is
  'Raises invalid_argument for a member of an outcome that could become a huge text.';

create function jobforge.outcomes(p_outcomes jsonb)
returns jobforge.outcome[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_outcomes jobforge.outcome[];
  v_valid boolean := false;
begin
  -- A result over the cap fails its own job and leaves the others of the batch as they are.
  select array_agg(case when jobforge.jsonb_fits(reported.result, 262144) is not false
      then jobforge.check_retry_after(reported)
      else row(reported.id, reported.lease_token, 'failed', null,
        jsonb_build_object('code', 'result_too_large',
          'message', 'the result must have at most 262144 bytes of text, nested less than 32 deep'),
        null)::jobforge.outcome end),
    coalesce(bool_and(reported.id is not null and reported.lease_token is not null
      and coalesce(reported.outcome, '')
        in ('succeeded', 'errored', 'timed_out', 'failed', 'released')), true)
  into v_outcomes, v_valid
  from jsonb_populate_recordset(null::jobforge.outcome, p_outcomes) as reported
  -- Whole leases are settled before.
  where reported.id is not null or reported.lease_token is null
    or coalesce(reported.outcome, 'succeeded') <> 'succeeded' or reported.result is not null
    or reported.error is not null;
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

-- supabase/schemas/40_runs/02_active_runs.sql

-- Active runs: which runs are live or on their way, and how many more jobs they can hold.
--
-- A live worker polls within a second while it has free slots, and reports every five seconds
-- while it has none. So silence shows a dead isolate long before its lease ends.

create view jobforge.active_runs with (security_invoker = true) as
select r.id, r.state, r.kind, r.types, r.created_at, r.lease_expires_at,
  case
    when r.state = 'pending' then settings.run_capacity
    when r.alone and r.held > 0 then 0
    else greatest(r.capacity - r.held, 0) end as spare,
  -- An idle run of the edge may be about to end. A run that stopped asking for jobs takes no more.
  case when r.state = 'pending' then r.created_at + interval '3 seconds'
    else least(r.lease_expires_at, coalesce(r.polled_at, r.started_at) + interval '3 seconds',
      case when r.kind = 'edge' then r.idle_at + interval '1 second' end) end as helps_until,
  -- Each call of a run sets its lease anew, so the lease shows when the run last reported.
  case when r.state = 'pending' then r.created_at + interval '3 seconds'
    else least(r.lease_expires_at, r.lease_expires_at
      - make_interval(secs => settings.lease_seconds) + interval '7 seconds') end as counts_until
from jobforge.runs as r
cross join jobforge.settings
where r.state in ('pending', 'live');
comment on view jobforge.active_runs is
  'Runs that are live or on their way: how many jobs each can still take and until when that '
  'helps, and until when each counts towards max_runs.';

create function jobforge.has_room(p_now timestamptz, p_type text default null)
returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select settings.project_url is null or (
      select coalesce(
        sum(active_runs.spare) filter (where active_runs.helps_until >= p_now
          -- Without a type, a container may be the wrong one.
          and case when p_type is null then active_runs.kind = 'edge'
            else active_runs.types is null or p_type = any (active_runs.types) end) > 0, false)
        or count(*) filter (where active_runs.counts_until >= p_now) >= settings.max_runs
      from jobforge.active_runs
      -- Older tickets count no more. The index skips them.
      where active_runs.state = 'live'
        or active_runs.created_at >= p_now - interval '1 minute')
      or exists (
        select from jobforge.job_types as t where t.type = p_type and t.runs_on = 'container')
    from jobforge.settings);
end
$$;
comment on function jobforge.has_room(timestamptz, text) is
  'Whether ready work needs no further call: a run that takes its type has free slots, max_runs '
  'runs are active, or there is no worker to call. An enqueue evaluates it in one expression.';

-- supabase/schemas/40_runs/02_assign_quotas.sql

-- Assign quotas: which queues a claim serves, and how many jobs it may start of each.

create type jobforge.queue_quota as (
  queue_id int,
  quota int,
  vtime numeric,
  cursor_priority smallint,
  cursor_id uuid,
  weight numeric,
  max_running int,
  max_queued int,
  rate_interval double precision
);
comment on type jobforge.queue_quota is
  'A queue that a claim holds, and how many of its jobs the claim may start.';

create function jobforge.assign_quotas(
  p_width int, p_count int, p_floor numeric, p_except int[], p_now timestamptz)
returns jobforge.queue_quota[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_quotas jobforge.queue_quota[];
begin
  with held as materialized (
    select q.*
    from jobforge.queues as q
    where q.runnable and q.vtime >= p_floor and q.id <> all (p_except)
    order by q.vtime
    limit p_width
    for no key update skip locked
  ),
  -- p_count starts lift the queues with the smallest virtual times to one common level.
  weighted as (
    select held.id, held.vtime, jobforge_queues.max_running, jobforge_queues.max_queued,
      jobforge_queues.weight::numeric as weight,
      case when jobforge_queues.rate_limit is not null
        then jobforge.rate_interval(jobforge_queues) end as rate_interval,
      case when jobforge_queues.paused then 0
        when jobforge_queues.rate_limit is null then p_count
        else jobforge.starts_by_rate(
          row(held.*)::jobforge.queues, jobforge_queues, p_now) end as allowed,
      case when held.cursor_at > p_now - interval '2 seconds' then held.cursor_priority
        else (-32768)::smallint end as cursor_priority,
      case when held.cursor_at > p_now - interval '2 seconds' then held.cursor_id
        else '00000000-0000-0000-0000-000000000000' end as cursor_id,
      (p_count + sum(jobforge_queues.weight::numeric * held.vtime) over smaller)
        / sum(jobforge_queues.weight::numeric) over smaller as level
    from held join public.jobforge_queues
      on jobforge_queues.tenant_id = held.tenant_id and jobforge_queues.queue = held.queue
    window smaller as (order by held.vtime, held.id rows unbounded preceding)
  )
  select array_agg(row(weighted.id,
    least(ceil(weighted.weight * (lowest.level - weighted.vtime) - 0.000001)::int,
      weighted.allowed),
    weighted.vtime, weighted.cursor_priority, weighted.cursor_id, weighted.weight,
    weighted.max_running, weighted.max_queued,
    weighted.rate_interval)::jobforge.queue_quota order by weighted.vtime, weighted.id)
  into v_quotas
  from weighted, (select min(weighted.level) as level from weighted) as lowest
  where weighted.vtime < lowest.level;
  return v_quotas;
end
$$;
comment on function jobforge.assign_quotas(int, int, numeric, int[], timestamptz) is
  'Locks up to p_width runnable queues and shares p_count starts among them by weight.';

create function jobforge.apply_caps(p_quotas jobforge.queue_quota[])
returns jobforge.queue_quota[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- In a statement of its own: it sees every lease that was committed before the queues were
  -- locked, and no other claim adds one meanwhile.
  return array(
    select row(assigned.queue_id, case when assigned.max_running is null then assigned.quota
        else least(assigned.quota, greatest(
          assigned.max_running - jobforge.running(assigned.queue_id), 0))::int end,
      assigned.vtime, assigned.cursor_priority, assigned.cursor_id, assigned.weight,
      assigned.max_running, assigned.max_queued, assigned.rate_interval)::jobforge.queue_quota
    from unnest(p_quotas) as assigned);
end
$$;
comment on function jobforge.apply_caps(jobforge.queue_quota[]) is
  'Lowers the quotas of queues with max_running to what they may still start.';

-- supabase/schemas/40_runs/02_claim.sql

-- Claim jobs.
--
-- Claims serve queues by virtual time. Each start adds 1 / weight to the virtual time of its queue,
-- and the queue with the smallest is served next. So busy queues share the workers by weight, and a
-- new queue is served at once. Limits cost O(1): a queue at its cap or rate is parked. Claims
-- neither scan a parked queue nor wait for it.
--
-- A claim locks rows of queues and then rows of ready, both with SKIP LOCKED. It waits for neither,
-- so claims cannot deadlock.

create type jobforge.taken as (
  tokens bigint[],
  queue_ids int[],
  counts int[],
  count int,
  bytes bigint
);
comment on type jobforge.taken is
  'The leases of one claim, with the queue of each and its number of jobs. bytes: those of all '
  'payloads that were found. Where they pass the budget, the claim stopped.';

create function jobforge.take(
  p_run_id bigint, p_quotas jobforge.queue_quota[], p_count int, p_bytes bigint, p_first boolean,
  p_now timestamptz)
returns jobforge.taken
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_taken jobforge.taken;
begin
  with found as materialized (
    select next.ctid, next.bytes
    from unnest(p_quotas) as assigned
    cross join lateral (
      select ready.ctid, ready.bytes from jobforge.ready
      where ready.queue_id = assigned.queue_id
        and (ready.priority, ready.id) >= (assigned.cursor_priority, assigned.cursor_id)
      order by ready.priority, ready.id
      limit assigned.quota
      for update skip locked) as next
    limit p_count
  ),
  measured as (select sum(found.bytes) as bytes from found),
  -- Which of them fit is looked for only when not all do. Of the first the total is its own bytes.
  gone as (
    delete from jobforge.ready using found
    where ready.ctid = found.ctid
      and ((select measured.bytes from measured) <= p_bytes or found.ctid in (
        select summed.ctid
        from (select found.ctid, found.bytes,
            sum(found.bytes) over (rows unbounded preceding) as total from found) as summed
        where summed.total <= p_bytes or p_first and summed.total = summed.bytes))
    returning ready.queue_id, ready.priority, ready.id, ready.tenant_id, ready.place
  ),
  -- Rows come in the order in which they were found, so the last of a queue is its cursor.
  started as materialized (
    select gone.queue_id, gone.tenant_id, count(*)::int as count,
      max(gone.priority) as priority, array_agg(gone.id) as ids, array_agg(gone.place) as places,
      nextval('jobforge.lease_tokens') as token
    from gone
    group by gone.queue_id, gone.tenant_id
  ),
  leased as (
    insert into jobforge.leases (run_id, token, queue_id, tenant_id, started_at, ids, places)
    select p_run_id, started.token, started.queue_id, started.tenant_id, p_now, started.ids,
      started.places
    from started
  ),
  moved as (
    update jobforge.queues as q
    set vtime = q.vtime + round(started.count / assigned.weight, 6),
      claimed = q.claimed + started.count,
      tat = case when assigned.rate_interval is null then q.tat
        else p_now + make_interval(secs => (jobforge.used_starts(q, p_now) + started.count)
          * assigned.rate_interval) end,
      tat_interval = coalesce(assigned.rate_interval, q.tat_interval),
      tat_at = case when assigned.rate_interval is null then q.tat_at else p_now end,
      cursor_priority = started.priority, cursor_id = started.ids[started.count],
      cursor_at = case when q.cursor_at > p_now - interval '2 seconds' then q.cursor_at
        else p_now end
    from started join unnest(p_quotas) as assigned on assigned.queue_id = started.queue_id
    where q.id = started.queue_id
  )
  select array_agg(started.token), array_agg(started.queue_id), array_agg(started.count),
    coalesce(sum(started.count), 0)::int, (select measured.bytes from measured)
  into v_taken
  from started;
  return v_taken;
end
$$;
comment on function jobforge.take(
  bigint, jobforge.queue_quota[], int, bigint, boolean, timestamptz) is
  'Starts an attempt of the next jobs of each queue, up to its quota, and p_count jobs and p_bytes '
  'bytes in all. With p_first one job always fits. The caller has locked the queues.';

create function jobforge.short_queues(p_quotas jobforge.queue_quota[], p_taken jobforge.taken)
returns int[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return array(
    select assigned.queue_id
    from unnest(p_quotas) as assigned
    left join unnest(p_taken.queue_ids, p_taken.counts) as started (queue_id, count)
      on started.queue_id = assigned.queue_id
    where coalesce(started.count, 0) < greatest(assigned.quota, 1));
end
$$;
comment on function jobforge.short_queues(jobforge.queue_quota[], jobforge.taken) is
  'Returns the queues that started fewer jobs than their quota, or had none.';

create function jobforge.wait_for_a_queue()
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Never waits for a row: a row that was skipped after its recheck failed stays locked. Two claims
  -- that each hold such a row and wait for the other's would deadlock.
  if not exists (select from jobforge.queues as q where q.runnable) then
    return false;
  end if;
  perform pg_sleep(0.003);
  return true;
end
$$;
comment on function jobforge.wait_for_a_queue() is
  'Waits three milliseconds for another claim to commit. Returns false when no queue is runnable.';

create type jobforge.claimed as (
  tokens bigint[],
  count int,
  floor numeric,
  alone boolean,
  is_full boolean
);
comment on type jobforge.claimed is
  'The leases of a claim, their number of jobs, the smallest virtual time it met, and whether it '
  'is one quarantined job. is_full: the next job would have passed the byte budget.';

create function jobforge.claim(
  p_run_id bigint, p_limit int, p_max_bytes int, p_floor numeric, p_now timestamptz)
returns jobforge.claimed
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  v_width int := least(p_limit, 8);
  v_floor numeric := p_floor;
  v_done int[] := '{}'::int[];
  v_waits int := 0;
  v_quotas jobforge.queue_quota[];
  v_taken jobforge.taken;
  v_short int[];
  v_capped record;
  v_bytes bigint := p_max_bytes;
  v_claimed jobforge.claimed := row('{}'::bigint[], 0, null, false, false);
begin
  -- Each pass parks the queues that it finds empty, so the jobs that emptied them pay for the pass.
  for v_pass in 1..1000 loop
    v_quotas := jobforge.assign_quotas(
      v_width, p_limit - v_claimed.count, v_floor, v_done, p_now);
    if v_quotas is null then
      if v_floor > '-infinity' then
        v_floor := '-infinity';
        continue;
      end if;
      v_waits := v_waits + 1;
      exit when v_claimed.count > 0 or v_waits > 5 or not jobforge.wait_for_a_queue();
      continue;
    end if;
    v_claimed.floor := coalesce(v_claimed.floor, v_quotas[1].vtime);
    select count(assigned.max_running) > 0 as running, count(assigned.max_queued) > 0 as queued
    into v_capped from unnest(v_quotas) as assigned;
    if v_capped.running then
      v_quotas := jobforge.apply_caps(v_quotas);
    end if;
    v_taken := jobforge.take(p_run_id, v_quotas, p_limit - v_claimed.count, v_bytes,
      v_claimed.count = 0, p_now);
    v_claimed.tokens := v_claimed.tokens || v_taken.tokens;
    v_claimed.count := v_claimed.count + v_taken.count;
    if v_capped.queued then
      perform jobforge.give_slots(v_taken.queue_ids, v_taken.counts);
    end if;
    v_claimed.is_full := coalesce(v_taken.bytes > v_bytes, false);
    exit when v_claimed.count = p_limit or v_claimed.is_full;
    v_bytes := v_bytes - coalesce(v_taken.bytes, 0);
    v_short := jobforge.short_queues(v_quotas, v_taken);
    perform jobforge.look_at(v_short, p_now, true);
    v_done := v_done || v_short;
    v_width := least(v_width * 2, 128);
  end loop;
  return v_claimed;
end
$$;
comment on function jobforge.claim(bigint, int, int, numeric, timestamptz) is
  'Starts up to p_limit attempts for a run, across queues by fair share. It stops before the job '
  'whose payload would pass p_max_bytes. Reads no queue before the virtual time p_floor at first.';

-- supabase/schemas/40_runs/03_claimed_jobs.sql

-- Claimed jobs as JSON: an object of arrays.

create type jobforge.claimed_jobs as (
  jobs json,
  count int,
  types text[],
  shortest_ms int,
  floor numeric,
  alone boolean,
  is_full boolean
);
comment on type jobforge.claimed_jobs is
  'Claimed jobs as JSON, their number, their types and the shortest of their timeouts. floor: the '
  'smallest virtual time met. alone: whether it is one quarantined job. is_full: the next job '
  'would have passed the byte budget.';

create function jobforge.jobs_as_columns(p_run_id bigint, p_tokens bigint[])
returns jobforge.claimed_jobs
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claimed jobforge.claimed_jobs;
begin
  select json_build_object('id', json_agg(claimed.id), 'tenant_id', json_agg(claimed.tenant_id),
    'queue', json_agg(claimed.queue), 'type', json_agg(claimed.type),
    'payload', json_agg(claimed.payload), 'attempt', json_agg(claimed.attempt),
    'max_attempts', json_agg(claimed.max_attempts), 'lease_token', json_agg(claimed.token),
    'timeout_ms', json_agg(claimed.timeout_ms), 'traceparent', json_agg(claimed.traceparent),
    'created_at', json_agg(claimed.created_at), 'run_at', json_agg(claimed.run_at)),
    count(*), array_agg(distinct claimed.type), min(claimed.timeout_ms), null, null, null
  into v_claimed
  from (
    select j.id, j.tenant_id, q.queue, j.type, j.payload, j.attempts + 1 as attempt,
      coalesce(j.max_attempts, t.max_attempts, 5) + j.attempts_before_retry as max_attempts,
      leases.token, coalesce(j.timeout_ms, t.timeout_ms, 60000) as timeout_ms, j.traceparent,
      j.created_at, j.run_at
    from jobforge.leases
    cross join lateral unnest(leases.ids, leases.places) as member (id, place)
    join jobforge.jobs as j on j.ctid = member.place and j.id = member.id
    join jobforge.queues as q on q.id = leases.queue_id
    left join jobforge.job_types as t on t.type = j.type
    where leases.run_id = p_run_id and leases.token = any (p_tokens)
  ) as claimed;
  return v_claimed;
end
$$;
comment on function jobforge.jobs_as_columns(bigint, bigint[]) is
  'Claimed jobs as an object of arrays, which names each column once.';

create function jobforge.read_claimed(p_run_id bigint, p_claimed jobforge.claimed)
returns jobforge.claimed_jobs
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_read jobforge.claimed_jobs;
begin
  for v_look in 1..2 loop
    v_read := jobforge.jobs_as_columns(p_run_id, p_claimed.tokens);
    exit when v_read.count = p_claimed.count
      or not jobforge.refresh_places(p_run_id, p_claimed.tokens);
  end loop;
  return v_read;
end
$$;
comment on function jobforge.read_claimed(bigint, jobforge.claimed) is
  'Claimed jobs as JSON, also when their bodies have moved.';

-- supabase/schemas/40_runs/04_queue_faults.sql

-- Queue faults: a queue that raises an error is left out, so that it stops no other tenant.

create table jobforge.queue_faults (
  queue_id int primary key,
  at timestamptz not null,
  sqlstate text not null,
  message text not null
);
comment on table jobforge.queue_faults is
  'Queues that claims leave out, because looking at them raised an error. Explain and the doctor '
  'show them. A new configuration of the queue clears the fault.';

create function jobforge.is_at_fault(p_queue_id int)
returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return exists (select from jobforge.queue_faults where queue_faults.queue_id = p_queue_id);
end
$$;
comment on function jobforge.is_at_fault(int) is
  'Whether claims leave out a queue, because looking at it raised an error.';

create function jobforge.set_faulty_aside(p_now timestamptz)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_queue record;
  v_faults int := 0;
begin
  for v_queue in
    select q.id from jobforge.queues as q
    where (q.runnable or q.wake_at <= p_now
        or exists (select from jobforge.quarantined where quarantined.queue_id = q.id))
      and not jobforge.is_at_fault(q.id)
    order by q.vtime
    limit 1000
  loop
    begin
      perform jobforge.available_starts(q, jobforge_queues, p_now),
        jobforge.next_start(q, jobforge_queues, p_now),
        round(1 / jobforge_queues.weight::numeric, 6) + q.vtime
      from jobforge.queues as q join public.jobforge_queues
        on jobforge_queues.tenant_id = q.tenant_id and jobforge_queues.queue = q.queue
      where q.id = v_queue.id;
    exception when data_exception or integrity_constraint_violation then
      raise warning 'jobforge: queue % is left out: it raises %', v_queue.id, sqlstate;
      insert into jobforge.queue_faults (queue_id, at, sqlstate, message)
      values (v_queue.id, p_now, sqlstate, jobforge.short_error(sqlstate, sqlerrm))
      on conflict (queue_id) do nothing;
      update jobforge.queues as q set runnable = false, blocked = true, wake_at = null
      where q.id = v_queue.id;
      v_faults := v_faults + 1;
    end;
  end loop;
  return v_faults;
end
$$;
comment on function jobforge.set_faulty_aside(timestamptz) is
  'Finds the queues that raise errors and leaves them out. Returns how many.';

-- supabase/schemas/40_runs/claim_for.sql

-- Claim for a run: quarantined jobs alone, and none that the run cannot take.

create function jobforge.claim_for(
  p_run_id bigint, p_held int, p_alone boolean, p_limit int, p_max_bytes int, p_floor numeric,
  p_now timestamptz)
returns jobforge.claimed
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_quarantined constant boolean := p_held = 0 and exists (
    select from jobforge.quarantined);
  v_claimed jobforge.claimed;
begin
  -- Quarantined jobs and other jobs take turns, so that neither kind can keep the other waiting.
  if not v_quarantined or p_alone then
    v_claimed := jobforge.claim(p_run_id, p_limit, p_max_bytes, p_floor, p_now);
  end if;
  if v_quarantined and coalesce(v_claimed.count, 0) = 0 then
    v_claimed := jobforge.claim_quarantined(p_run_id, p_now);
    if coalesce(v_claimed.count, 0) = 0 and not p_alone then
      v_claimed := jobforge.claim(p_run_id, p_limit, p_max_bytes, p_floor, p_now);
    end if;
  end if;
  return v_claimed;
end
$$;
comment on function jobforge.claim_for(
  bigint, int, boolean, int, int, numeric, timestamptz) is
  'Claims jobs for a run. A quarantined job is claimed alone.';

create function jobforge.read_for(
  p_run_id bigint, p_types text[], p_claimed jobforge.claimed)
returns jobforge.claimed_jobs
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claimed jobforge.claimed := p_claimed;
  v_read jobforge.claimed_jobs := jobforge.read_claimed(p_run_id, p_claimed);
begin
  if not v_read.types <@ p_types then
    v_claimed.count := v_claimed.count
      - jobforge.set_aside(p_run_id, p_claimed.tokens, p_types);
    v_read := jobforge.read_claimed(p_run_id, v_claimed);
  end if;
  v_read.floor := p_claimed.floor;
  v_read.alone := p_claimed.alone;
  v_read.is_full := p_claimed.is_full;
  return v_read;
end
$$;
comment on function jobforge.read_for(bigint, text[], jobforge.claimed) is
  'Claimed jobs as JSON. Those that the run cannot take are set aside first. Null types mean all.';

create function jobforge.claim_and_read(
  p_run_id bigint, p_held int, p_alone boolean, p_types text[], p_floor numeric, p_limit int,
  p_max_bytes int, p_now timestamptz)
returns jobforge.claimed_jobs
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_unusual boolean;
  v_claimed jobforge.claimed;
  v_read jobforge.claimed_jobs;
begin
  if p_held > 0 and p_alone then
    v_read.alone := true;
    return v_read;
  end if;
  -- One expression, because each costs as much as a statement.
  v_unusual := exists (select from jobforge.wakeups) or exists (select from jobforge.parked_queues)
    or exists (select from jobforge.queues as q where q.wake_at <= p_now)
    or exists (select from jobforge.unclaimed) or exists (select from jobforge.quarantined);
  if v_unusual then
    if exists (select from jobforge.unclaimed) then
      perform jobforge.return_unclaimed(p_types, 1000);
    end if;
    perform jobforge.promote(p_now);
    v_unusual := exists (select from jobforge.quarantined);
  end if;
  if p_limit = 1 and not v_unusual then
    v_read := jobforge.claim_one(p_run_id, p_types, p_floor, p_now);
    if v_read.count > 0 then
      return v_read;
    end if;
  end if;
  -- Again when all that was claimed had to be set aside.
  for v_try in 1..5 loop
    v_claimed := jobforge.claim_for(
      p_run_id, p_held, p_alone, p_limit, p_max_bytes, p_floor, p_now);
    exit when coalesce(v_claimed.count, 0) = 0;
    v_read := jobforge.read_for(p_run_id, p_types, v_claimed);
    exit when v_read.count > 0;
  end loop;
  return v_read;
end
$$;
comment on function jobforge.claim_and_read(
  bigint, int, boolean, text[], numeric, int, int, timestamptz) is
  'Claims jobs for a run and returns them as JSON.';

-- supabase/schemas/40_runs/claim_jobs.sql

-- Claim jobs, for workers that report outcomes in calls of their own.

create function public.jobforge_claim_jobs(
  p_run_id bigint, p_limit int, p_max_bytes int default 4194304)
returns json
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '5s'
as $$
  with reply as materialized (
    select jobforge.settle_and_claim(p_run_id, '[]', p_limit, '[]', p_max_bytes) -> 'jobs' as jobs
  )
  select coalesce(json_agg(row_to_json(claimed)), '[]')
  from reply
  -- The text is parsed once for all columns.
  cross join lateral json_to_record(reply.jobs) as listed (id json, tenant_id json, queue json,
    type json, payload json, attempt json, max_attempts json, lease_token json, timeout_ms json,
    traceparent json, created_at json, run_at json)
  cross join lateral rows from (
    json_array_elements(listed.id), json_array_elements(listed.tenant_id),
    json_array_elements(listed.queue), json_array_elements(listed.type),
    json_array_elements(listed.payload), json_array_elements(listed.attempt),
    json_array_elements(listed.max_attempts), json_array_elements(listed.lease_token),
    json_array_elements(listed.timeout_ms), json_array_elements(listed.traceparent),
    json_array_elements(listed.created_at), json_array_elements(listed.run_at))
    as claimed (id, tenant_id, queue, type, payload, attempt, max_attempts, lease_token, timeout_ms,
      traceparent, created_at, run_at)
$$;
comment on function public.jobforge_claim_jobs(bigint, int, int) is
  'Workers: claims the next jobs as an array of objects. A claim stops before the job whose '
  'payload would pass p_max_bytes in all, and brings at least one.';

-- supabase/schemas/40_runs/claim_one.sql

-- Claim one job: the short path, for a queue without limits and a job that the run takes.

create function jobforge.claim_one(
  p_run_id bigint, p_types text[], p_floor numeric, p_now timestamptz)
returns jobforge.claimed_jobs
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_queue record;
  v_gone record;
  v_read jobforge.claimed_jobs;
begin
  select q.id, q.queue, q.vtime, jobforge_queues.weight,
    num_nonnulls(jobforge_queues.max_running, jobforge_queues.max_queued,
      jobforge_queues.rate_limit) = 0 and not jobforge_queues.paused as unlimited,
    case when q.cursor_at > p_now - interval '2 seconds' then q.cursor_priority
      else (-32768)::smallint end as cursor_priority,
    case when q.cursor_at > p_now - interval '2 seconds' then q.cursor_id
      else '00000000-0000-0000-0000-000000000000' end as cursor_id
  into v_queue
  from jobforge.queues as q join public.jobforge_queues
    on jobforge_queues.tenant_id = q.tenant_id and jobforge_queues.queue = q.queue
  where q.runnable and q.vtime >= p_floor
  order by q.vtime
  limit 1
  for no key update of q skip locked;
  if not found or not v_queue.unlimited then
    return null;
  end if;
  with gone as (
    delete from jobforge.ready
    where ready.ctid = (
      select next.ctid from jobforge.ready as next
      where next.queue_id = v_queue.id
        and (next.priority, next.id) >= (v_queue.cursor_priority, v_queue.cursor_id)
      order by next.priority, next.id
      limit 1
      for update skip locked)
    returning ready.priority, ready.id, ready.tenant_id, ready.place
  ),
  leased as (
    insert into jobforge.leases (run_id, token, queue_id, tenant_id, started_at, ids, places)
    select p_run_id, nextval('jobforge.lease_tokens'), v_queue.id, gone.tenant_id, p_now,
      array[gone.id], array[gone.place]
    from gone
    returning leases.token
  ),
  moved as (
    update jobforge.queues as q
    set vtime = q.vtime + round(1 / v_queue.weight::numeric, 6), claimed = q.claimed + 1,
      cursor_priority = gone.priority, cursor_id = gone.id,
      cursor_at = case when q.cursor_at > p_now - interval '2 seconds' then q.cursor_at
        else p_now end
    from gone
    where q.id = v_queue.id
  )
  select gone.id, gone.place, leased.token into v_gone from gone, leased;
  if not found then
    return null;
  end if;
  select json_build_object('id', array[j.id],
      'tenant_id', array[j.tenant_id], 'queue', array[v_queue.queue], 'type', array[j.type],
      'payload', array[j.payload], 'attempt', array[j.attempts + 1], 'max_attempts',
      array[coalesce(j.max_attempts, t.max_attempts, 5) + j.attempts_before_retry],
      'lease_token', array[v_gone.token],
      'timeout_ms', array[coalesce(j.timeout_ms, t.timeout_ms, 60000)],
      'traceparent', array[j.traceparent], 'created_at', array[j.created_at],
      'run_at', array[j.run_at]), 1, null,
    coalesce(j.timeout_ms, t.timeout_ms, 60000), v_queue.vtime, false, false
  into v_read
  from jobforge.jobs as j left join jobforge.job_types as t on t.type = j.type
  where j.ctid = v_gone.place and j.id = v_gone.id
    and (p_types is null or j.type = any (p_types));
  if v_read.jobs is null then
    v_read := jobforge.read_for(p_run_id, p_types,
      row(array[v_gone.token], 1, v_queue.vtime, false, false)::jobforge.claimed);
  end if;
  return v_read;
end
$$;
comment on function jobforge.claim_one(bigint, text[], numeric, timestamptz) is
  'Claims the next job of the queue whose turn it is. Returns null when the usual path is needed.';

-- supabase/schemas/40_runs/claim_quarantined.sql

-- Claim a quarantined job: one whose lease expired twice. It runs alone, so that a crash ends no
-- other job. One of each queue and a quarter of max_runs in all run at a time, by fair share.

create function jobforge.claim_quarantined(p_run_id bigint, p_now timestamptz)
returns jobforge.claimed
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  v_queue record;
  v_token bigint;
begin
  -- Tried only, so that a claim beside this one goes on with other work.
  if not pg_try_advisory_xact_lock(1246708226, 0)
    or (select count(*) from jobforge.leases where leases.alone)
      >= (select greatest(settings.max_runs / 4, 1) from jobforge.settings)
  then
    return null;
  end if;
  for v_queue in
    with recursive waiting (queue_id, n) as (
      (select quarantined.queue_id, 1 from jobforge.quarantined
        order by quarantined.queue_id limit 1)
      union all
      select (select quarantined.queue_id from jobforge.quarantined
        where quarantined.queue_id > waiting.queue_id order by quarantined.queue_id limit 1),
        waiting.n + 1
      from waiting where waiting.queue_id is not null and waiting.n < 1000
    )
    select q.id, q as state, jobforge_queues as settings
    from waiting
    join jobforge.queues as q on q.id = waiting.queue_id
    join public.jobforge_queues
      on jobforge_queues.tenant_id = q.tenant_id and jobforge_queues.queue = q.queue
    where not exists (
        select from jobforge.leases where leases.queue_id = q.id and leases.alone)
      and jobforge.available_starts(q, jobforge_queues, p_now) > 0
    order by q.vtime
    limit 10
  loop
    v_token := jobforge.lease_quarantined(p_run_id, v_queue.id, v_queue.settings, p_now);
    if v_token is not null then
      return row(array[v_token], 1, null, true, false)::jobforge.claimed;
    end if;
  end loop;
  return null;
end
$$;
comment on function jobforge.claim_quarantined(bigint, timestamptz) is
  'Starts one job whose lease expired twice or more. For a run that holds nothing else.';

create function jobforge.lease_quarantined(
  p_run_id bigint, p_queue_id int, p_settings public.jobforge_queues, p_now timestamptz)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_queue jobforge.queues;
  v_token bigint;
begin
  select q.* into v_queue from jobforge.queues as q where q.id = p_queue_id
  for no key update skip locked;
  if not found or jobforge.available_starts(v_queue, p_settings, p_now) = 0 then
    return null;
  end if;
  with gone as (
    delete from jobforge.quarantined
    where quarantined.ctid = (
      select next.ctid from jobforge.quarantined as next
      where next.queue_id = p_queue_id
      order by next.priority, next.id
      limit 1
      for update skip locked)
    returning quarantined.*
  ),
  moved as (
    update jobforge.queues as q
    set vtime = q.vtime + round(1 / p_settings.weight::numeric, 6), claimed = q.claimed + 1,
      tat = case when p_settings.rate_limit is null then q.tat
        else p_now + make_interval(secs => (jobforge.used_starts(q, p_now) + 1)
          * jobforge.rate_interval(p_settings)) end,
      tat_interval = coalesce(jobforge.rate_interval(p_settings), q.tat_interval),
      tat_at = case when p_settings.rate_limit is null then q.tat_at else p_now end
    from gone
    where q.id = gone.queue_id
  )
  insert into jobforge.leases
    (run_id, token, queue_id, tenant_id, started_at, alone, ids, places)
  select p_run_id, nextval('jobforge.lease_tokens'), gone.queue_id, gone.tenant_id, p_now, true,
    array[gone.id], array[gone.place]
  from gone
  returning leases.token into v_token;
  if v_token is not null and p_settings.max_queued is not null then
    perform jobforge.give_slots(array[p_queue_id], array[1]);
  end if;
  return v_token;
end
$$;
comment on function jobforge.lease_quarantined(
  bigint, int, public.jobforge_queues, timestamptz) is
  'Starts the next quarantined job of a queue. Returns the token of its lease.';

-- supabase/schemas/40_runs/complete_jobs.sql

-- Complete jobs, for workers that claim in calls of their own.

create function public.jobforge_complete_jobs(p_run_id bigint, p_outcomes jsonb)
returns json
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '5s'
as $$ select jobforge.settle_and_claim(p_run_id, p_outcomes, 0, '[]', 0) $$;
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
set statement_timeout = '2s'
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
declare
  v_ids uuid[];
  v_progress jsonb[];
begin
  if p_progress = '[]' then
    return;
  end if;
  if jsonb_typeof(p_progress) = 'array' then
    if jsonb_array_length(p_progress) > 10000 then
      perform jobforge.fail('invalid_argument', 'p_progress must have at most 10000 entries');
    end if;
    perform jobforge.bound_members('p_progress', p_progress);
  end if;
  begin
    select array_agg(reported.id), array_agg(reported.progress) into v_ids, v_progress
    from jsonb_to_recordset(p_progress) as reported (id uuid, progress jsonb);
  exception when data_exception then
    perform jobforge.fail('invalid_argument', format('p_progress: %s', sqlerrm));
  end;
  insert into jobforge.job_progress (tenant_id, job_id, progress)
  select distinct on (member.id) leases.tenant_id, member.id, reported.progress
  from jobforge.leases
  cross join lateral unnest(leases.ids) as member (id)
  join unnest(v_ids, v_progress) as reported (id, progress) on reported.id = member.id
  where leases.run_id = p_run_id and jobforge.jsonb_fits(reported.progress, 4096)
  order by member.id
  on conflict (tenant_id, job_id) do update set progress = excluded.progress;
  perform jobforge.hint_jobs(array(
    select row(leases.tenant_id, member.id)::jobforge.job_key
    from jobforge.leases cross join lateral unnest(leases.ids) as member (id)
    where leases.run_id = p_run_id and member.id = any (v_ids)));
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
  if not exists (select from jobforge.cancel_requests) then
    return '{}';
  end if;
  return array(
    select member.id
    from jobforge.leases
    cross join lateral unnest(leases.ids) as member (id)
    join jobforge.cancel_requests
      on cancel_requests.tenant_id = leases.tenant_id and cancel_requests.job_id = member.id
    where leases.run_id = p_run_id);
end
$$;
comment on function jobforge.jobs_to_abort(bigint) is
  'Running jobs of the run whose cancellation was requested.';

create function jobforge.end_overdue(p_run_id bigint, p_now timestamptz)
returns uuid[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_overdue uuid[];
  v_next_at timestamptz;
begin
  -- A live run cannot keep a job forever: a minute after the job's timeout its lease expires.
  select array_agg(held.id) filter (where held.overdue_at < p_now), min(held.overdue_at) filter (
    where held.overdue_at >= p_now)
  into v_overdue, v_next_at
  from (
    select member.id, leases.started_at + make_interval(
      secs => coalesce(j.timeout_ms, t.timeout_ms, 60000) / 1000.0 + 60) as overdue_at
    from jobforge.leases
    cross join lateral unnest(leases.ids) as member (id)
    join jobforge.jobs as j on j.tenant_id = leases.tenant_id and j.id = member.id
    left join jobforge.job_types as t on t.type = j.type
    where leases.run_id = p_run_id) as held;
  if v_overdue is not null then
    perform jobforge.end_leases(p_run_id, v_overdue, 'lease_expired');
  end if;
  update jobforge.runs as r set overdue_at = v_next_at where r.id = p_run_id;
  return coalesce(v_overdue, '{}');
end
$$;
comment on function jobforge.end_overdue(bigint, timestamptz) is
  'Ends the leases of jobs that are a minute past their timeout. Returns the jobs. The caller has '
  'locked the run.';

create function jobforge.heartbeat(p_run_id bigint, p_progress jsonb)
returns json
language plpgsql
security definer -- extends leases and stores progress
set search_path = pg_catalog, pg_temp
as $$
declare
  v_run constant jobforge.runs := jobforge.lock_live_run(p_run_id);
  v_now constant timestamptz := jobforge.clock();
  v_overdue uuid[] := '{}'::uuid[];
  v_lease_expires_at timestamptz;
begin
  perform jobforge.save_progress(p_run_id, coalesce(p_progress, '[]'));
  if v_run.overdue_at < v_now then
    v_overdue := jobforge.end_overdue(p_run_id, v_now);
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
set statement_timeout = '5s'
as $$ select jobforge.heartbeat(p_run_id, p_progress) $$;
comment on function public.jobforge_heartbeat(bigint, jsonb) is
  'Workers: extends the leases of a run and returns the jobs to abort.';

-- supabase/schemas/40_runs/reclaim_lost_runs.sql

-- Reclaim lost runs: a run that stopped reporting ends, and its jobs are queued again.
--
-- Each run is a step of its own. An error undoes no other step, and the next dispatch goes on where
-- the time was used up. Only the lost run itself waits for what a step holds.

create function jobforge.end_lost_leases(p_run_id bigint, p_until timestamptz)
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_lease record;
  v_error text;
begin
  begin
    perform jobforge.end_leases(p_run_id, null, 'lease_expired');
    return null;
  exception when others then
    v_error := jobforge.short_error(sqlstate, sqlerrm);
  end;
  -- A trigger of the application, for example, raises for a job of one tenant. The jobs of the
  -- others are queued again: in any order, so that each comes up before the time is used up.
  for v_lease in
    select leases.ids from jobforge.leases where leases.run_id = p_run_id order by random()
  loop
    begin
      perform jobforge.end_leases(p_run_id, v_lease.ids, 'lease_expired');
    exception when others then
      null; -- the lease stays, and with it the run
    end;
    exit when clock_timestamp() >= p_until;
  end loop;
  return v_error;
end
$$;
comment on function jobforge.end_lost_leases(bigint, timestamptz) is
  'Ends the leases of a lost run, those that can be ended, until the time is used up. The caller '
  'has locked the run. Returns the first error.';

create function jobforge.reclaim_run(
  p_run_id bigint, p_now timestamptz, p_until timestamptz)
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_error text;
begin
  perform from jobforge.runs as r
  where r.id = p_run_id and r.state = 'live' and r.lease_expires_at < p_now
  for no key update skip locked;
  if found then
    v_error := jobforge.end_lost_leases(p_run_id, p_until);
    update jobforge.runs as r
    set state = 'lost', held = 0, lease_expires_at = null, ended_at = p_now,
      end_reason = 'lease_expired'
    where r.id = p_run_id
      and not exists (select from jobforge.leases where leases.run_id = p_run_id);
    return v_error;
  end if;
  -- A live run that reports nothing about a job past its timeout keeps it no longer.
  perform from jobforge.runs as r
  where r.id = p_run_id and r.state = 'live' and r.overdue_at < p_now
  for no key update skip locked;
  if found then
    perform jobforge.end_overdue(p_run_id, p_now);
  end if;
  return null;
end
$$;
comment on function jobforge.reclaim_run(bigint, timestamptz, timestamptz) is
  'Ends a run that stopped reporting, or the leases of its jobs that are a minute past their '
  'timeout. Does nothing while another transaction holds the run. Returns the first error of a '
  'lease, which stops no other.';

create function jobforge.put_behind(p_run_id bigint, p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  update jobforge.runs as r
  set lease_expires_at = greatest(r.lease_expires_at, p_now - interval '1 microsecond'),
    overdue_at = case when r.overdue_at is not null
      then greatest(r.overdue_at, p_now - interval '1 microsecond') end
  where r.id = (
    select r_failed.id from jobforge.runs as r_failed
    where r_failed.id = p_run_id and r_failed.state = 'live'
    for no key update skip locked);
end
$$;
comment on function jobforge.put_behind(bigint, timestamptz) is
  'Puts a run that could not be reclaimed behind the others that are lost.';

create function jobforge.follow_clock(p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_run record;
begin
  -- Once the clock was set back, what a run recorded lies in the future. A live one records it anew
  -- within seconds. A lost one would hold its jobs, and count as help, until that time has come.
  update jobforge.runs as r
  set lease_expires_at = p_now + make_interval(secs => settings.lease_seconds),
    polled_at = least(r.polled_at, p_now)
  from jobforge.settings
  where r.ctid = any (array(
    select r_early.ctid from jobforge.runs as r_early, jobforge.settings
    where r_early.state = 'live'
      and r_early.lease_expires_at > p_now + make_interval(secs => settings.lease_seconds + 5)
    for no key update of r_early skip locked));
  -- Its jobs would be overdue only by the old clock.
  for v_run in
    select r.id, latest.token, latest.started_at - p_now as ahead
    from jobforge.runs as r cross join lateral (
      select leases.token, leases.started_at from jobforge.leases where leases.run_id = r.id
      order by leases.started_at desc limit 1) as latest
    where r.state = 'live' and latest.started_at > p_now + interval '10 seconds'
    for no key update of r skip locked
  loop
    -- Those with a greater token started by the new clock.
    update jobforge.leases set started_at = started_at - v_run.ahead
    where run_id = v_run.id and token <= v_run.token;
    -- Computed anew when it has come.
    update jobforge.runs set overdue_at = least(overdue_at, p_now) where id = v_run.id;
  end loop;
end
$$;
comment on function jobforge.follow_clock(timestamptz) is
  'Ends leases in lease_seconds that would end later, because the clock was set back, and moves '
  'the starts of their jobs into the past.';

create function jobforge.reclaim_lost_runs(p_now timestamptz, p_until timestamptz)
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_run_id bigint;
  v_error text;
  v_errors text[] := '{}'::text[];
begin
  perform jobforge.follow_clock(p_now);
  -- A ticket of the future is older than the clock, which was set back.
  update jobforge.runs as r set state = 'undelivered', ticket_hash = null, ended_at = p_now
  where r.ctid = any (array(
    select r_late.ctid from jobforge.runs as r_late
    where r_late.state = 'pending' and r_late.created_at not between
      p_now - interval '60 seconds' and p_now + interval '5 seconds'
    for no key update skip locked));
  for v_run_id in
    select r.id from jobforge.runs as r
    where r.state = 'live' and (r.lease_expires_at < p_now or r.overdue_at < p_now)
    order by least(r.lease_expires_at, r.overdue_at), r.id
    limit 100
  loop
    begin
      v_error := jobforge.reclaim_run(v_run_id, p_now, p_until);
    exception when others then
      v_error := jobforge.short_error(sqlstate, sqlerrm);
    end;
    if v_error is not null then
      v_errors := v_errors || v_error;
      perform jobforge.put_behind(v_run_id, p_now);
    end if;
    exit when clock_timestamp() >= p_until;
  end loop;
  return v_errors[1];
end
$$;
comment on function jobforge.reclaim_lost_runs(timestamptz, timestamptz) is
  'Ends runs that stopped reporting, one at least. Their jobs are queued again or dead. Returns '
  'the first error of a run, which stops no other.';

-- supabase/schemas/40_runs/release_jobs.sql

-- Release jobs: return them to their queues without using up an attempt.

create function jobforge.end_leases(p_run_id bigint, p_job_ids uuid[], p_outcome text)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_watched constant jobforge.job_key[] := jobforge.watched_jobs(p_run_id, jobforge.clock());
  v_settled uuid[];
begin
  v_settled := jobforge.settle(p_run_id, (
    select array_agg(row(member.id, leases.token, p_outcome, null,
      case when p_outcome = 'lease_expired' then
        '{"code": "lease_expired", "message": "the worker stopped reporting"}'::jsonb end,
      null)::jobforge.outcome)
    from jobforge.leases cross join lateral unnest(leases.ids) as member (id)
    where leases.run_id = p_run_id and (p_job_ids is null or member.id = any (p_job_ids))),
    jobforge.clock());
  update jobforge.runs as r set held = greatest(r.held - cardinality(v_settled), 0)
  where r.id = p_run_id;
  if v_watched is not null then
    perform jobforge.hint_run(p_run_id, v_watched, jobforge.clock());
  end if;
  return cardinality(v_settled);
end
$$;
comment on function jobforge.end_leases(bigint, uuid[], text) is
  'Ends the leases of a run''s jobs: of those named, or of all when p_job_ids is null. The caller '
  'has locked the run. Returns how many.';

create function jobforge.release_jobs(p_run_id bigint, p_job_ids uuid[], p_known_ids uuid[])
returns int
language plpgsql
security definer -- ends leases
set search_path = pg_catalog, pg_temp
as $$
begin
  perform jobforge.lock_live_run(p_run_id);
  return jobforge.end_leases(p_run_id, array(
    select member.id
    from jobforge.leases cross join lateral unnest(leases.ids) as member (id)
    where leases.run_id = p_run_id and (p_job_ids is null or member.id = any (p_job_ids))
      and (p_known_ids is null or member.id <> all (p_known_ids))), 'released');
end
$$;
comment on function jobforge.release_jobs(bigint, uuid[], uuid[]) is
  'Workers: returns jobs to their queues without using up an attempt.';

create function public.jobforge_release_jobs(
  p_run_id bigint, p_job_ids uuid[] default null, p_known_ids uuid[] default null)
returns int
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '5s'
as $$ select jobforge.release_jobs(p_run_id, p_job_ids, p_known_ids) $$;
comment on function public.jobforge_release_jobs(bigint, uuid[], uuid[]) is
  'Workers: returns jobs to their queues without using up an attempt: those named, or all that the '
  'run holds, and none of p_known_ids.';

-- supabase/schemas/40_runs/settle.sql

-- Settle: record the outcomes of attempts.

create type jobforge.ended_attempts as (
  ids uuid[],
  queue_ids int[],
  requeued_ids int[],
  ready_ids int[],
  later_ids int[]
);
comment on type jobforge.ended_attempts is
  'Jobs whose outcome counted, with the queue of each. requeued_ids: the queues of jobs that wait '
  'again. ready_ids and later_ids: those of them that are ready, and those that are scheduled.';

create function jobforge.decided_outcomes(
  p_run_id bigint, p_outcomes jobforge.outcome[], p_now timestamptz)
returns table (tenant_id uuid, id uuid, queue_id int, started_at timestamptz, ready_at timestamptz,
  attempt int, outcome text, error jsonb, wait interval, status text,
  cancel_requested_at timestamptz)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
  with held as materialized (
    select leases.tenant_id, leases.queue_id, leases.started_at, member.id, leases.token
    from jobforge.leases cross join lateral unnest(leases.ids) as member (id)
    where leases.run_id = p_run_id
      and leases.token = any (array(select sent.lease_token from unnest(p_outcomes) as sent))
  ),
  matched as (
    select held.tenant_id, held.id, held.queue_id, held.started_at, j.run_at as ready_at,
      j.attempts, j.attempts_before_retry, t.backoff_base_ms, t.backoff_cap_ms,
      coalesce(j.max_attempts, t.max_attempts, 5) + j.attempts_before_retry as max_attempts,
      sent, cancel_requests.requested_at, cancel_requests.requested_at is not null as canceled
    from held
    join unnest(p_outcomes) as sent on sent.id = held.id and sent.lease_token = held.token
    join jobforge.jobs as j on j.tenant_id = held.tenant_id and j.id = held.id and j.status is null
    left join jobforge.job_types as t on t.type = j.type
    left join jobforge.cancel_requests
      on cancel_requests.tenant_id = held.tenant_id and cancel_requests.job_id = held.id
  )
  select matched.tenant_id, matched.id, matched.queue_id, matched.started_at, matched.ready_at,
    matched.attempts + 1,
    case when matched.canceled then 'canceled' else (matched.sent).outcome end,
    jobforge.error_summary((matched.sent).error),
    jobforge.wait_after(matched.sent, jobforge.backoff(
      matched.attempts + 1 - matched.attempts_before_retry,
      coalesce(matched.backoff_base_ms, 2000), coalesce(matched.backoff_cap_ms, 3600000))),
    case when matched.canceled then 'canceled'
      when (matched.sent).outcome = 'failed' then 'failed'
      when (matched.sent).outcome <> 'released' and matched.attempts + 1 >= matched.max_attempts
        then 'dead' end,
    matched.requested_at
  from matched
  where (matched.sent).outcome <> 'succeeded' or matched.canceled;
end
$$;
comment on function jobforge.decided_outcomes(bigint, jobforge.outcome[], timestamptz) is
  'What becomes of the jobs of outcomes that are no success. A null status means queued again. A '
  'job whose cancellation was requested is canceled for every outcome and keeps no result.';

create function jobforge.milliseconds(p_from timestamptz, p_until timestamptz)
returns int
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- None when the clock was set back meanwhile.
  return least(greatest(date_part('epoch', p_until - p_from) * 1000, 0), 2147483647)::int;
end
$$;
comment on function jobforge.milliseconds(timestamptz, timestamptz) is
  'Returns the milliseconds from one time to a later one, as far as an integer goes.';

create function jobforge.settle_others(
  p_run_id bigint, p_outcomes jobforge.outcome[], p_now timestamptz)
returns jobforge.ended_attempts
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_ended jobforge.ended_attempts;
begin
  with decided as materialized (
    select * from jobforge.decided_outcomes(p_run_id, p_outcomes, p_now)
  ),
  ended as (
    update jobforge.jobs as j
    set status = decided.status, attempts = j.attempts + (decided.outcome <> 'released')::int,
      lease_expiries = j.lease_expiries + (decided.outcome = 'lease_expired')::int,
      last_error = coalesce(decided.error, j.last_error),
      started_at = decided.started_at,
      run_at = case when decided.status is null and (decided.outcome <> 'released'
        or decided.wait > interval '0') then p_now + decided.wait else j.run_at end,
      cancel_requested_at = decided.cancel_requested_at,
      finished_at = case when decided.status is not null then p_now end
    from decided
    where j.tenant_id = decided.tenant_id and j.id = decided.id and j.status is null
    returning decided.*, j.type, j.priority, j.run_at, j.lease_expiries >= 2 as quarantined, j.ctid,
      case when decided.status is null then octet_length(j.payload::text) end as bytes,
      case when decided.outcome = 'released' then 'b' when decided.status is null then 'r'
        else left(decided.status, 1) end::"char" as ends
  ),
  recorded as (
    insert into jobforge.unsuccessful_attempts (
      tenant_id, job_id, attempt_no, run_id, started_at, finished_at, outcome, error)
    select ended.tenant_id, ended.id, ended.attempt, p_run_id, ended.started_at, p_now,
      ended.outcome, ended.error
    from ended where ended.outcome <> 'released'
  ),
  listed as (
    insert into jobforge.unsuccessful_jobs (tenant_id, id)
    select ended.tenant_id, ended.id from ended where ended.status is not null
  ),
  granted as (
    delete from jobforge.cancel_requests using ended
    where cancel_requests.tenant_id = ended.tenant_id and cancel_requests.job_id = ended.id
  ),
  scheduled as (
    insert into jobforge.scheduled
      (queue_id, bytes, run_at, id, tenant_id, priority, quarantined, place)
    select ended.queue_id, ended.bytes, ended.run_at, ended.id, ended.tenant_id, ended.priority,
      ended.quarantined, ended.ctid
    from ended where ended.status is null and ended.run_at > p_now
  ),
  quarantined as (
    insert into jobforge.quarantined (queue_id, priority, id, tenant_id, place)
    select ended.queue_id, ended.priority, ended.id, ended.tenant_id, ended.ctid
    from ended where ended.status is null and ended.run_at <= p_now and ended.quarantined
  ),
  readied as (
    insert into jobforge.ready (queue_id, bytes, priority, id, tenant_id, place)
    select ended.queue_id, ended.bytes, ended.priority, ended.id, ended.tenant_id, ended.ctid
    from ended where ended.status is null and ended.run_at <= p_now and not ended.quarantined
  ),
  metrics as (
    insert into jobforge.outcome_batches (at, queue_ids, types, ends, latency_ms, duration_ms)
    select p_now, array_agg(ended.queue_id), array_agg(ended.type), array_agg(ended.ends),
      array_agg(jobforge.milliseconds(ended.ready_at, ended.started_at)),
      array_agg(jobforge.milliseconds(ended.started_at, p_now))
    from ended having count(*) > 0
  )
  select array_agg(ended.id), array_agg(ended.queue_id),
    array_agg(ended.queue_id) filter (where ended.status is null),
    array_agg(ended.queue_id) filter (where ended.status is null and ended.run_at <= p_now),
    array_agg(ended.queue_id) filter (where ended.status is null and ended.run_at > p_now)
  into v_ended
  from ended;
  return v_ended;
end
$$;
comment on function jobforge.settle_others(bigint, jobforge.outcome[], timestamptz) is
  'Ends the attempts that are no success: the job is queued again, failed, dead or canceled.';

create function jobforge.enter_again(p_queue_ids int[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_queue_ids int[];
  v_counts int[];
begin
  select array_agg(counted.queue_id), array_agg(counted.count) into v_queue_ids, v_counts
  from (
    select again.queue_id, count(*)::int as count from unnest(p_queue_ids) as again (queue_id)
    group by again.queue_id) as counted;
  insert into jobforge.queue_deltas (queue_id, returned)
  select again.queue_id, again.count from unnest(v_queue_ids, v_counts) as again (queue_id, count);
  perform jobforge.give_slots(v_queue_ids, array(select -n from unnest(v_counts) as n));
end
$$;
comment on function jobforge.enter_again(int[]) is
  'Counts jobs into their queues again, beyond max_queued where it must be. One entry for each '
  'job.';

create function jobforge.settle(p_run_id bigint, p_outcomes jobforge.outcome[], p_now timestamptz)
returns uuid[]
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  v_settled uuid[] := '{}'::uuid[];
  v_ids uuid[];
  v_tokens bigint[];
  v_results jsonb[];
  v_others jobforge.ended_attempts;
begin
  select array_agg(sent.id), array_agg(sent.lease_token), array_agg(sent.result)
  into v_ids, v_tokens, v_results
  from unnest(p_outcomes) as sent where sent.outcome = 'succeeded';
  if v_ids is not null then
    v_settled := jobforge.settle_succeeded(p_run_id, v_ids, v_tokens, v_results, p_now);
  end if;
  if cardinality(v_settled) < cardinality(p_outcomes) then
    v_others := jobforge.settle_others(p_run_id, p_outcomes, p_now);
    if v_others.ids is not null then
      perform jobforge.trim_leases(p_run_id,
        array(select sent.lease_token from unnest(p_outcomes) as sent), v_others.ids);
      insert into jobforge.wakeups (queue_id)
      select q.id from jobforge.queues as q where q.capped and q.id = any (v_others.queue_ids);
      v_settled := v_settled || v_others.ids;
    end if;
    if v_others.requeued_ids is not null then
      perform jobforge.enter_again(v_others.requeued_ids);
      insert into jobforge.wakeups (queue_id, ready)
      select distinct woken.queue_id, true from unnest(v_others.ready_ids) as woken (queue_id)
      union all
      select distinct woken.queue_id, false from unnest(v_others.later_ids) as woken (queue_id);
    end if;
  end if;
  return v_settled;
end
$$;
comment on function jobforge.settle(bigint, jobforge.outcome[], timestamptz) is
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
    select q.wake_at from jobforge.queues as q
    where q.wake_at is not null order by q.wake_at limit 1);
end
$$;
comment on function jobforge.next_at() is
  'Returns when the next scheduled job is due or the next throttled queue may start a job.';

create function jobforge.settle_and_claim(
  p_run_id bigint, p_outcomes jsonb, p_limit int, p_progress jsonb, p_max_bytes int)
returns json
language plpgsql
security definer -- the worker's only way to change jobs
set search_path = pg_catalog, pg_temp
-- Arrays look shorter than they are, so the planner would plan anew for each call.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_role text := current_setting('role');
  v_now constant timestamptz := jobforge.clock();
  v_run record;
  v_recorded jobforge.recorded := row(0, '{}'::uuid[]);
  v_read jobforge.claimed_jobs;
  v_abort uuid[] := '{}'::uuid[];
  v_next_at timestamptz;
  v_watched jobforge.job_key[];
begin
  if v_role <> 'service_role' then
    perform jobforge.require_service();
  end if;
  select r.state, r.held, r.alone, r.types, r.overdue_at, r.polled_at, settings.lease_seconds,
    coalesce(case when r.turn_floor_at > v_now - interval '2 seconds' then r.turn_floor end,
      '-infinity') as turn_floor,
    exists (select from jobforge.watches where watches.expires_at > v_now) as is_watched
  into v_run
  from jobforge.runs as r, jobforge.settings where r.id = p_run_id for no key update of r;
  if v_run.state is distinct from 'live' then
    perform jobforge.fail('run_ended', 'the run is not live: its leases are void');
  elsif p_limit is null or p_limit not between 0 and 1000 then
    perform jobforge.fail('invalid_argument', 'p_limit must be from 0 to 1000');
  elsif p_max_bytes is null or p_max_bytes not between 0 and 67108864 then
    perform jobforge.fail('invalid_argument', 'p_max_bytes must be from 0 to 67108864');
  end if;
  if v_run.is_watched then
    v_watched := jobforge.watched_jobs(p_run_id, v_now);
  end if;
  if p_progress <> '[]' then
    perform jobforge.save_progress(p_run_id, p_progress);
  end if;
  if p_outcomes is distinct from '[]' then
    v_recorded := jobforge.settle_reported(p_run_id, p_outcomes, v_now);
    v_run.held := v_run.held - v_recorded.settled;
  end if;
  if v_run.held > 0 then
    if v_run.overdue_at < v_now then
      v_abort := jobforge.end_overdue(p_run_id, v_now);
      v_run.held := v_run.held - cardinality(v_abort);
    end if;
    v_abort := v_abort || jobforge.jobs_to_abort(p_run_id);
  end if;
  if p_limit > 0 then
    begin
      v_read := jobforge.claim_and_read(p_run_id, v_run.held, v_run.alone, v_run.types,
        v_run.turn_floor, p_limit, p_max_bytes, v_now);
    exception when data_exception or integrity_constraint_violation then
      -- The queue at fault is left out, and the next claim goes on without it.
      if jobforge.set_faulty_aside(v_now) = 0 then
        raise;
      end if;
    end;
  end if;
  -- A first claim that filled the run shows that there is more work than it can take.
  if v_run.polled_at is null and p_limit > 0 and (v_read.count = p_limit or v_read.is_full) then
    perform jobforge.request_runs(jobforge.ready_jobs(v_now));
  end if;
  if coalesce(v_read.count, 0) = 0 then
    v_read.count := 0;
    v_next_at := jobforge.next_at();
  end if;
  update jobforge.runs as r
  set held = v_run.held + v_read.count,
    claimed = r.claimed + v_read.count,
    settled = r.settled + v_recorded.settled,
    polled_at = case when p_limit > 0 then v_now else r.polled_at end,
    idle_at = case when v_run.held + v_read.count = 0 and p_limit > 0
      then coalesce(r.idle_at, v_now) end,
    alone = case when p_limit > 0 then coalesce(v_read.alone, false) else r.alone end,
    turn_floor = coalesce(v_read.floor, r.turn_floor),
    turn_floor_at = case when r.turn_floor_at > v_now - interval '2 seconds' then r.turn_floor_at
      when v_read.floor is not null then v_now end,
    overdue_at = case when v_run.held > 0 or v_read.count > 0 then least(r.overdue_at,
      v_now + make_interval(secs => v_read.shortest_ms / 1000.0 + 60)) end,
    lease_expires_at = v_now + make_interval(secs => v_run.lease_seconds)
  where r.id = p_run_id;
  if v_run.is_watched then
    perform jobforge.hint_run(p_run_id, v_watched, v_now);
  end if;
  return json_build_object('settled', v_recorded.settled, 'stale', v_recorded.stale,
    'jobs', case when v_read.count > 0 then v_read.jobs else '{"id": [], "tenant_id": [],
      "queue": [], "type": [], "payload": [], "attempt": [], "max_attempts": [], "lease_token": [],
      "timeout_ms": [], "traceparent": [], "created_at": [], "run_at": []}'::json end,
    'abort', v_abort, 'next_at', v_next_at);
end
$$;
comment on function jobforge.settle_and_claim(bigint, jsonb, int, jsonb, int) is
  'Workers: reports outcomes, claims the next jobs and extends the leases in one round trip.';

create function public.jobforge_settle_and_claim(
  p_run_id bigint, p_outcomes jsonb default '[]', p_limit int default 0,
  p_progress jsonb default '[]', p_max_bytes int default 4194304)
returns json
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '5s'
as $$
begin
  return jobforge.settle_and_claim(p_run_id, p_outcomes, p_limit, p_progress, p_max_bytes);
end
$$;
comment on function public.jobforge_settle_and_claim(bigint, jsonb, int, jsonb, int) is
  'Workers: reports outcomes and claims the next jobs in one round trip. The jobs are an object of '
  'arrays. A claim stops before the job whose payload would pass p_max_bytes in all, and brings '
  'at least one.';

-- supabase/schemas/40_runs/settle_one.sql

-- Settle one job: the short path of a report with one success.

create function jobforge.settle_one(
  p_run_id bigint, p_id uuid, p_token bigint, p_now timestamptz)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_ended record;
begin
  if exists (select from jobforge.cancel_requests) then
    return false;
  end if;
  with lease as (
    select leases.queue_id, leases.started_at, leases.ids[1] as id, leases.places[1] as place
    from jobforge.leases
    where leases.run_id = p_run_id and leases.token = p_token and cardinality(leases.ids) = 1
  ),
  ended as (
    update jobforge.jobs as j
    set status = 'succeeded', attempts = j.attempts + 1, run_id = p_run_id,
      started_at = lease.started_at, finished_at = p_now
    from lease
    where j.ctid = lease.place and j.id = lease.id and (p_id is null or p_id = lease.id)
      and j.status is null
    returning j.type, j.run_at, lease.queue_id, lease.started_at
  ),
  gone as (
    delete from jobforge.leases
    where leases.run_id = p_run_id and leases.token = p_token and exists (select from ended)
  ),
  metrics as (
    insert into jobforge.outcome_batches (at, queue_ids, types, ends, latency_ms, duration_ms)
    select p_now, array[ended.queue_id], array[ended.type], '{s}',
      array[least(
        greatest(date_part('epoch', ended.started_at - ended.run_at) * 1000, 0), 2147483647)::int],
      array[least(
        greatest(date_part('epoch', p_now - ended.started_at) * 1000, 0), 2147483647)::int]
    from ended
  )
  select ended.queue_id, (select q.capped from jobforge.queues as q where q.id = ended.queue_id)
  into v_ended
  from ended;
  if v_ended.capped then
    insert into jobforge.wakeups (queue_id) values (v_ended.queue_id);
  end if;
  return v_ended.queue_id is not null;
end
$$;
comment on function jobforge.settle_one(bigint, uuid, bigint, timestamptz) is
  'Ends an attempt that succeeded, whose lease holds no other job. Returns false, and does '
  'nothing, when the usual path is needed.';

-- supabase/schemas/40_runs/settle_reported.sql

-- Settle what a run reported: by whole leases, or job by job.

create type jobforge.recorded as (
  settled int,
  stale uuid[]
);
comment on type jobforge.recorded is
  'How many outcomes counted, and the jobs whose outcome came too late.';

create type jobforge.sent_outcomes as (
  ids uuid[],
  tokens bigint[],
  whole bigint[],
  plain boolean,
  fenced boolean,
  count int
);
comment on type jobforge.sent_outcomes is
  'What a run sent: jobs by id, whole leases, whether all jobs succeeded without a result, and '
  'whether each entry has a token.';

create function jobforge.settle_leases(p_run_id bigint, p_tokens bigint[], p_now timestamptz)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_settled int := cardinality(
    jobforge.settle_succeeded(p_run_id, null, p_tokens, null, p_now));
  v_left jobforge.outcome[];
begin
  -- What is left are jobs whose cancellation was requested.
  if exists (select from jobforge.leases
    where leases.run_id = p_run_id and leases.token = any (p_tokens))
  then
    select array_agg(row(member.id, leases.token, 'succeeded', null, null, null)::jobforge.outcome)
    into v_left
    from jobforge.leases cross join lateral unnest(leases.ids) as member (id)
    where leases.run_id = p_run_id and leases.token = any (p_tokens);
    v_settled := v_settled + cardinality(jobforge.settle(p_run_id, v_left, p_now));
  end if;
  return v_settled;
end
$$;
comment on function jobforge.settle_leases(bigint, bigint[], timestamptz) is
  'Ends leases of which all jobs succeeded without a result. Returns how many jobs.';

create function jobforge.settle_reported(p_run_id bigint, p_outcomes jsonb, p_now timestamptz)
returns jobforge.recorded
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  v_sent jobforge.sent_outcomes;
  v_settled uuid[] := '{}'::uuid[];
  v_whole int := 0;
  v_outcomes jobforge.outcome[];
begin
  if jsonb_typeof(p_outcomes) is distinct from 'array' or jsonb_array_length(p_outcomes) > 1000 then
    perform jobforge.fail('invalid_argument',
      'p_outcomes must be an array of at most 1000 outcomes');
  end if;
  perform jobforge.bound_members('p_outcomes', p_outcomes);
  -- One job that succeeded without a result.
  if jsonb_array_length(p_outcomes) = 1 and jsonb_typeof(p_outcomes -> 0) = 'object'
    and (p_outcomes -> 0) - 'id' - 'lease_token' - 'outcome' = '{}'
    and coalesce(p_outcomes #>> '{0,outcome}',
      case when p_outcomes #> '{0,id}' is null then 'succeeded' end) = 'succeeded'
    and p_outcomes #>> '{0,lease_token}' ~ '^[0-9]{1,18}$'
    and coalesce(p_outcomes #>> '{0,id}' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$', true)
    and jobforge.settle_one(p_run_id, (p_outcomes #>> '{0,id}')::uuid,
      (p_outcomes #>> '{0,lease_token}')::bigint, p_now)
  then
    return row(1, '{}'::uuid[])::jobforge.recorded;
  end if;
  begin
    select array_agg(reported.id) filter (where reported.id is not null) as ids,
      array_agg(reported.lease_token) filter (where reported.id is not null) as tokens,
      array_agg(reported.lease_token) filter (where reported.id is null
        and coalesce(reported.outcome, 'succeeded') = 'succeeded' and reported.result is null
        and reported.error is null) as whole,
      bool_and(reported.outcome = 'succeeded' and reported.result is null)
        filter (where reported.id is not null) as plain,
      bool_and(reported.lease_token is not null) as fenced, count(*) as count
    into v_sent
    from jsonb_to_recordset(p_outcomes)
      as reported (id uuid, lease_token bigint, outcome text, result jsonb, error jsonb);
  exception when data_exception or datatype_mismatch then
    v_sent := null; -- jobforge.outcomes says what is wrong
  end;
  if v_sent.fenced and v_sent.whole is not null then
    v_whole := jobforge.settle_leases(p_run_id, v_sent.whole, p_now);
    if v_sent.ids is null and cardinality(v_sent.whole) = v_sent.count then
      return row(v_whole, '{}'::uuid[])::jobforge.recorded;
    end if;
  end if;
  if v_sent.fenced and v_sent.plain then
    v_settled := jobforge.settle_succeeded(p_run_id, v_sent.ids, v_sent.tokens, null, p_now);
  end if;
  if v_sent.fenced and v_sent.plain and cardinality(v_settled) = cardinality(v_sent.ids) then
    return row(v_whole + cardinality(v_settled), '{}'::uuid[])::jobforge.recorded;
  end if;
  v_outcomes := jobforge.outcomes(p_outcomes);
  v_settled := v_settled || jobforge.settle(p_run_id, v_outcomes, p_now);
  return row(v_whole + cardinality(v_settled), array(
    select reported.id from unnest(v_outcomes) as reported
    where reported.id <> all (v_settled)))::jobforge.recorded;
end
$$;
comment on function jobforge.settle_reported(bigint, jsonb, timestamptz) is
  'Records the outcomes that a run reported. An entry {"lease_token": n} means that all jobs of '
  'the lease succeeded without a result.';

-- supabase/schemas/40_runs/settle_succeeded.sql

-- Settle attempts that succeeded: the usual case, by whole leases or by id.
--
-- An outcome counts only with the lease token of the current attempt. A worker that lost its lease
-- can neither finish, fail nor revive a job. The run is locked, and only it changes its leases and
-- the bodies of their jobs. So settling waits for no caller.

create function jobforge.refresh_places(p_run_id bigint, p_tokens bigint[])
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  update jobforge.leases set places = found.places
  from (
    select leases.token, array_agg(j.ctid order by member.ordinality) as places
    from jobforge.leases
    cross join lateral unnest(leases.ids) with ordinality as member (id)
    join jobforge.jobs as j on j.tenant_id = leases.tenant_id and j.id = member.id
    where leases.run_id = p_run_id and leases.token = any (p_tokens)
    group by leases.token) as found
  where leases.run_id = p_run_id and leases.token = found.token
    and cardinality(leases.ids) = cardinality(found.places) and leases.places <> found.places;
  return found;
end
$$;
comment on function jobforge.refresh_places(bigint, bigint[]) is
  'Looks up by key where the bodies of leased jobs lie. Returns whether any had moved.';

create function jobforge.trim_leases(p_run_id bigint, p_tokens bigint[], p_ids uuid[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  with kept as materialized (
    select leases.token, array_agg(member.id order by member.ordinality) as ids,
      array_agg(member.place order by member.ordinality) as places
    from jobforge.leases
    cross join lateral unnest(leases.ids, leases.places) with ordinality as member (id, place)
    where leases.run_id = p_run_id and leases.token = any (p_tokens)
      and (member.id in (select settled.id from unnest(p_ids) as settled (id))) is not true
    group by leases.token
  ),
  gone as (
    delete from jobforge.leases
    where leases.run_id = p_run_id and leases.token = any (p_tokens)
      and leases.token not in (select kept.token from kept)
  )
  update jobforge.leases set ids = kept.ids, places = kept.places
  from kept
  where leases.run_id = p_run_id and leases.token = kept.token
    and cardinality(leases.ids) > cardinality(kept.ids);
end
$$;
comment on function jobforge.trim_leases(bigint, bigint[], uuid[]) is
  'Takes settled jobs out of their leases and deletes leases that are empty then.';

-- A hint of a place is always compared with the id, and the semijoin is a hashed subplan: as a join
-- it becomes a nested loop, quadratic in the batch.
create function jobforge.settle_succeeded(
  p_run_id bigint, p_ids uuid[], p_tokens bigint[], p_results jsonb[], p_now timestamptz)
returns uuid[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_canceling constant boolean := exists (select from jobforge.cancel_requests);
  v_settled uuid[];
  v_full bigint[];
  v_leases int;
  v_held int;
  v_capped int[];
begin
  with held as materialized (
    select leases.token, leases.tenant_id, leases.queue_id, leases.started_at, member.id,
      member.place, cardinality(leases.ids) as size
    from jobforge.leases cross join lateral unnest(leases.ids, leases.places) as member (id, place)
    where leases.run_id = p_run_id and leases.token = any (p_tokens)
      and (p_ids is null or (leases.token, member.id) in (
        select sent.token, sent.id from unnest(p_tokens, p_ids) as sent (token, id))) is true
      and (not v_canceling or not exists (
        select from jobforge.cancel_requests where cancel_requests.tenant_id = leases.tenant_id
          and cancel_requests.job_id = member.id))
  ),
  ended as (
    update jobforge.jobs as j
    set status = 'succeeded', attempts = j.attempts + 1, run_id = p_run_id,
      started_at = held.started_at, finished_at = p_now
    from held
    where j.ctid = held.place and j.id = held.id and j.status is null
    returning j.tenant_id, j.id, j.type, j.run_at, held.started_at, held.queue_id, held.token,
      held.size
  ),
  whole as (
    select ended.token from ended group by ended.token, ended.size having count(*) = ended.size
  ),
  stored as (
    insert into public.jobforge_job_results (tenant_id, job_id, result, created_at)
    select distinct on (ended.id) ended.tenant_id, ended.id, sent.result, p_now
    from ended join unnest(p_ids, p_results) as sent (id, result) on sent.id = ended.id
    where p_results is not null and sent.result is not null
  ),
  metrics as (
    insert into jobforge.outcome_batches (at, queue_ids, types, ends, latency_ms, duration_ms)
    select p_now, array_agg(ended.queue_id), array_agg(ended.type),
      array_fill('s'::"char", array[count(*)::int]),
      array_agg(least(greatest(
        date_part('epoch', ended.started_at - ended.run_at) * 1000, 0), 2147483647)::int),
      array_agg(least(greatest(
        date_part('epoch', p_now - ended.started_at) * 1000, 0), 2147483647)::int)
    from ended having count(*) > 0
  )
  select array_agg(ended.id), (select array_agg(whole.token) from whole),
    count(distinct ended.token), (select count(*) from held), (
      select array_agg(q.id) from jobforge.queues as q
      where q.capped and q.id = any (array(select distinct counted.queue_id from ended as counted)))
  into v_settled, v_full, v_leases, v_held, v_capped
  from ended;
  if v_capped is not null then
    insert into jobforge.wakeups (queue_id) select capped.id from unnest(v_capped) as capped (id);
  end if;
  delete from jobforge.leases where leases.run_id = p_run_id and leases.token = any (v_full);
  if coalesce(cardinality(v_full), 0) < v_leases then
    perform jobforge.trim_leases(p_run_id, p_tokens, v_settled);
  end if;
  -- Some bodies have moved. The second look finds them at their new places.
  if coalesce(cardinality(v_settled), 0) < v_held
    and jobforge.refresh_places(p_run_id, p_tokens)
  then
    return coalesce(v_settled, '{}')
      || jobforge.settle_succeeded(p_run_id, p_ids, p_tokens, p_results, p_now);
  end if;
  return coalesce(v_settled, '{}');
end
$$;
comment on function jobforge.settle_succeeded(bigint, uuid[], bigint[], jsonb[], timestamptz) is
  'Ends the attempts that succeeded, except those of jobs whose cancellation was requested. '
  'Without ids it ends the leases as wholes. Returns the ids of the jobs.';

-- supabase/schemas/40_runs/start_run.sql

-- Start a run: redeem a ticket, or start without one. This is where max_runs is enforced.
--
-- Starts pass one by one. Each updates one row first and then counts, so it counts every start
-- before it. At REPEATABLE READ and above, the second of two gets 40001 instead of an old count.

create function jobforge.lock_ticket(p_run_id bigint, p_ticket text, p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
begin
  perform from jobforge.runs as r
  where r.id = p_run_id and r.state = 'pending'
    and r.created_at > p_now - interval '60 seconds'
    and r.ticket_hash = sha256(convert_to(p_ticket, 'UTF8'))
  for no key update;
  if not found then
    perform jobforge.fail('ticket_refused',
      'the ticket is unknown, used or older than 60 seconds');
  end if;
exception when lock_not_available then
  perform jobforge.fail('busy', 'another transaction is using this ticket: try again');
end
$$;
comment on function jobforge.lock_ticket(bigint, text, timestamptz) is
  'Locks the pending run of a ticket. Raises ticket_refused for any other ticket.';

create function jobforge.has_free_run(p_now timestamptz)
returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
declare
  v_max_runs constant int := (select settings.max_runs from jobforge.settings);
begin
  insert into jobforge.run_starts as starts (started) values (1)
  on conflict (id) do update set started = starts.started + 1;
  -- A silent run does not count, because its isolate is probably gone. However many are silent,
  -- twice max_runs is the end.
  return (
    select count(*) filter (where active_runs.counts_until >= p_now) < v_max_runs
      and count(*) filter (where active_runs.lease_expires_at >= p_now) < 2 * v_max_runs
    from jobforge.active_runs
    where active_runs.state = 'live');
exception when lock_not_available then
  perform jobforge.fail('busy', 'another transaction is starting a run: try again');
  return null;
end
$$;
comment on function jobforge.has_free_run(timestamptz) is
  'Locks the starts of runs, for this transaction, and returns whether one more may start.';

create function jobforge.types_taken(p_types jsonb, p_kind text)
returns text[]
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  -- A run that declares types takes no others, and none of another kind of worker.
  select case when p_types <> '[]' then array(
      select declared ->> 'type' from jsonb_array_elements(p_types) as declared
      where jsonb_typeof(declared -> 'type') = 'string'
        and coalesce(declared ->> 'runs_on', p_kind) = p_kind) end
$$;
comment on function jobforge.types_taken(jsonb, text) is
  'Returns the types that a run takes, of those that its worker declares. Null means all.';

create function jobforge.start_run(
  p_run_id bigint, p_ticket text, p_worker text, p_capacity int, p_types jsonb, p_kind text,
  p_version text)
returns table (run_id bigint, lease_seconds int, refusal text, message text)
language plpgsql
security definer -- redeems tickets, and no API role may write runs
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_now constant timestamptz := jobforge.clock();
  v_lease_seconds constant int := (select settings.lease_seconds from jobforge.settings);
  v_lease_ends constant timestamptz := v_now + make_interval(secs => v_lease_seconds);
  v_types text[];
  v_has_ticket constant boolean := p_run_id is not null or p_ticket is not null;
  v_id bigint := p_run_id;
  v_message text;
  v_refusal text;
begin
  perform jobforge.require_service();
  if p_capacity is null or p_capacity not between 1 and 1000 then
    perform jobforge.fail('invalid_argument', 'p_capacity must be from 1 to 1000');
  elsif p_kind is null or p_kind not in ('edge', 'container') then
    perform jobforge.fail('invalid_argument', 'p_kind must be edge or container');
  end if;
  if v_has_ticket then
    perform jobforge.lock_ticket(p_run_id, p_ticket, v_now);
  end if;
  v_message := jobforge.version_problem(p_version);
  if v_message is not null then
    v_refusal := 'version_mismatch';
  else
    perform jobforge.declare_types(coalesce(p_types, '[]'));
    v_types := jobforge.types_taken(p_types, p_kind);
    if not jobforge.has_free_run(v_now) then
      v_refusal := 'runs_exhausted';
      v_message := 'max_runs runs are live: end one, or raise max_runs by jobforge_setup';
    end if;
  end if;
  if v_refusal is not null then
    if not v_has_ticket and v_refusal = 'version_mismatch' then
      perform jobforge.fail('version_mismatch', v_message);
    elsif not v_has_ticket then
      perform jobforge.fail('runs_exhausted', v_message);
    end if;
    -- An error would be undone together with the end of the ticket.
    update jobforge.runs as r
    set state = 'refused', ticket_hash = null, worker = left(p_worker, 200),
      worker_version = p_version, ended_at = v_now, end_reason = v_refusal
    where r.id = p_run_id;
    return query select null::bigint, null::int, v_refusal, v_message;
    return;
  end if;
  if v_has_ticket then
    update jobforge.runs as r
    set state = 'live', ticket_hash = null, worker = left(p_worker, 200), capacity = p_capacity,
      worker_version = p_version, kind = p_kind, types = v_types, started_at = v_now,
      lease_expires_at = v_lease_ends
    where r.id = p_run_id;
  else
    insert into jobforge.runs
      (state, kind, worker, worker_version, capacity, types, created_at, started_at,
        lease_expires_at)
    values ('live', p_kind, left(p_worker, 200), p_version, p_capacity, v_types, v_now, v_now,
      v_lease_ends)
    returning id into v_id;
  end if;
  return query select v_id, v_lease_seconds, null::text, null::text;
end
$$;
comment on function jobforge.start_run(bigint, text, text, int, jsonb, text, text) is
  'Workers: redeems a ticket once, or starts a run without one. With max_runs live runs, or for a '
  'version that this schema does not serve, a ticket is used up for nothing: run_id is null, and '
  'refusal is runs_exhausted or version_mismatch.';

create function public.jobforge_start_run(
  p_run_id bigint default null, p_ticket text default null, p_worker text default null,
  p_capacity int default 100, p_types jsonb default '[]', p_kind text default 'edge',
  p_version text default null)
returns table (run_id bigint, lease_seconds int, refusal text, message text)
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$
  select * from jobforge.start_run(
    p_run_id, p_ticket, p_worker, p_capacity, p_types, p_kind, p_version)
$$;
comment on function public.jobforge_start_run(bigint, text, text, int, jsonb, text, text) is
  'Workers: redeems a ticket once, or starts a run without one. With max_runs live runs, or for a '
  'version that this schema does not serve, a ticket is used up for nothing: run_id is null, and '
  'refusal is runs_exhausted or version_mismatch.';

-- supabase/schemas/40_runs/unclaimed.sql

-- Unclaimed jobs: work that the claiming run cannot take. It waits aside, no attempt spent, until a
-- run of its type comes.

create function jobforge.set_aside(p_run_id bigint, p_tokens bigint[], p_types text[])
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_ids uuid[];
  v_queue_ids int[];
begin
  with members as (
    select leases.queue_id, leases.tenant_id, j.priority, j.id, j.ctid, j.type, leases.alone,
      octet_length(j.payload::text) as bytes
    from jobforge.leases
    cross join lateral unnest(leases.ids) as member (id)
    join jobforge.jobs as j on j.tenant_id = leases.tenant_id and j.id = member.id
    where leases.run_id = p_run_id and leases.token = any (p_tokens) and j.type <> all (p_types)
  ),
  aside as (
    insert into jobforge.unclaimed
      (queue_id, bytes, priority, id, tenant_id, place, type, quarantined)
    select members.queue_id, members.bytes, members.priority, members.id, members.tenant_id,
      members.ctid, members.type, members.alone
    from members
  ),
  counted as (
    select members.queue_id, count(*) as count from members group by members.queue_id
  ),
  returned as (
    update jobforge.queues as q
    set claimed = q.claimed - counted.count,
      vtime = q.vtime - round(counted.count / jobforge_queues.weight::numeric, 6)
    from counted, public.jobforge_queues
    where q.id = counted.queue_id and jobforge_queues.tenant_id = q.tenant_id
      and jobforge_queues.queue = q.queue
  )
  select array_agg(members.id), array_agg(members.queue_id) into v_ids, v_queue_ids from members;
  perform jobforge.trim_leases(p_run_id, p_tokens, v_ids);
  perform jobforge.give_slots(v_queue_ids, array_fill(-1, array[cardinality(v_queue_ids)]));
  perform jobforge.set_aside_ready(p_run_id, p_types, 1000);
  return coalesce(cardinality(v_ids), 0);
end
$$;
comment on function jobforge.set_aside(bigint, bigint[], text[]) is
  'Takes jobs of other types out of the leases that a claim just made. Returns how many.';

create function jobforge.set_aside_ready(p_run_id bigint, p_types text[], p_limit int)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
  -- More of the same usually waits behind, and each claim would meet a few of it.
  with next as materialized (
    select ready.ctid, j.type
    from jobforge.queues as q
    cross join lateral (
      select ready.ctid, ready.tenant_id, ready.id from jobforge.ready
      where ready.queue_id = q.id
      order by ready.priority, ready.id
      limit p_limit) as ready
    join jobforge.jobs as j on j.tenant_id = ready.tenant_id and j.id = ready.id
    where q.id in (
      select unclaimed.queue_id from jobforge.unclaimed where unclaimed.type <> all (p_types)
      limit 1000)
    limit p_limit
  ),
  gone as (
    delete from jobforge.ready using (
      select locked.ctid, next.type
      from next join jobforge.ready as locked on locked.ctid = next.ctid
      where next.type <> all (p_types)
      for update of locked skip locked) as first
    where ready.ctid = first.ctid
    returning ready.*, first.type
  )
  insert into jobforge.unclaimed (queue_id, bytes, priority, id, tenant_id, place, type)
  select gone.queue_id, gone.bytes, gone.priority, gone.id, gone.tenant_id, gone.place, gone.type
  from gone;
end
$$;
comment on function jobforge.set_aside_ready(bigint, text[], int) is
  'Moves up to p_limit more ready jobs of types that a run does not take.';

create function jobforge.return_unclaimed(p_types text[], p_limit int)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
  with gone as (
    delete from jobforge.unclaimed
    where unclaimed.ctid = any (array(
      select next.ctid from jobforge.unclaimed as next
      where p_types is null or next.type = any (p_types)
      limit p_limit
      for update skip locked))
    returning unclaimed.*
  ),
  readied as (
    insert into jobforge.ready (queue_id, bytes, priority, id, tenant_id, place)
    select gone.queue_id, gone.bytes, gone.priority, gone.id, gone.tenant_id, gone.place from gone
    where not gone.quarantined
  ),
  quarantined as (
    insert into jobforge.quarantined (queue_id, priority, id, tenant_id, place)
    select gone.queue_id, gone.priority, gone.id, gone.tenant_id, gone.place from gone
    where gone.quarantined
  )
  insert into jobforge.wakeups (queue_id) select distinct gone.queue_id from gone;
end
$$;
comment on function jobforge.return_unclaimed(text[], int) is
  'Makes up to p_limit unclaimed jobs ready again, for a run that takes their types.';

-- supabase/schemas/45_maintenance/00_tasks.sql

-- Maintenance tasks: what can wait, each in a transaction of its own.
--
-- A row states when a task is due and how its last executions went. The doctor, the metrics and the
-- alerts read it. The dispatcher has a row as well, which is never due.

create table jobforge.maintenance_tasks (
  name text primary key,
  every interval not null,
  next_at timestamptz not null default '-infinity',
  last_started_at timestamptz,
  last_succeeded_at timestamptz,
  last_failed_at timestamptz,
  last_error text,
  failures int not null default 0,
  duration_ms double precision,
  rows_done bigint not null default 0,
  position jsonb,
  constraint every_is_positive check (every > interval '0'),
  constraint failures_not_negative check (failures >= 0)
) with (fillfactor = 50);
comment on table jobforge.maintenance_tasks is
  'Tasks that jobforge.maintain() performs when they are due, and how their executions went.';
comment on column jobforge.maintenance_tasks.failures is 'Executions that failed in a row.';
comment on column jobforge.maintenance_tasks.rows_done is
  'Rows that the task handled since the beginning. For the dispatcher, calls to the worker.';
comment on column jobforge.maintenance_tasks.position is
  'Where the next execution of a task continues that walks over a table.';

create function jobforge.known_tasks()
returns table (name text, every interval)
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  values
    ('dispatch', interval '10 seconds'),
    ('fire_schedules', '5 seconds'),
    ('request_refills', '30 seconds'),
    ('record_answers', '10 seconds'),
    ('look_at_missed', '10 seconds'),
    ('check_destinations', '10 seconds'),
    ('compact_counters', '10 seconds'),
    ('roll_up', '10 seconds'),
    ('continue_erasures', '30 seconds'),
    ('delete_expired_jobs', '1 minute'),
    ('seal_audit', '30 seconds'),
    ('evaluate_alerts', '1 minute'),
    ('bound_metrics', '1 minute'),
    ('prune_metrics', '1 minute'),
    ('prune_keys', '1 minute'),
    ('expire_keys', '1 hour'),
    ('prune_received_webhooks', '1 minute'),
    ('prune_messages', '1 minute'),
    ('prune_runs', '1 minute'),
    ('prune_watches', '1 minute'),
    ('prune_cron_history', '1 minute'),
    ('prune_connectors', '10 minutes'),
    ('prune_alerts', '10 minutes'),
    ('prune_audit', '1 day')
$$;
comment on function jobforge.known_tasks() is
  'Every task and its period. A task that stops at its budget is due again at once.';

create function jobforge.add_tasks()
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  insert into jobforge.maintenance_tasks (name, every, next_at)
  select known.name, known.every,
    case known.name when 'dispatch' then 'infinity'::timestamptz else '-infinity' end
  from jobforge.known_tasks() as known
  on conflict (name) do nothing
$$;
comment on function jobforge.add_tasks() is 'Adds the tasks that have no row.';

select jobforge.add_tasks();

create function jobforge.note_task(
  p_name text, p_started_at timestamptz, p_rows bigint, p_error text, p_more boolean default null)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
begin
  -- A task that keeps failing waits longer each time, up to five minutes. One that failed in part,
  -- so that p_more is known, is due as ever.
  update jobforge.maintenance_tasks
  set last_succeeded_at = case when p_error is null then v_now else last_succeeded_at end,
    last_failed_at = case when p_error is null then last_failed_at else v_now end,
    last_error = coalesce(p_error, last_error),
    failures = case when p_error is null then 0 else failures + 1 end,
    duration_ms = extract(epoch from clock_timestamp() - p_started_at) * 1000,
    rows_done = rows_done + coalesce(p_rows, 0),
    next_at = case
      when p_error is not null and p_more is null then greatest(next_at,
        v_now + least(every * 2 ^ least(failures, 8), greatest(every, interval '5 minutes')))
      when p_more then least(next_at, v_now)
      else next_at end
  where name = p_name;
end
$$;
comment on function jobforge.note_task(text, timestamptz, bigint, text, boolean) is
  'Records an execution of a task. With p_more the task is due again at once. It is null for a '
  'task that did nothing because of its error.';

create function jobforge.task_states(p_now timestamptz)
returns table (name text, problem text, seconds_since_success double precision, failures int,
  duration_ms double precision, rows_done bigint)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select known.name, case
      when task.name is null then 'has no row: select jobforge.add_tasks();'
      when task.failures > 0
        then format('failed %s times in a row: %s', task.failures, task.last_error)
      when task.next_at < p_now - greatest(task.every, interval '2 minutes')
        or known.name = 'dispatch'
          and coalesce(task.last_succeeded_at < p_now - interval '2 minutes', true)
        then coalesce('last succeeded ' || floor(extract(epoch from
          p_now - task.last_succeeded_at)) || ' seconds ago', 'never succeeded')
    end,
    extract(epoch from p_now - task.last_succeeded_at)::float8, coalesce(task.failures, 0),
    task.duration_ms, coalesce(task.rows_done, 0)
  from jobforge.known_tasks() as known
  left join jobforge.maintenance_tasks as task on task.name = known.name
$$;
comment on function jobforge.task_states(timestamptz) is
  'Returns each task with its problem: it fails, or did not run when it was due. Null when it is '
  'well.';

-- supabase/schemas/45_maintenance/maintain.sql

-- Maintain: pg_cron calls this procedure every ten seconds. It performs the tasks that are due.
--
-- Each task has a transaction of its own, so none undoes another or keeps rows locked for it.

create function jobforge.start_task(p_until timestamptz)
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_task jobforge.maintenance_tasks;
begin
  perform jobforge.require_service();
  for v_task in
    select task.* from jobforge.maintenance_tasks as task
    where (task.next_at <= v_now
      -- No task waits for longer, so the clock was set back meanwhile.
      or task.next_at > v_now + greatest(task.every, interval '5 minutes') + interval '1 minute'
        and task.next_at < 'infinity') and clock_timestamp() < p_until
    order by task.next_at, task.every, task.name
  loop
    -- The lock shows that another session performs the task.
    continue when not pg_try_advisory_xact_lock(
      jobforge.task_lock(), hashtext(v_task.name));
    -- An execution that recorded no end was cut off: a restart, a kill or an error at commit.
    update jobforge.maintenance_tasks as task
    set last_started_at = v_now, next_at = v_now + task.every,
      failures = task.failures + cut_off.count,
      last_failed_at = case cut_off.count when 1 then v_now else task.last_failed_at end,
      last_error = case cut_off.count when 1 then 'it did not finish' else task.last_error end
    from (
      select coalesce(v_task.last_started_at > greatest(
        v_task.last_succeeded_at, v_task.last_failed_at, '-infinity'), false)::int
    ) as cut_off (count)
    where task.name = v_task.name and task.next_at = v_task.next_at;
    if found then
      return v_task.name;
    end if;
  end loop;
  return null;
end
$$;
comment on function jobforge.start_task(timestamptz) is
  'Starts the task that has been due longest and returns its name. Null when none is due or the '
  'time is over.';

create function jobforge.task_lock()
returns int
language sql immutable
set search_path = pg_catalog, pg_temp
as $$ select 1246708228 $$;
comment on function jobforge.task_lock() is
  'Class of the lock that a session holds while it performs a task.';

create function jobforge.perform_task(p_name text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_started_at constant timestamptz := clock_timestamp();
  v_result jobforge.task_result;
  v_error text;
begin
  perform jobforge.require_service();
  if not pg_try_advisory_xact_lock(jobforge.task_lock(), hashtext(p_name)) then
    return;
  end if;
  begin
    v_result := jobforge.run_task(p_name, jobforge.clock());
    v_error := v_result.error;
  exception when query_canceled or assert_failure or others then
    -- Also a timeout of the statement: the tasks after this one still run.
    v_error := jobforge.short_error(sqlstate, sqlerrm);
  end;
  if v_error is not null then
    raise warning 'jobforge: % failed: %', p_name, v_error;
  end if;
  perform jobforge.note_task(p_name, v_started_at, v_result.row_count, v_error, v_result.more);
end
$$;
comment on function jobforge.perform_task(text) is
  'Performs a task and records how it went. No error of a task leaves this function.';

create procedure jobforge.maintain()
language plpgsql
as $$
declare
  v_until constant pg_catalog.timestamptz :=
    pg_catalog.clock_timestamp() operator(pg_catalog.+) '8 seconds'::pg_catalog.interval;
  v_name pg_catalog.text;
begin
  loop
    v_name := jobforge.start_task(v_until);
    commit;
    exit when v_name is null;
    perform jobforge.perform_task(v_name);
    commit;
  end loop;
end
$$;
comment on procedure jobforge.maintain() is
  'Database: performs the maintenance tasks that are due, for eight seconds at most. A procedure '
  'that commits can pin no search_path, so every name in it is qualified.';

-- supabase/schemas/45_maintenance/prune.sql

-- Prune: delete what has expired, a few thousand rows a turn.
--
-- Each function reads an index or the start of a key, and none reads a whole table. Rows that a
-- transaction holds are left for a later turn: no task waits for a caller.

create function jobforge.prune_keys(p_now timestamptz, p_limit int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_count int;
begin
  delete from jobforge.idempotency_keys as k
  where k.ctid = any (array(
    select k_old.ctid from jobforge.idempotency_keys as k_old
    where k_old.expires_at < p_now
    order by k_old.expires_at
    limit p_limit
    for update skip locked));
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function jobforge.prune_keys(timestamptz, int) is
  'Deletes idempotency keys that have expired.';

create function jobforge.expire_keys(p_now timestamptz, p_limit int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_after constant jsonb := (
    select task.position from jobforge.maintenance_tasks as task where task.name = 'expire_keys');
  v_last jsonb;
  v_count int;
begin
  -- Who deletes a job ends its key (end_keys). Of a job that went another way, as in a restore of
  -- some tables, the end is not known, so the 30 days begin when its row is seen to be gone.
  with read as materialized (
    select k.tenant_id, k.type, k.key, k.job_id, k.expires_at
    from jobforge.idempotency_keys as k
    where (k.tenant_id, k.type, k.key) > (
      coalesce((v_after ->> 0)::uuid, '00000000-0000-0000-0000-000000000000'),
      coalesce(v_after ->> 1, ''), coalesce(v_after ->> 2, ''))
    order by k.tenant_id, k.type, k.key
    limit p_limit
  ),
  expired as (
    update jobforge.idempotency_keys as k set expires_at = p_now + interval '30 days'
    where k.ctid = any (array(
      select k_old.ctid
      from jobforge.idempotency_keys as k_old
      join read using (tenant_id, type, key, job_id)
      where read.expires_at is null and k_old.expires_at is null
        and not exists (
          select from jobforge.jobs as j
          where j.tenant_id = read.tenant_id and j.id = read.job_id)
      for update of k_old skip locked))
  )
  select count(*), (
      select jsonb_build_array(read.tenant_id, read.type, read.key) from read
      order by read.tenant_id desc, read.type desc, read.key desc limit 1)
  into v_count, v_last
  from read;
  update jobforge.maintenance_tasks as task
  set position = case when v_count = p_limit then v_last end
  where task.name = 'expire_keys';
  return v_count;
end
$$;
comment on function jobforge.expire_keys(timestamptz, int) is
  'Walks over the idempotency keys. A key without an end, whose job was deleted, ends 30 days '
  'later. Returns how many keys it read.';

create function jobforge.prune_runs(p_now timestamptz, p_limit int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_count int;
begin
  -- Runs end about in the order of their ids. Those that live longer are few.
  delete from jobforge.runs as r
  where r.ctid = any (array(
    select r_old.ctid from jobforge.runs as r_old
    where r_old.id <= (
        select max(oldest.id)
        from (select r_first.id from jobforge.runs as r_first order by r_first.id
          limit p_limit + 500) as oldest)
      and r_old.state not in ('pending', 'live') and r_old.ended_at < p_now - interval '7 days'
    order by r_old.id
    limit p_limit
    for update skip locked));
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function jobforge.prune_runs(timestamptz, int) is
  'Deletes runs a week after their end.';

create function jobforge.prune_metrics(p_now timestamptz, p_limit int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_count int;
begin
  delete from jobforge.metrics_by_minute
  where metrics_by_minute.ctid = any (array(
    select expired.ctid from jobforge.metrics_by_minute as expired
    where expired.at < p_now - interval '14 days'
    order by expired.at
    limit p_limit
    for update skip locked));
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function jobforge.prune_metrics(timestamptz, int) is
  'Deletes minutes older than 14 days.';

create function jobforge.prune_alerts(p_now timestamptz, p_limit int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_closed int;
  v_refusals int;
begin
  delete from jobforge.alerts
  where alerts.id = any (array(
    select closed.id from jobforge.alerts as closed
    where closed.closed_at < p_now - interval '30 days' limit p_limit
    for update skip locked));
  get diagnostics v_closed = row_count;
  delete from jobforge.webhook_refusals
  where webhook_refusals.ctid = any (array(
    select counted.ctid from jobforge.webhook_refusals as counted
    where counted.at < p_now - interval '1 day' limit p_limit
    for update skip locked));
  get diagnostics v_refusals = row_count;
  delete from jobforge.enqueue_volumes
  where enqueue_volumes.ctid = any (array(
    select counted.ctid from jobforge.enqueue_volumes as counted
    where not exists (select from jobforge.queues as q where q.id = counted.queue_id)
    for update skip locked));
  return greatest(v_closed, v_refusals);
end
$$;
comment on function jobforge.prune_alerts(timestamptz, int) is
  'Deletes alerts closed 30 days ago, counts of rejected webhooks older than a day, and volumes of '
  'queues that are gone.';

-- supabase/schemas/45_maintenance/prune_cron_history.sql

-- Prune the history that pg_cron keeps about JobForge's jobs.
--
-- pg_cron deletes nothing itself, and other jobs may have millions of rows. The ids grow with time,
-- so a walk by id reads each row once, when it is a day old.

create function jobforge.prune_cron_history(p_now timestamptz, p_limit int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_old constant timestamptz := p_now - interval '1 day';
  v_after bigint := (
    select (task.position ->> 0)::bigint from jobforge.maintenance_tasks as task
    where task.name = 'prune_cron_history');
  v_last bigint;
  v_read int;
  v_runids bigint[];
begin
  if to_regclass('cron.job_run_details') is null then
    return 0;
  end if;
  -- pg_cron begins again at 1 when the extension is created anew.
  if v_after is null or v_after > (select max(job_run_details.runid) from cron.job_run_details) then
    v_after := -9223372036854775808;
  end if;
  with read as materialized (
    select job_run_details.runid, job_run_details.jobid,
      coalesce(job_run_details.start_time, job_run_details.end_time) as at
    from cron.job_run_details
    where job_run_details.runid > v_after
    order by job_run_details.runid
    limit p_limit
  ),
  reached as (
    select max(read.runid) as runid from read where read.at < v_old
  )
  -- A row without a time is one of a crash, and older than the row that was reached.
  select reached.runid, count(read.runid),
    array_agg(read.runid) filter (where coalesce(read.at < v_old, true) and read.jobid in (
      select job.jobid from cron.job where job.jobname like 'jobforge-%'))
  into v_last, v_read, v_runids
  from reached left join read on read.runid <= reached.runid
  group by reached.runid;
  if v_last is null then
    return 0;
  end if;
  delete from cron.job_run_details where job_run_details.runid = any (v_runids);
  update jobforge.maintenance_tasks as task set position = jsonb_build_array(v_last)
  where task.name = 'prune_cron_history';
  return v_read;
end
$$;
comment on function jobforge.prune_cron_history(timestamptz, int) is
  'Deletes what pg_cron recorded about JobForge''s jobs more than a day ago, also without an end. '
  'Returns how many rows it read.';

-- supabase/schemas/45_maintenance/run_task.sql

-- Run a task: what each name stands for. Budgets keep a turn of each within about two seconds.

create type jobforge.task_result as (row_count bigint, more boolean, error text);
comment on type jobforge.task_result is
  'How many rows a turn of a task handled, whether it stopped at its budget, and the first error '
  'of a part that stopped no other.';

create function jobforge.run_task(p_name text, p_now timestamptz)
returns jobforge.task_result
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_limit constant int := 5000;
  v_rows bigint := 0;
begin
  case p_name
    when 'fire_schedules' then
      perform jobforge.fire_schedules(p_now, 1000);
    when 'request_refills' then
      perform jobforge.request_refills(p_now);
    when 'look_at_missed' then
      perform jobforge.look_at_missed(p_now);
    when 'compact_counters' then
      perform jobforge.spread_slots();
      v_rows := jobforge.compact_counters(20000);
      return row(v_rows, v_rows >= 20000, null)::jobforge.task_result;
    when 'check_destinations' then
      return jobforge.check_destinations(p_now);
    when 'continue_erasures' then
      return jobforge.continue_erasures_by_task();
    when 'delete_expired_jobs' then
      return jobforge.delete_expired_jobs_by_task(p_now);
    when 'evaluate_alerts' then
      return row(0, false, jobforge.evaluate_alerts(p_now))::jobforge.task_result;
    when 'seal_audit' then
      v_rows := jobforge.seal_audit(v_limit);
    when 'roll_up' then
      v_rows := jobforge.roll_up(p_now);
      return row(v_rows, v_rows >= 20000, null)::jobforge.task_result;
    when 'record_answers' then
      v_rows := jobforge.record_answers(p_now, v_limit);
    when 'bound_metrics' then
      v_rows := jobforge.bound_metrics(p_now, 200);
      return row(v_rows, false, null)::jobforge.task_result;
    when 'prune_metrics' then
      v_rows := jobforge.prune_metrics(p_now, v_limit);
    when 'prune_keys' then
      v_rows := jobforge.prune_keys(p_now, v_limit);
    when 'expire_keys' then
      v_rows := jobforge.expire_keys(p_now, v_limit);
    when 'prune_received_webhooks' then
      v_rows := jobforge.prune_received_webhooks(p_now, v_limit);
    when 'prune_messages' then
      v_rows := jobforge.prune_messages(p_now, v_limit);
    when 'prune_runs' then
      v_rows := jobforge.prune_runs(p_now, v_limit);
    when 'prune_watches' then
      v_rows := jobforge.prune_watches(p_now, v_limit);
    when 'prune_cron_history' then
      v_rows := jobforge.prune_cron_history(p_now, v_limit);
    when 'prune_connectors' then
      v_rows := jobforge.prune_connectors(p_now, v_limit);
    when 'prune_alerts' then
      v_rows := jobforge.prune_alerts(p_now, v_limit);
    when 'prune_audit' then
      v_rows := jobforge.prune_audit(p_now, v_limit);
    else
      perform jobforge.fail('not_found', format('there is no task %s', p_name));
  end case;
  return row(v_rows, v_rows >= v_limit, null)::jobforge.task_result;
end
$$;
comment on function jobforge.run_task(text, timestamptz) is 'Runs one turn of a task.';

create function jobforge.delete_expired_jobs_by_task(p_now timestamptz)
returns jobforge.task_result
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_until constant timestamptz := clock_timestamp() + interval '1 second';
  v_before jobforge.retention;
  v_after jobforge.retention;
  v_rows bigint := 0;
begin
  select retention.* into v_before from jobforge.retention;
  loop
    v_rows := v_rows + jobforge.delete_expired_jobs(p_now, 2000);
    select retention.* into v_after from jobforge.retention;
    -- The pass has ended, or another session holds it.
    if v_after is not distinct from v_before or v_after.resting_until > p_now then
      return row(v_rows, false, v_after.error)::jobforge.task_result;
    end if;
    exit when clock_timestamp() > v_until;
    v_before := v_after;
  end loop;
  return row(v_rows, true, v_after.error)::jobforge.task_result;
end
$$;
comment on function jobforge.delete_expired_jobs_by_task(timestamptz) is
  'Continues the pass of retention for a second.';

create function jobforge.continue_erasures_by_task()
returns jobforge.task_result
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_before constant jsonb := (
    select jsonb_object_agg(erasures.id, erasures.counts) from jobforge.erasures
    where erasures.finished_at is null);
  v_error text;
begin
  if v_before is null then
    return row(0, false, null)::jobforge.task_result;
  end if;
  v_error := jobforge.continue_erasures(1000);
  -- An erasure that waits for running jobs deletes nothing now.
  return (
    select row(1000, coalesce(bool_or(erasures.counts <> v_before -> erasures.id::text), false),
      v_error)::jobforge.task_result
    from jobforge.erasures
    where erasures.finished_at is null);
end
$$;
comment on function jobforge.continue_erasures_by_task() is
  'Runs a batch of the unfinished erasures.';

-- supabase/schemas/50_dispatch/announce_url.sql

-- Announce the URL: the first function that is called stores where a new project is.
--
-- A preview branch, a restored and a self-hosted project start without a URL. Their functions know
-- it from their own environment and prove with the secret key that they belong to this database.

create function jobforge.announce_url(p_project_url text)
returns boolean
language plpgsql
security definer -- writes settings, schedules the dispatcher
set search_path = pg_catalog, pg_temp
as $$
begin
  perform jobforge.require_service();
  -- The first one does it. Others neither wait for it nor repeat it, nor replace what an operator
  -- stores at this moment.
  perform from jobforge.settings
  where settings.id and settings.project_url is null
  for update skip locked;
  if not found then
    return false;
  end if;
  perform jobforge.setup(p_project_url);
  return true;
end
$$;
comment on function jobforge.announce_url(text) is
  'Workers: stores the URL of a project that has none, as setup does, and returns whether it did. '
  'A URL that is stored stays.';

create function public.jobforge_announce_url(p_project_url text)
returns boolean
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select jobforge.announce_url(p_project_url) $$;
comment on function public.jobforge_announce_url(text) is
  'Workers: stores the URL of a project that has none, as setup does, and returns whether it did. '
  'A URL that is stored stays.';

-- supabase/schemas/50_dispatch/answers.sql

-- What the worker answered: pg_net keeps an answer for hours, JobForge keeps it with the call.

create function jobforge.record_answers(p_now timestamptz, p_limit int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_oldest timestamptz;
  v_count int;
begin
  -- pg_net has an index on the time of answers, and none on their ids. Of an answer that is an
  -- hour late the call is worth nothing.
  select min(r.created_at) - interval '1 minute' into v_oldest from jobforge.runs as r
  where r.request_id is not null and r.answered_at is null
    and r.created_at > p_now - interval '1 hour';
  if v_oldest is null or to_regclass('net._http_response') is null then
    return 0;
  end if;
  with answered as (
    select r.id, answer.status_code, answer.timed_out, answer.error_msg, answer.content
    from jobforge.runs as r
    join net._http_response as answer on answer.id = r.request_id
    where r.request_id is not null and r.answered_at is null and answer.created >= v_oldest
    order by r.id
    limit p_limit
    for no key update of r skip locked
  )
  update jobforge.runs as r
  set answered_at = p_now, answer_status = answered.status_code,
    answer_timed_out = coalesce(answered.timed_out, false),
    answer_error = jobforge.answer_error(
      answered.status_code, answered.timed_out, answered.error_msg, answered.content)
  from answered
  where r.id = answered.id;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function jobforge.record_answers(timestamptz, int) is
  'Stores what pg_net received for the calls of the last hour. Returns for how many.';

create function jobforge.answer_error(
  p_status int, p_timed_out boolean, p_error text, p_content text)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when p_status between 200 and 299 then null
    when p_status is not null then jobforge.short_error('HTTP ' || p_status, p_content)
    when p_timed_out then jobforge.short_error('timed out', p_error)
    else jobforge.short_error('not sent', p_error)
  end
$$;
comment on function jobforge.answer_error(int, boolean, text, text) is
  'Returns why a call failed, in one short line, or null for an answer of 200 to 299.';

create function jobforge.answer_of(p_run_id bigint)
returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_run jobforge.runs;
  v_answer record;
  v_waiting int;
begin
  select r.* into v_run from jobforge.runs as r where r.id = p_run_id;
  if v_run.request_id is not null and v_run.answered_at is null
    and to_regclass('net._http_response') is not null
  then
    select answer.status_code, answer.timed_out, answer.error_msg, answer.content, answer.created
    into v_answer
    from net._http_response as answer
    where answer.id = v_run.request_id
      and answer.created >= v_run.created_at - interval '1 minute';
    if found then
      v_run.answered_at := v_answer.created;
      v_run.answer_status := v_answer.status_code;
      v_run.answer_timed_out := coalesce(v_answer.timed_out, false);
      v_run.answer_error := jobforge.answer_error(
        v_answer.status_code, v_answer.timed_out, v_answer.error_msg, v_answer.content);
    else
      select count(*) into v_waiting from (
        select from net.http_request_queue as queued
        where queued.id < v_run.request_id limit 10000) as before;
    end if;
  end if;
  return jsonb_build_object('run_id', v_run.id, 'called_at', v_run.created_at,
    'state', v_run.state, 'answered', v_run.answered_at is not null,
    'status', v_run.answer_status, 'error', v_run.answer_error,
    'timed_out', coalesce(v_run.answer_timed_out, false), 'waiting_before', v_waiting);
exception when others then
  return jsonb_build_object('run_id', v_run.id, 'called_at', v_run.created_at,
    'state', v_run.state, 'answered', false, 'status', null,
    'error', jobforge.short_error(sqlstate, sqlerrm), 'timed_out', false, 'waiting_before', null);
end
$$;
comment on function jobforge.answer_of(bigint) is
  'What became of a call: its status, its error, or how many requests wait before it in pg_net.';

create function jobforge.last_call()
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select jobforge.answer_of((
    select r.id from jobforge.runs as r
    where r.call_slot is not null order by r.call_slot desc, r.id desc limit 1))
  where exists (select from jobforge.runs as r where r.call_slot is not null)
$$;
comment on function jobforge.last_call() is
  'What became of the newest call to the worker, or null when there was none in a week.';

create function jobforge.undelivered_since(p_since timestamptz)
returns bigint
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- The newest ticket that a worker redeemed shows that calls arrive again.
  with recent as materialized (
    select r.id, r.state, r.call_slot, r.ended_at from jobforge.runs as r
    order by r.id desc limit 2000
  )
  select count(*) from recent
  where recent.state = 'undelivered' and recent.ended_at > p_since
    and recent.id > coalesce((
      select max(redeemed.id) from recent as redeemed
      where redeemed.call_slot is not null and redeemed.state not in ('pending', 'undelivered')), 0)
$$;
comment on function jobforge.undelivered_since(timestamptz) is
  'Returns how many tickets expired since a time and since the last ticket that was redeemed, '
  'among the newest 2,000 runs.';

-- supabase/schemas/50_dispatch/call_worker.sql

-- Call the worker with a one-time ticket.
--
-- A call is only a hint: it may be lost or repeated. Claims and leases keep the work correct. So
-- nothing that goes wrong outside of JobForge may fail the transaction that calls.

create function jobforge.new_ticket()
returns text
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'hex')
$$;
comment on function jobforge.new_ticket() is 'Returns 32 bytes in hex, from 244 random bits.';

create type jobforge.posted as (request_id bigint, error text);
comment on type jobforge.posted is 'The id that pg_net gave a request, or why it accepted none.';

create function jobforge.try_post(p_url text, p_body jsonb)
returns jobforge.posted
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '250ms'
as $$
begin
  -- The request is sent when this transaction commits.
  return row(net.http_post(url := p_url, body := p_body,
    headers := '{"Content-Type": "application/json"}'::jsonb,
    timeout_milliseconds := 5000), null)::jobforge.posted;
exception when others then
  return row(null, jobforge.short_error(sqlstate, sqlerrm))::jobforge.posted;
end
$$;
comment on function jobforge.try_post(text, jsonb) is
  'Posts through pg_net. A missing extension, right or table, a trigger or a lock fails no caller.';

create function jobforge.worker_path()
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select '/functions/v1/' || settings.worker_function from jobforge.settings $$;
comment on function jobforge.worker_path() is
  'Returns the path of the worker, after the URL of the project.';

create function jobforge.call_worker(p_project_url text, p_slot bigint default null)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_ticket constant text := jobforge.new_ticket();
  v_run_id constant bigint := nextval(pg_get_serial_sequence('jobforge.runs', 'id'));
  v_now constant timestamptz := jobforge.clock();
  v_posted jobforge.posted;
begin
  -- The call carries the run id and the ticket only.
  v_posted := jobforge.try_post(p_project_url || jobforge.worker_path(),
    jsonb_build_object('run_id', v_run_id, 'ticket', v_ticket));
  insert into jobforge.runs (id, state, ticket_hash, created_at, call_slot, request_id,
    answer_error, answered_at)
  overriding system value
  values (v_run_id, 'pending', sha256(convert_to(v_ticket, 'UTF8')), v_now,
    coalesce(p_slot, jobforge.first_slot(v_now)), v_posted.request_id, v_posted.error,
    case when v_posted.error is not null then v_now end);
  return v_run_id;
end
$$;
comment on function jobforge.call_worker(text, bigint) is
  'Creates a run, asks the worker through pg_net to redeem its ticket, and returns the run''s id.';

-- supabase/schemas/50_dispatch/dispatch.sql

-- The dispatcher: every ten seconds it repairs what lost calls and dead workers left behind.
--
-- It is short. Everything that can wait is a maintenance task, in a transaction of its own.

create function jobforge.note_dispatch(p_started_at timestamptz, p_calls int, p_errors text[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Another dispatch may hold the row, in a transaction that stays open.
  perform from jobforge.maintenance_tasks where name = 'dispatch' for update skip locked;
  if found then
    perform jobforge.note_task('dispatch', p_started_at, p_calls, p_errors[1]);
  end if;
end
$$;
comment on function jobforge.note_dispatch(timestamptz, int, text[]) is
  'Records a dispatch beside the maintenance tasks: its duration, calls and first error.';

create function jobforge.left_behind()
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select 'promote: a trigger or a constraint of jobforge_queues rejects the queue of a tenant'
  where exists (
    select from jobforge.failed_newcomers as failed
    where exists (select from jobforge.newcomers where newcomers.tenant_id = failed.tenant_id))
$$;
comment on function jobforge.left_behind() is
  'Returns what the dispatcher had to leave, because it raises errors for one tenant, or null.';

create function jobforge.dispatch()
returns int
language plpgsql
security definer -- reclaims leases and calls the worker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_started_at constant timestamptz := clock_timestamp();
  v_errors text[] := '{}'::text[];
  v_error text;
  v_calls int := 0;
begin
  perform jobforge.require_service();
  begin
    v_error := jobforge.reclaim_lost_runs(v_now, v_started_at + interval '500 milliseconds');
    v_errors := v_errors || ('reclaim_lost_runs ' || v_error);
  exception when others then
    v_errors := v_errors || ('reclaim_lost_runs ' || jobforge.short_error(sqlstate, sqlerrm));
  end;
  begin
    perform jobforge.promote(v_now);
  exception when others then
    v_errors := v_errors || ('promote ' || jobforge.short_error(sqlstate, sqlerrm));
    perform jobforge.set_faulty_aside(v_now);
  end;
  begin
    -- Of several dispatches at once the first ignores what is in flight, the others respect it.
    v_calls := jobforge.request_runs(
      jobforge.ready_jobs(v_now), pg_try_advisory_xact_lock(1246708229, 0));
  exception when others then
    v_errors := v_errors || ('request_runs ' || jobforge.short_error(sqlstate, sqlerrm));
    perform jobforge.set_faulty_aside(v_now);
  end;
  v_errors := array_remove(v_errors || jobforge.left_behind(), null);
  perform jobforge.note_dispatch(v_started_at, v_calls, v_errors);
  if v_errors <> '{}' then
    raise warning 'jobforge: dispatch: %', array_to_string(v_errors, '; ');
  end if;
  return v_calls;
end
$$;
comment on function jobforge.dispatch() is
  'Operators: reclaims lost runs, promotes what is due and calls the worker if work is waiting. '
  'The error of one step stops no other, and a queue that raises is left out of the next dispatch. '
  'Returns how many calls.';

create function public.jobforge_dispatch()
returns int
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '5s'
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
  v_findings := v_findings || jobforge.check_post()
    || array(select finding from jobforge.check_runs() as finding)
    || jobforge.check_versions()
    || jobforge.check_answer() || jobforge.check_maintenance() || jobforge.check_schedules()
    || jobforge.check_queues();
  return json_build_object('now', jobforge.clock(), 'findings', to_json(v_findings),
    'schema_version', jobforge.schema_version(),
    'worker_function', (select settings.worker_function from jobforge.settings));
end
$$;
comment on function jobforge.doctor(text) is
  'Operators: checks the project inside the database: extensions, rights, URL, cron jobs, '
  'calls, runs, versions, maintenance, schedules and queues.';

create function public.jobforge_doctor(p_project_url text default null)
returns json
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '5s'
as $$ select jobforge.doctor(p_project_url) $$;
comment on function public.jobforge_doctor(text) is
  'Operators: checks this project and returns findings, each with its fix, the version of the '
  'schema and the name of the worker.';

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
      'dispatcher and maintenance are scheduled'),
    'select * from jobforge_setup(''https://<ref>.supabase.co'');')::jobforge.finding;
  -- The history is never pruned for other jobs, so only its end is read, by its key.
  select recent.status, recent.return_message, recent.start_time into v_last_dispatch
  from (
    select job_run_details.* from cron.job_run_details
    order by job_run_details.runid desc limit 2000
  ) as recent
  join cron.job on job.jobid = recent.jobid
  where job.jobname = 'jobforge-dispatch' and recent.status in ('succeeded', 'failed')
  order by recent.start_time desc limit 1;
  return next row('dispatcher',
    coalesce(v_last_dispatch.status = 'succeeded'
      and v_last_dispatch.start_time > jobforge.clock() - interval '90 seconds', false),
    case when v_last_dispatch is null then 'it never ran'
      else format('it %s %s seconds ago', v_last_dispatch.status,
        floor(extract(epoch from jobforge.clock() - v_last_dispatch.start_time)))
        || case when v_last_dispatch.return_message like 'ERROR:%'
          then jobforge.short_error('', v_last_dispatch.return_message) else '' end end,
    'read cron.job_run_details, restart the project if pg_cron stopped')::jobforge.finding;
end
$$;
comment on function jobforge.check_cron_jobs() is
  'Checks that pg_cron has JobForge''s jobs and ran the dispatcher within 90 seconds.';

create function jobforge.check_settings(p_project_url text)
returns jobforge.finding
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select row('project_url',
    settings.project_url is not null
      and settings.project_url = coalesce(rtrim(p_project_url, '/'), settings.project_url),
    case when settings.project_url is null then jobforge.url_hint()
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
  select row('undelivered', counted.undelivered = 0,
    format('%s tickets of the last hour were never redeemed', counted.undelivered),
    'deploy the worker, check project_url, then: select net.worker_restart();')::jobforge.finding
  from jobforge.undelivered_since(jobforge.clock() - interval '1 hour') as counted (undelivered)
  union all
  select row('lost_runs', count(*) = 0,
    format('%s runs of the last hour stopped reporting', count(*)),
    'read the worker''s log: memory, CPU or wall clock ended it')::jobforge.finding
  from (
    select r.state, r.ended_at from jobforge.runs as r order by r.id desc limit 2000) as recent
  where recent.state = 'lost' and recent.ended_at > jobforge.clock() - interval '1 hour'
$$;
comment on function jobforge.check_runs() is
  'Checks that calls arrive and that no run was lost in the last hour.';

create function jobforge.check_versions()
returns jobforge.finding
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select row('versions', counted.refused = 0,
    case when counted.refused = 0
      then 'schema ' || jobforge.schema_version() || ' serves its workers'
      else format('%s runs of the last hour were refused: %s', counted.refused,
        jobforge.version_problem(counted.version)) end,
    coalesce(jobforge.version_problem(counted.version), 'none'))::jobforge.finding
  from (
    select count(*) as refused, max(recent.worker_version) as version
    from (select r.end_reason, r.ended_at, r.worker_version from jobforge.runs as r
      order by r.id desc limit 2000) as recent
    where recent.end_reason = 'version_mismatch'
      and recent.ended_at > jobforge.clock() - interval '1 hour'
      -- A migration since may have made it fit.
      and jobforge.version_problem(recent.worker_version) is not null
  ) as counted
$$;
comment on function jobforge.check_versions() is
  'Checks that no worker was refused for its version in the last hour.';

create function jobforge.check_post()
returns jobforge.finding
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_url constant text := (select settings.project_url from jobforge.settings);
  v_posted jobforge.posted;
begin
  if v_url is null then
    return row('post', false, jobforge.url_hint(),
      'select * from jobforge_setup(''https://<ref>.supabase.co'');')::jobforge.finding;
  end if;
  begin
    v_posted := jobforge.try_post(v_url || jobforge.worker_path(), '{}');
    raise exception using errcode = 'JF000'; -- a request that is rolled back is not sent
  exception when sqlstate 'JF000' then
    null;
  end;
  return row('post', v_posted.error is null,
    coalesce('net.http_post failed with ' || v_posted.error, 'pg_net accepts requests'),
    'grant usage on schema net and execute on net.http_post to postgres, remove triggers on its '
    'tables')::jobforge.finding;
end
$$;
comment on function jobforge.check_post() is
  'Tries a post through pg_net, without sending it, and returns what it got.';

create function jobforge.check_answer()
returns jobforge.finding
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_call constant jsonb := jobforge.last_call();
  v_fix constant text :=
    'HTTP 404: deploy the worker. HTTP 401: set verify_jwt = false. Many waiting: see the other '
    'requests in net.http_request_queue';
begin
  return row('worker_answer', v_call ->> 'error' is null, case
    when v_call is null then 'no call in the last week'
    else format('the last call, %s seconds ago, %s',
      floor(extract(epoch from jobforge.clock() - (v_call ->> 'called_at')::timestamptz)),
      case
        when v_call ->> 'error' is not null then 'failed: ' || (v_call ->> 'error')
        when (v_call ->> 'answered')::boolean then 'got HTTP ' || (v_call ->> 'status')
        else format('has no answer yet, %s requests wait before it',
          coalesce(v_call ->> 'waiting_before', 'an unknown number of')) end)
  end, v_fix)::jobforge.finding;
end
$$;
comment on function jobforge.check_answer() is
  'Checks what the worker answered to the last call.';

create function jobforge.check_maintenance()
returns jobforge.finding
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_problems text;
begin
  select string_agg(format('%s %s', task.name, task.problem), ', ' order by task.name)
  into v_problems
  from jobforge.task_states(v_now) as task
  where task.problem is not null;
  return row('maintenance', v_problems is null,
    coalesce(left(v_problems, 1000), 'every task succeeded when it was due'),
    'select * from jobforge.maintenance_tasks; then fix last_error')::jobforge.finding;
end
$$;
comment on function jobforge.check_maintenance() is
  'Checks that no maintenance task fails and that each ran when it was due.';

create function jobforge.check_queues()
returns jobforge.finding
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_faults text[];
begin
  select array_agg(format('%s/%s raises %s', q.tenant_id, q.queue, queue_faults.message)
    order by queue_faults.at, q.id)
  into v_faults
  from jobforge.queue_faults join jobforge.queues as q on q.id = queue_faults.queue_id;
  return row('queues', v_faults is null,
    coalesce(left(array_to_string(v_faults[1:5], ', '), 1000), 'none raises an error'),
    'select jobforge_configure_queue(tenant, queue, settings) with other settings')
    ::jobforge.finding;
end
$$;
comment on function jobforge.check_queues() is
  'Checks that claims leave out no queue because it raises an error.';

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
  v_run_id bigint := p_run_id;
begin
  perform jobforge.require_service();
  if p_run_id is null then
    if v_url is null then
      perform jobforge.fail('wrong_state', 'the project URL is not set: run jobforge_setup');
    end if;
    v_run_id := jobforge.call_worker(v_url);
  elsif not exists (select from jobforge.runs as r where r.id = p_run_id) then
    perform jobforge.fail('not_found', 'there is no such run');
  end if;
  return (
    select json_build_object('run_id', answer -> 'run_id', 'state', answer ->> 'state',
      'answer', answer - '{run_id,state,called_at}'::text[])
    from jobforge.answer_of(v_run_id) as answer);
end
$$;
comment on function jobforge.probe_worker(bigint) is
  'Operators: sends the worker a ticket when p_run_id is null. Returns the state of the run, and '
  'what pg_net knows of the call.';

create function public.jobforge_probe_worker(p_run_id bigint default null)
returns json
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select jobforge.probe_worker(p_run_id) $$;
comment on function public.jobforge_probe_worker(bigint) is
  'Operators: sends the worker a ticket, or returns the state of the run that a ticket belongs to, '
  'and what pg_net knows of the call.';

-- supabase/schemas/50_dispatch/ready_jobs.sql

-- Ready jobs: for how many jobs the dispatcher calls edge workers.

create function jobforge.has_kinds()
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select exists (select from jobforge.job_types as t where t.runs_on is not null)
    or exists (select from jobforge.runs as r where r.state = 'live' and r.kind = 'container')
    or exists (select from jobforge.unclaimed)
$$;
comment on function jobforge.has_kinds() is
  'Whether it depends on the type of a job which worker takes it.';

create function jobforge.startable_jobs(p_now timestamptz)
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
    from jobforge.queues as q
    join public.jobforge_queues
      on jobforge_queues.tenant_id = q.tenant_id and jobforge_queues.queue = q.queue
    cross join lateral (
      select 1 as one from jobforge.ready
      where ready.queue_id = q.id
        and (ready.priority, ready.id) >= (
          case when q.cursor_at > p_now - interval '2 seconds' then q.cursor_priority
            else -32768 end,
          case when q.cursor_at > p_now - interval '2 seconds' then q.cursor_id
            else '00000000-0000-0000-0000-000000000000' end)
      limit least(
        jobforge.available_starts(q, jobforge_queues, p_now), (select enough.jobs from enough))
    ) as found
    where q.runnable
    limit (select enough.jobs from enough)
  )
  select (select count(*) from ready)::int + (
    select count(*) from (
      select from jobforge.quarantined join jobforge.queues as q on q.id = quarantined.queue_id
      join public.jobforge_queues
        on jobforge_queues.tenant_id = q.tenant_id and jobforge_queues.queue = q.queue
      where jobforge.available_starts(q, jobforge_queues, p_now) > 0
      limit 10) as startable)::int
$$;
comment on function jobforge.startable_jobs(timestamptz) is
  'Returns how many jobs could start now, counted up to what all runs together can hold.';

create function jobforge.types_ahead(p_enough int, p_not text[], p_now timestamptz)
returns setof text
language sql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
  (select found.type
  from (
    select q as state, jobforge_queues as settings
    from jobforge.queues as q
    join public.jobforge_queues
      on jobforge_queues.tenant_id = q.tenant_id and jobforge_queues.queue = q.queue
    where q.runnable
    order by q.vtime
    limit 100) as turn
  cross join lateral (
    select j.type
    from (
      select ready.place, ready.id from jobforge.ready
      where ready.queue_id = (turn.state).id
      order by ready.priority, ready.id
      limit 250) as next
    left join jobforge.jobs as j on j.ctid = next.place and j.id = next.id
    where (j.type = any (p_not)) is not true
    limit least(jobforge.available_starts(turn.state, turn.settings, p_now), p_enough)
  ) as found
  limit p_enough)
  union all
  (select j.type
  from jobforge.quarantined
  join jobforge.queues as q on q.id = quarantined.queue_id
  join public.jobforge_queues
    on jobforge_queues.tenant_id = q.tenant_id and jobforge_queues.queue = q.queue
  join jobforge.jobs as j on j.tenant_id = quarantined.tenant_id and j.id = quarantined.id
  where jobforge.available_starts(q, jobforge_queues, p_now) > 0 and j.type <> all (p_not)
  limit 10)
$$;
comment on function jobforge.types_ahead(int, text[], timestamptz) is
  'The types of up to p_enough jobs that could start now and are not of p_not, one row a job: of '
  'the 250 next jobs of each of the 100 queues whose turn is next, and of 10 quarantined jobs. '
  'Null where a body has moved.';

create function jobforge.more_is_ahead()
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
  select exists (
      select from jobforge.queues as q where q.runnable order by q.vtime offset 100)
    or exists (
      select from (
        select q.id from jobforge.queues as q where q.runnable order by q.vtime limit 100) as turn
      cross join lateral (
        select from jobforge.ready where ready.queue_id = turn.id
        order by ready.priority, ready.id
        offset 250 limit 1) as beyond)
$$;
comment on function jobforge.more_is_ahead() is
  'Whether types_ahead leaves ready jobs out: behind 100 queues, or behind 250 jobs of a queue.';

create function jobforge.ready_for_edge(p_now timestamptz)
returns int
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  v_enough constant int := (
    select settings.max_runs * settings.run_capacity from jobforge.settings);
  v_spare int;
  v_takes_all boolean;
  v_edge_types text[];
  v_only_edge int;
  v_both int;
  v_needed int;
begin
  select coalesce(sum(active_runs.spare), 0), coalesce(bool_or(active_runs.types is null), false)
  into v_spare, v_takes_all
  from jobforge.active_runs
  where active_runs.kind = 'container' and active_runs.helps_until >= p_now;
  select count(*) filter (where taken.type is null), count(taken.type) into v_only_edge, v_both
  from jobforge.types_ahead(v_enough, array(
    select t.type from jobforge.job_types as t where t.runs_on = 'container'), p_now)
    as ahead (type)
  left join (
    select distinct unnest(active_runs.types) as type from jobforge.active_runs
    where active_runs.kind = 'container' and active_runs.helps_until >= p_now
  ) as taken on taken.type = ahead.type;
  if v_takes_all then
    v_both := v_both + v_only_edge;
    v_only_edge := 0;
  end if;
  -- What a container set aside: types that the last run of the edge took.
  v_edge_types := (
    select r.types from jobforge.runs as r
    where r.kind = 'edge' and r.started_at is not null
    order by r.id desc limit 1);
  v_needed := v_only_edge + greatest(v_both - v_spare, 0) + (
    select count(*) from (
      select from jobforge.unclaimed where unclaimed.type = any (v_edge_types)
      limit v_enough) as aside)::int;
  -- What is out of sight may be for the edge. A run finds out, because it sets aside what is not.
  if v_needed = 0 and jobforge.more_is_ahead() and coalesce((
    select r.created_at < p_now - interval '10 seconds' from jobforge.runs as r
    where r.kind = 'edge'
    order by r.id desc limit 1), true)
  then
    return 1;
  end if;
  return v_needed;
end
$$;
comment on function jobforge.ready_for_edge(timestamptz) is
  'Returns how many jobs that could start now need an edge worker: none of a type for containers, '
  'and of the other types that live containers take only those beyond their free slots. One at '
  'least, every ten seconds, while there are more jobs than it looks at.';

create function jobforge.ready_jobs(p_now timestamptz)
returns int
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return case when jobforge.has_kinds() then jobforge.ready_for_edge(p_now)
    else jobforge.startable_jobs(p_now) end;
end
$$;
comment on function jobforge.ready_jobs(timestamptz) is
  'Returns how many jobs could start now in a run that a call would start.';

-- supabase/schemas/50_dispatch/request_runs.sql

-- Request runs: call the worker for ready jobs that exceed the free slots of the active runs.
--
-- A call belongs to one of the max_runs slots of a second. Callers pick a slot by try, so none
-- waits for another, and an open transaction holds the slots of its own second only.

create function jobforge.first_slot(p_now timestamptz)
returns bigint
language sql immutable
set search_path = pg_catalog, pg_temp
as $$ select floor(extract(epoch from p_now))::bigint * 256 $$;
comment on function jobforge.first_slot(timestamptz) is
  'The number before the first slot of a second. A second has room for 255 slots.';

create function jobforge.pick_slot(p_now timestamptz, p_max_runs int, p_dispatcher boolean)
returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_first bigint := jobforge.first_slot(p_now);
  v_slot bigint;
  v_called bigint[];
begin
  for v_try in 1..6 loop
    v_called := array(
      select r.call_slot from jobforge.runs as r
      where r.call_slot > v_first and r.call_slot <= v_first + p_max_runs);
    for v_number in 1..p_max_runs loop
      v_slot := v_first + v_number;
      continue when v_slot = any (v_called);
      if pg_try_advisory_xact_lock(1246708227, (v_slot % 1073741824)::int) or p_dispatcher then
        -- Read again under the lock, in a new statement: its holder may have called and committed.
        if not exists (select from jobforge.runs as r where r.call_slot = v_slot) then
          return v_slot;
        end if;
      end if;
    end loop;
    exit when v_called <> '{}' or p_dispatcher;
    -- Every slot is held by a transaction that has not committed. Most do so within milliseconds.
    -- If none does, the calls may never be made, so this one takes a slot of the next second.
    perform pg_sleep(case when v_try < 5 then 0.005 else 0 end);
    v_first := v_first + case when v_try = 5 then 256 else 0 end;
  end loop;
  return null;
end
$$;
comment on function jobforge.pick_slot(timestamptz, int, boolean) is
  'Returns a free slot for a call, or null. A slot is taken by a committed call and by an open '
  'transaction. For the dispatcher, which repairs what is left open, only committed ones count.';

create function jobforge.request_runs(p_ready int, p_dispatcher boolean default false)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_settings jobforge.settings;
  v_active record;
  v_slot bigint;
  v_calls int := 0;
begin
  select settings.* into v_settings from jobforge.settings;
  if v_settings.project_url is null then
    return 0;
  end if;
  select count(*) filter (where active_runs.counts_until >= v_now)::int as runs,
    coalesce(
      sum(active_runs.spare) filter (
        where active_runs.helps_until >= v_now and active_runs.kind = 'edge'), 0)::int as spare
  into v_active
  from jobforge.active_runs
  where active_runs.state = 'live' or active_runs.created_at >= v_now - interval '1 minute';
  while v_calls < least(
    ceil((p_ready - v_active.spare) / v_settings.run_capacity::float8)::int,
    v_settings.max_runs - v_active.runs)
  loop
    v_slot := jobforge.pick_slot(v_now, v_settings.max_runs, p_dispatcher);
    exit when v_slot is null;
    perform jobforge.call_worker(v_settings.project_url, v_slot);
    v_calls := v_calls + 1;
  end loop;
  return v_calls;
end
$$;
comment on function jobforge.request_runs(int, boolean) is
  'Calls as many edge workers as p_ready jobs need beyond the active runs of the edge, up to '
  'max_runs, and at most max_runs a second. Returns how many.';

-- supabase/schemas/50_dispatch/schedule_task.sql

-- Schedule a task with pg_cron, as often as the installed version can.

create function jobforge.schedule_task(p_name text, p_command text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  perform cron.schedule(p_name, '10 seconds', p_command);
exception when others then
  -- pg_cron before 1.5 rejects seconds. Another error comes again here.
  perform cron.schedule(p_name, '* * * * *', p_command);
end
$$;
comment on function jobforge.schedule_task(text, text) is
  'Runs a command every ten seconds, or every minute where pg_cron has no seconds.';

-- supabase/schemas/50_dispatch/setup.sql

-- Set up a project: store its URL, and schedule the dispatcher and the maintenance.

create function jobforge.setup(
  p_project_url text, p_max_runs int default null, p_worker text default null)
returns table (setting text, value text)
language plpgsql
security definer -- writes settings, schedules the dispatcher
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
#variable_conflict use_column
declare
  v_url constant text := rtrim(p_project_url, '/');
  v_before constant jsonb := (select to_jsonb(settings) from jobforge.settings);
begin
  perform jobforge.require_service();
  if v_url is null or v_url !~ '^https://[a-z0-9.-]+(:[0-9]+)?$'
    and v_url !~ '^http://(127[.]0[.]0[.]1|[a-z][a-z0-9_-]*|host[.]docker[.]internal)(:[0-9]+)?$'
  then
    perform jobforge.fail('invalid_argument', 'p_project_url must be the project''s address, like '
      'https://abc.supabase.co (plain http for a local project only)');
  end if;
  if p_max_runs not between 1 and 100 then
    perform jobforge.fail('invalid_argument', 'p_max_runs must be from 1 to 100');
  end if;
  if p_worker !~ jobforge.slug_pattern() then
    perform jobforge.fail('invalid_argument', 'p_worker must be the name of an Edge Function: a '
      'letter, then up to 62 letters, digits, _ or -');
  end if;
  if to_regnamespace('cron') is null or to_regnamespace('net') is null then
    perform jobforge.fail('extension_missing',
      'enable the extensions pg_cron and pg_net, then run setup again');
  end if;
  update jobforge.settings
  set project_url = v_url, max_runs = coalesce(p_max_runs, settings.max_runs),
    worker_function = coalesce(p_worker, settings.worker_function)
  where settings.id;
  perform jobforge.add_tasks();
  perform jobforge.add_realtime_policies();
  perform jobforge.schedule_task('jobforge-dispatch', 'select jobforge.dispatch()');
  perform jobforge.schedule_task('jobforge-maintain', 'call jobforge.maintain()');
  perform jobforge.audit_change('setup', null, v_url, v_before,
    (select to_jsonb(settings) from jobforge.settings));
  return query
  select 'project_url', settings.project_url from jobforge.settings
  union all select 'max_runs', settings.max_runs::text from jobforge.settings
  union all select 'worker_function', settings.worker_function from jobforge.settings
  union all select job.jobname, job.schedule from cron.job where job.jobname like 'jobforge-%';
exception when lock_not_available then
  perform jobforge.fail('busy', 'another transaction is changing these settings: try again');
end
$$;
comment on function jobforge.setup(text, int, text) is
  'Operators: stores the project''s URL, how many runs may be live and the name of the worker, and '
  'schedules the dispatcher. What is null stays. Safe to repeat.';

create function public.jobforge_setup(
  p_project_url text, p_max_runs int default null, p_worker text default null)
returns table (setting text, value text)
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select * from jobforge.setup(p_project_url, p_max_runs, p_worker) $$;
comment on function public.jobforge_setup(text, int, text) is
  'Operators: stores the project''s URL, how many runs may be live and the name of the worker, and '
  'schedules the dispatcher. What is null stays. Safe to repeat.';

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
    where pg_class.relnamespace = 'public'::regnamespace
      and starts_with(pg_class.relname, 'jobforge_')
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

-- Wake at commit: a wake-up calls the worker when the enqueue commits.

create function jobforge.needs_call(p_queue_id int, p_type text, p_now timestamptz)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  v_types text[];
begin
  if jobforge.has_room(p_now, p_type) then
    return false;
  elsif p_type is null and jobforge.has_kinds() then
    -- Several types: those of the first and the last jobs of the queue.
    v_types := array(
      select distinct j.type
      from (
        (select ready.place, ready.id from jobforge.ready where ready.queue_id = p_queue_id
          order by ready.priority, ready.id limit 50)
        union all
        (select ready.place, ready.id from jobforge.ready where ready.queue_id = p_queue_id
          order by ready.priority desc, ready.id desc limit 50)
      ) as looked_at join jobforge.jobs as j on j.ctid = looked_at.place and j.id = looked_at.id);
    return v_types = '{}' or exists (
      select from unnest(v_types) as waiting (type)
      where not jobforge.has_room(p_now, waiting.type));
  end if;
  return true;
end
$$;
comment on function jobforge.needs_call(int, text, timestamptz) is
  'Whether new work of a queue, of one type or of several, needs a call of the worker.';

create function jobforge.wake_at_commit()
returns trigger
language plpgsql
security definer -- runs at commit, in the transaction of the caller that enqueued
set search_path = pg_catalog, pg_temp
as $$
begin
  if jobforge.needs_call(new.queue_id, new.type, jobforge.clock()) then
    perform jobforge.request_runs(1);
  end if;
  return null;
exception when others then
  -- A hint fails no commit. The wake-up is still there, and the next claim or dispatch reads it.
  raise warning 'jobforge: wake-up: %', jobforge.short_error(sqlstate, sqlerrm);
  return null;
end
$$;
comment on function jobforge.wake_at_commit() is
  'Database: calls the worker for a wake-up if no run that takes its work has a free slot.';

create constraint trigger wakeups_at_commit
  after insert on jobforge.wakeups
  deferrable initially deferred
  for each row when (new.ready) execute function jobforge.wake_at_commit();
comment on trigger wakeups_at_commit on jobforge.wakeups is
  'At commit, so that a long transaction holds neither a queue nor the dispatcher.';

-- supabase/schemas/55_realtime/00_hints.sql

-- Hints: a change of a watched job is broadcast by Supabase Realtime, where the project has it.
--
-- A hint has ids, statuses and attempt numbers, and no content: who receives it reads the job under
-- row level security. It is a row that commits with the change. It is a help only: it fails no
-- statement, waits for no lock, and a lost one is healed by the next read.

create table jobforge.watches (
  id bigint generated always as identity primary key,
  tenant_id uuid not null,
  job_id uuid,
  expires_at timestamptz not null
);
comment on table jobforge.watches is
  'Jobs whose changes are broadcast, until expires_at. Callers only append, and changes only read, '
  'so neither waits for the other.';
comment on column jobforge.watches.job_id is 'Null means every job of the tenant.';
create index watches_job_idx on jobforge.watches (tenant_id, job_id);
create index watches_expiry_idx on jobforge.watches (expires_at);

create function jobforge.topic(p_tenant_id uuid, p_job_id uuid)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$ select concat_ws(':', 'jobforge', p_tenant_id, p_job_id) $$;
comment on function jobforge.topic(uuid, uuid) is
  'The Realtime topic of a job, or of a tenant when there is no job.';

create function jobforge.send_hints(p_jobs jobforge.job_key[], p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '50ms' -- Realtime locks its table for a moment when it drops a partition
as $$
begin
  perform realtime.send(hints.payload, 'jobs', hints.topic, true)
  from (
    select jobforge.topic(watched.tenant_id, watched.job_id) as topic,
      jsonb_build_object('jobs', coalesce(jsonb_agg(jsonb_build_object(
        'id', j.id, 'status', j.status, 'attempt', j.attempts) order by j.id)
        filter (where j.id is not null), '[]')) as payload
    from (
      select changed.tenant_id, watches.job_id, changed.id, row_number() over (
        partition by changed.tenant_id, watches.job_id order by changed.id) as rank
      from (select distinct listed.tenant_id, listed.id from unnest(p_jobs) as listed) as changed
      join (select distinct valid.tenant_id, valid.job_id from jobforge.watches as valid
        where valid.expires_at > p_now) as watches
        on watches.tenant_id = changed.tenant_id
        and coalesce(watches.job_id = changed.id, watches.job_id is null)
    ) as watched
    left join public.jobforge_jobs as j on j.tenant_id = watched.tenant_id and j.id = watched.id
    where watched.rank <= 50
    group by watched.tenant_id, watched.job_id
    -- A hint to a tenant stands for many jobs. Readers find later what is beyond the limit.
    order by watched.job_id is not null, random()
    limit 50
  ) as hints
  -- One for each topic in a transaction: who reads after its commit reads all of its changes.
  where not exists (
    select from realtime.messages as sent
    where sent.inserted_at = localtimestamp and sent.topic = hints.topic
      and sent.extension = 'broadcast' and sent.private is true);
exception when others then
  raise warning 'jobforge: hint: %', jobforge.short_error(sqlstate, sqlerrm);
end
$$;
comment on function jobforge.send_hints(jobforge.job_key[], timestamptz) is
  'Broadcasts a hint to each topic that is watched and has one of these jobs: 50 topics at most, '
  'with 50 jobs each. A null id stands for new jobs of the tenant. An error is a warning.';

create function jobforge.hint_jobs(p_jobs jobforge.job_key[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
begin
  if exists (select from jobforge.watches where watches.expires_at > v_now) then
    perform jobforge.send_hints(p_jobs, v_now);
  end if;
end
$$;
comment on function jobforge.hint_jobs(jobforge.job_key[]) is
  'Broadcasts hints for jobs that have changed, while any job is watched.';

create function jobforge.watched_jobs(p_run_id bigint, p_now timestamptz)
returns jobforge.job_key[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (select from jobforge.watches where watches.expires_at > p_now) then
    return null;
  end if;
  return array(
    select row(leases.tenant_id, member.id)::jobforge.job_key
    from jobforge.leases cross join lateral unnest(leases.ids) as member (id)
    where leases.run_id = p_run_id and exists (
      select from jobforge.watches
      where watches.tenant_id = leases.tenant_id and watches.expires_at > p_now
        and coalesce(watches.job_id = member.id, watches.job_id is null)));
end
$$;
comment on function jobforge.watched_jobs(bigint, timestamptz) is
  'Returns the watched jobs that a run holds. Null while no job is watched.';

create function jobforge.hint_run(
  p_run_id bigint, p_before jobforge.job_key[], p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_after constant jobforge.job_key[] := jobforge.watched_jobs(p_run_id, p_now);
  v_changed constant jobforge.job_key[] := array(
    (select listed from unnest(p_before) as listed except select held from unnest(v_after) as held)
    union all
    (select held from unnest(v_after) as held
      except select listed from unnest(p_before) as listed));
begin
  if v_changed <> '{}' then
    perform jobforge.send_hints(v_changed, p_now);
  end if;
end
$$;
comment on function jobforge.hint_run(bigint, jobforge.job_key[], timestamptz) is
  'Broadcasts hints for the watched jobs that a run held before and holds no more, and for those '
  'that it holds now.';

-- supabase/schemas/55_realtime/watch_jobs.sql

-- Watch jobs: let changes of a job, or of all jobs of a tenant, be broadcast for two minutes.
--
-- Topics are private. Realtime checks the policies below when a client joins one, with the role and
-- the claims of its token. The policies that restrict hold also beside a policy of the application
-- that lets its users join every topic.

create function jobforge.may_receive(p_topic text)
returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return starts_with(p_topic, 'jobforge:')
    and split_part(p_topic, ':', 2) = any (jobforge.tenant_ids()::text[]);
end
$$;
comment on function jobforge.may_receive(text) is
  'Policies: whether the caller may receive the hints of a Realtime topic: those of its tenants.';

create function jobforge.has_realtime()
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select count(*) = 3 from pg_policy
  where pg_policy.polrelid = to_regclass('realtime.messages')
    and pg_policy.polname in ('jobforge_hints_select_authenticated',
      'jobforge_hints_restrict_all', 'jobforge_hints_restrict_authenticated')
$$;
comment on function jobforge.has_realtime() is
  'Whether the project has Realtime and the policies that keep the topics of tenants apart.';

create function jobforge.add_realtime_policies()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
begin
  if to_regclass('realtime.messages') is null or jobforge.has_realtime()
    or to_regprocedure('realtime.send(jsonb,text,text,boolean)') is null
  then
    return;
  end if;
  drop policy if exists jobforge_hints_select_authenticated on realtime.messages;
  drop policy if exists jobforge_hints_restrict_all on realtime.messages;
  drop policy if exists jobforge_hints_restrict_authenticated on realtime.messages;
  create policy jobforge_hints_select_authenticated on realtime.messages
    for select to authenticated
    using (extension = 'broadcast' and jobforge.may_receive(topic));
  -- No client sends hints, and no other role than authenticated receives any.
  create policy jobforge_hints_restrict_all on realtime.messages as restrictive
    using (not starts_with(topic, 'jobforge:') or current_user = 'authenticated')
    with check (not starts_with(topic, 'jobforge:'));
  create policy jobforge_hints_restrict_authenticated on realtime.messages as restrictive
    for select to authenticated
    using (not starts_with(topic, 'jobforge:')
      or extension = 'broadcast' and jobforge.may_receive(topic));
exception when insufficient_privilege or lock_not_available then
  -- Clients poll until jobforge_setup has added them.
  raise warning 'jobforge: realtime.messages: %', jobforge.short_error(sqlstate, sqlerrm);
end
$$;
comment on function jobforge.add_realtime_policies() is
  'Adds the policies of the topics, if the project has Realtime and they are missing. Without them '
  'clients poll.';

select jobforge.add_realtime_policies();

create function jobforge.watch_jobs(p_job_id uuid, p_tenant_id uuid)
returns json
language plpgsql
security definer -- writes watches, bounded by the caller's tenants
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_tenant_id constant uuid := case
    when p_job_id is null then jobforge.callers_tenant(p_tenant_id)
    else (jobforge.find_job(p_job_id, p_tenant_id)).tenant_id end;
  v_expires_at timestamptz := (
    select max(watches.expires_at) from jobforge.watches
    where watches.tenant_id = v_tenant_id and watches.job_id is not distinct from p_job_id);
  v_topic constant text := jobforge.topic(v_tenant_id, p_job_id);
begin
  if not jobforge.has_realtime() then
    return json_build_object('topic', null, 'expires_at', null, 'reason', 'realtime_missing');
  end if;
  perform jobforge.refuse_erased(v_tenant_id);
  delete from jobforge.watches where watches.id = any (array(
    select expired.id from jobforge.watches as expired
    where expired.tenant_id = v_tenant_id and expired.expires_at <= v_now
    limit 100
    for update skip locked));
  if coalesce(v_expires_at < v_now + interval '1 minute', true) then
    if exists (
      select from jobforge.watches
      where watches.tenant_id = v_tenant_id and watches.expires_at > v_now offset 99)
    then
      return json_build_object('topic', null, 'expires_at', null, 'reason', 'too_many_watches');
    end if;
    v_expires_at := v_now + interval '2 minutes';
    insert into jobforge.watches (tenant_id, job_id, expires_at)
    values (v_tenant_id, p_job_id, v_expires_at);
  end if;
  return json_build_object('topic', v_topic, 'expires_at', v_expires_at, 'reason', null);
end
$$;
comment on function jobforge.watch_jobs(uuid, uuid) is
  'Users: lets changes of a job, or of all jobs of the tenant without one, be broadcast.';

create function jobforge.prune_watches(p_now timestamptz, p_limit int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_count int;
begin
  delete from jobforge.watches where watches.id = any (array(
    select expired.id from jobforge.watches as expired
    where expired.expires_at <= p_now
    order by expired.expires_at
    limit p_limit
    for update skip locked));
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function jobforge.prune_watches(timestamptz, int) is 'Deletes watches that expired.';

create function public.jobforge_watch_jobs(
  p_job_id uuid default null, p_tenant_id uuid default null)
returns json
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$
begin
  return jobforge.watch_jobs(p_job_id, p_tenant_id);
end
$$;
comment on function public.jobforge_watch_jobs(uuid, uuid) is
  'Users: lets changes of a job, or of all jobs of the tenant without one, be broadcast for two '
  'minutes. Returns the Realtime topic to join, or null with the reason to poll.';

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
  slot int,
  constraint jobforge_schedules_one_per_name unique nulls not distinct (tenant_id, name),
  constraint jobforge_schedules_one_per_slot unique (tenant_id, slot),
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
  'Which occurrences of a downtime start after it: none (skip), the last one (once), or up to 100 '
  'of them (all).';
comment on column public.jobforge_schedules.problem is
  'Why the worker could not fill the calendar. It tries again every hour.';
comment on column public.jobforge_schedules.version is
  'The state of the calendar. Occurrences that were computed from another state are dropped.';
comment on column public.jobforge_schedules.slot is
  'A number of its own within the tenant, if a user created the schedule: from 1 to max_schedules.';
comment on column public.jobforge_schedules.refill_at is
  'When the worker is asked for more occurrences. Null for N seconds, which need none.';
comment on column public.jobforge_schedules.fan_out_at is
  'The occurrence that is being fanned out. fan_out_after is the last tenant it started for.';
create index jobforge_schedules_due_idx on public.jobforge_schedules (next_at) where not paused;
create index jobforge_schedules_refill_idx on public.jobforge_schedules (refill_at)
  where not paused;
create index jobforge_schedules_problem_idx on public.jobforge_schedules (id)
  where problem is not null;
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

create table jobforge.postponed_starts (
  id bigint generated always as identity primary key,
  schedule_id uuid not null,
  tenant_id uuid not null,
  due_at timestamptz not null,
  constraint postponed_starts_one_per_tenant unique (schedule_id, tenant_id)
);
comment on table jobforge.postponed_starts is
  'Tenants that a fan-out left out, because an open transaction held what the start needed. The '
  'next turns try the last occurrence again.';
create index postponed_starts_tenant_idx on jobforge.postponed_starts (tenant_id);

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
  -- The row is there before it is locked, so two first starts take turns as well.
  insert into jobforge.schedule_jobs (schedule_id, tenant_id, due_at)
  values (p_schedule.id, p_tenant_id, '-infinity')
  on conflict (schedule_id, tenant_id) do nothing;
  select * into v_last from jobforge.schedule_jobs
  where schedule_id = p_schedule.id and tenant_id = p_tenant_id
  for no key update;
  if v_last.due_at >= p_due_at then
    return 'duplicate';
  end if;
  if p_schedule.overlap = 'skip' and exists (
    select from public.jobforge_jobs as j
    where j.tenant_id = p_tenant_id and j.id = v_last.job_id
      and j.status in ('scheduled', 'queued', 'running'))
  then
    update jobforge.schedule_jobs set due_at = p_due_at, error = null
    where schedule_id = p_schedule.id and tenant_id = p_tenant_id;
    return 'skipped';
  end if;
  v_job_id := jobforge.enqueue_for_schedule(p_schedule, p_tenant_id);
  update jobforge.schedule_jobs set due_at = p_due_at, job_id = v_job_id, error = null
  where schedule_id = p_schedule.id and tenant_id = p_tenant_id;
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

create function jobforge.postpone_start(
  p_schedule_id uuid, p_tenant_id uuid, p_due_at timestamptz)
returns jobforge.starts
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_starts jobforge.starts := row(0, 0, 0, null);
begin
  delete from jobforge.postponed_starts
  where schedule_id = p_schedule_id and tenant_id = p_tenant_id;
  v_starts.skipped := found::int;
  insert into jobforge.postponed_starts (schedule_id, tenant_id, due_at)
  values (p_schedule_id, p_tenant_id, p_due_at);
  return v_starts;
end
$$;
comment on function jobforge.postpone_start(uuid, uuid, timestamptz) is
  'Keeps the start of a fan-out for the next turns, behind the others. It takes the place of an '
  'earlier occurrence, which is skipped.';

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
  v_hint text;
  v_held boolean;
begin
  begin
    foreach v_tenant_id in array p_tenant_ids loop
      v_outcome := jobforge.start_occurrence(p_schedule, v_tenant_id, p_due_at);
      v_starts.started := v_starts.started + (v_outcome = 'started')::int;
      v_starts.skipped := v_starts.skipped + (v_outcome = 'skipped')::int;
    end loop;
    return v_starts;
  exception when others then
    get stacked diagnostics v_detail = pg_exception_detail, v_hint = pg_exception_hint;
    v_held := sqlstate in ('55P03', '40P01')
      or v_detail = 'queue_full' and (v_hint::jsonb ->> 'held')::bigint > 0;
    -- The next turn tries a schedule of one tenant again.
    if v_held and p_schedule.tenant_id is not null then
      raise lock_not_available;
    end if;
    v_starts := row(0, 0, 0, jsonb_build_object('at', p_due_at, 'code', coalesce(
      (select documented.code from jobforge.error_codes() as documented
        where documented.code = v_detail), sqlstate)));
  end;
  if cardinality(p_tenant_ids) = 1 and v_held then
    return jobforge.postpone_start(p_schedule.id, p_tenant_ids[1], p_due_at);
  elsif cardinality(p_tenant_ids) = 1 then
    insert into jobforge.schedule_jobs (schedule_id, tenant_id, due_at, error)
    values (p_schedule.id, p_tenant_ids[1], p_due_at, v_starts.error)
    on conflict (schedule_id, tenant_id) do update
      set due_at = excluded.due_at, error = excluded.error;
    v_starts.failed := 1;
    return v_starts;
  end if;
  -- The error of one tenant undid the starts of all, so each now starts on its own.
  v_starts.error := null;
  foreach v_tenant_id in array p_tenant_ids loop
    v_one := jobforge.start_for_tenants(p_schedule, array[v_tenant_id], p_due_at);
    v_starts := row(v_starts.started + v_one.started, v_starts.skipped + v_one.skipped,
      v_starts.failed + v_one.failed, coalesce(v_one.error, v_starts.error));
  end loop;
  return v_starts;
end
$$;
comment on function jobforge.start_for_tenants(public.jobforge_schedules, uuid[], timestamptz) is
  'Starts an occurrence for some tenants. The error of one tenant does not stop the others. A '
  'tenant whose rows an open transaction holds is tried again.';

-- supabase/schemas/60_schedules/check_schedules.sql

-- The doctor's check of schedules.

create function jobforge.check_schedules()
returns jobforge.finding
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- Up to a thousand of each, by the indexes of the dispatcher.
  with stuck as (
    (select id, name from public.jobforge_schedules
      where not paused and next_at < jobforge.clock() - interval '10 minutes' limit 1000)
    union
    (select id, name from public.jobforge_schedules
      where not paused and next_at is null and refill_at < jobforge.clock() - interval '10 minutes'
      limit 1000)
    union
    (select id, name from public.jobforge_schedules
      where problem is not null and not paused limit 1000)
  )
  select row('schedules', count(*) = 0,
    format('%s schedules are late or have no next occurrence', count(*))
      || coalesce(', such as ' || min(name), ''),
    'read problem and last_error in jobforge_schedules, see RUNBOOK: A schedule does not start'
  )::jobforge.finding
  from stuck
$$;
comment on function jobforge.check_schedules() is
  'Checks that no schedule is ten minutes late or has a calendar that could not be filled.';

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
    version = version + 1,
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
  -- The payload has a bound of its own. The other settings become text.
  if not jobforge.jsonb_fits(p_settings - 'payload', 8192) then
    perform jobforge.fail('invalid_argument',
      'p_settings must have at most 8192 bytes beside the payload');
  end if;
  v_problem := (
    select member.key || ' must be a text'
    from unnest('{expression,time_zone,type,queue,overlap,catch_up}'::text[]) as member (key)
    where jsonb_typeof(p_settings -> member.key) not in ('string', 'null')
    limit 1);
  if v_problem is not null then
    perform jobforge.fail('invalid_argument', 'p_settings: ' || v_problem);
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
    perform jobforge.fail('busy', 'another transaction just created a schedule: try again');
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
set lock_timeout = '1s'
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
  v_after := jobforge.schedule_with(
    case when v_new then jobforge.new_schedule(v_tenant_id, p_name) else v_before end, p_settings);
  if v_new and not jobforge.is_service() then
    v_after.slot := jobforge.free_slot(v_tenant_id);
  end if;
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
      begin
        perform jobforge.call_for_calendar();
      exception when others then
        null; -- a hint: request_refills calls as well, and records its error
      end;
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
exception when lock_not_available then
  perform jobforge.fail('busy', 'another transaction is changing the schedule: try again');
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
set statement_timeout = '2s'
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
set lock_timeout = '1s'
as $$
declare
  v_schedule constant public.jobforge_schedules := jobforge.schedule_of_caller(p_schedule_id);
begin
  delete from public.jobforge_schedules where id = v_schedule.id;
  perform jobforge.audit('delete_schedule', v_schedule.tenant_id, v_schedule.name,
    jsonb_build_object('expression', v_schedule.expression, 'time_zone', v_schedule.time_zone,
      'type', v_schedule.type));
exception when lock_not_available then
  perform jobforge.fail('busy', 'another transaction is changing the schedule: try again');
end
$$;
comment on function jobforge.delete_schedule(uuid) is
  'Users: deletes a schedule. Its jobs stay.';

create function public.jobforge_delete_schedule(p_schedule_id uuid)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
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

create function jobforge.cron_units()
returns table (place bigint, unit text, lowest int, highest int, names text[], takes text)
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  values (1::bigint, 'minute', 0, 59, '{}'::text[], '0–59'), (2, 'hour', 0, 23, '{}', '0–23'),
    (3, 'day', 1, 31, '{}', '1–31'),
    (4, 'month', 1, 12, '{jan,feb,mar,apr,may,jun,jul,aug,sep,oct,nov,dec}', '1–12, jan–dec'),
    (5, 'weekday', 0, 7, '{sun,mon,tue,wed,thu,fri,sat}', '0–7, sun–sat')
$$;
comment on function jobforge.cron_units() is
  'Returns the five fields of a cron expression with the values and names that each takes.';

create function jobforge.cron_parts(p_expression text)
returns table (place bigint, part text, low int, high int, step int, problem text)
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  -- In the C collation, because lower('FRI') has another i in some.
  with matched as (
    select units.*, listed.part, regexp_match(listed.part,
      '^(?:([*])|(?:([0-9]{1,2})|([a-z]{3}))(?:-(?:([0-9]{1,2})|([a-z]{3})))?)(?:/([0-9]{1,2}))?$')
      as found
    from regexp_split_to_table(lower(p_expression collate "C"), ' +') with ordinality as field
    join jobforge.cron_units() as units on units.place = field.ordinality
    cross join regexp_split_to_table(field.field, ',') as listed (part)
  ),
  valued as (
    select matched.*, case when found[1] is not null then lowest
        else coalesce(found[2]::int, array_position(names, found[3]) + lowest - 1) end as low,
      case when found[1] is not null then highest
        when coalesce(found[4], found[5]) is null
          then coalesce(found[2]::int, array_position(names, found[3]) + lowest - 1)
        -- A range may end on sun.
        when place = 5 and found[5] = 'sun' then 7
        else coalesce(found[4]::int, array_position(names, found[5]) + lowest - 1) end as high
    from matched
  )
  select place, part, low, high, coalesce(found[6]::int, 1), case
    when found is null or low is null or high is null or low < lowest
      or greatest(low, high) > highest or found[6]::int not between 1 and highest
      then format('%s must be %s, a list, a range or a step', unit, takes)
    when low > high then format('%s %s must be a range that goes up: write %s-%s,%s-%s', unit, part,
      low, highest - (place = 5)::int, lowest, high)
    when found[6] is not null and coalesce(found[1], found[4], found[5]) is null
      then format('%s %s must have a range before its step: write %s-%s/%s', unit, part,
        low, highest, found[6])
  end
  from valued
$$;
comment on function jobforge.cron_parts(text) is
  'Returns the parts of the lists of a cron expression, each with its values or its problem.';

create function jobforge.cron_values(p_expression text, p_place int)
returns int[]
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select array_agg(distinct listed.value order by listed.value)
  from jobforge.cron_parts(p_expression) as parts,
    generate_series(parts.low, parts.high, parts.step) as listed (value)
  where parts.place = p_place
$$;
comment on function jobforge.cron_values(text, int) is
  'Returns the values of one field of a valid cron expression.';

create function jobforge.problem_with_expression(p_expression text)
returns text
language plpgsql immutable
set search_path = pg_catalog, pg_temp
set jit = off -- it would compile for a second what runs for a millisecond
as $$
declare
  v_fields constant text[] := regexp_split_to_array(coalesce(p_expression, ''), ' +');
  v_problem text;
begin
  if p_expression ~ '^[0-9]+ seconds?$' then
    return case when coalesce(jobforge.interval_seconds(p_expression), 0) not between 1 and 86400
      then 'expression: seconds must be from 1 to 86400' end;
  elsif cardinality(v_fields) <> 5 or length(p_expression) > 200 then
    return 'expression must have five fields (minute hour day month weekday) or be N seconds';
  end if;
  select parts.problem into v_problem from jobforge.cron_parts(p_expression) as parts
  where parts.problem is not null order by parts.place limit 1;
  if v_problem is null and v_fields[5] = '*' and not exists (
    select from unnest(jobforge.cron_values(p_expression, 4)) as in_month (month),
      unnest(jobforge.cron_values(p_expression, 3)) as on_day (day)
    where day <= case when month = 2 then 29 when month in (4, 6, 9, 11) then 30 else 31 end)
  then
    v_problem := format('day must be a day of the month: no month of %s has a day of %s',
      v_fields[4], v_fields[3]);
  end if;
  return 'expression: ' || v_problem;
end
$$;
comment on function jobforge.problem_with_expression(text) is
  'Returns what a valid expression must have, or null for a valid one. A valid one occurs again '
  'and again.';

create function jobforge.problem_with_schedule(p_schedule public.jobforge_schedules)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(
    jobforge.problem_with_expression(p_schedule.expression),
    -- Names of places only. Postgres also accepts POSIX rules and abbreviations.
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
    select distinct q.tenant_id from jobforge.queues as q
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

create function jobforge.start_postponed(p_limit int, p_until timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_start jobforge.postponed_starts;
  v_schedule public.jobforge_schedules;
begin
  for v_start in
    select postponed_starts.* from jobforge.postponed_starts
    order by postponed_starts.id
    limit p_limit
    for update skip locked
  loop
    exit when clock_timestamp() > p_until;
    begin
      -- A start that is postponed again has a new row, behind the others.
      delete from jobforge.postponed_starts where postponed_starts.id = v_start.id;
      select jobforge_schedules.* into v_schedule from public.jobforge_schedules
      where jobforge_schedules.id = v_start.schedule_id and not jobforge_schedules.paused;
      if found then
        perform jobforge.count_starts(v_schedule.id, jobforge.start_for_tenants(
          v_schedule, array[v_start.tenant_id], v_start.due_at));
      end if;
    exception when lock_not_available or deadlock_detected then
      continue;
    end;
  end loop;
end
$$;
comment on function jobforge.start_postponed(int, timestamptz) is
  'Tries the starts again that a fan-out left out. A paused or deleted schedule drops them.';

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
--
-- Nothing here waits for a schedule that another transaction holds. A later call fills it.

create function jobforge.note_problem(p_schedule_id uuid, p_problem text)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  update public.jobforge_schedules
  set problem = left(p_problem, 200), refill_at = jobforge.clock() + interval '1 hour',
    refill_requested_at = null
  where id = p_schedule_id
$$;
comment on function jobforge.note_problem(uuid, text) is
  'Stores why a calendar was not filled. It is requested again in an hour.';

create function jobforge.caught_up(p_schedule public.jobforge_schedules)
returns int
language sql immutable
set search_path = pg_catalog, pg_temp
as $$ select case p_schedule.catch_up when 'skip' then 0 when 'once' then 1 else 100 end $$;
comment on function jobforge.caught_up(public.jobforge_schedules) is
  'Returns how many occurrences a schedule starts after a downtime at most.';

create function jobforge.save_occurrences(
  p_schedule public.jobforge_schedules, p_resume timestamptz, p_locals timestamp[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_resume constant timestamptz := coalesce(p_resume, p_schedule.filled_through);
  v_times timestamptz[];
begin
  select array_agg(accepted.due_at order by accepted.due_at) into v_times
  from (
    select found.due_at
    from (
      select due_at, row_number() over (partition by due_at <= v_resume order by due_at) as nth
      from unnest(jobforge.moments_of_schedule(
        p_schedule.expression, p_schedule.time_zone, p_locals)) as due_at
      where due_at > p_schedule.filled_through
        and due_at < jobforge.clock() + interval '50 years'
    ) as found
    where found.due_at > v_resume or found.nth <= jobforge.caught_up(p_schedule)
    order by found.due_at limit 200) as accepted;
  if v_times is null then
    perform jobforge.note_problem(p_schedule.id, 'the worker found no next occurrence');
    return;
  end if;
  insert into jobforge.occurrences (schedule_id, due_at)
  select p_schedule.id, due_at from unnest(v_times) as due_at
  on conflict do nothing;
  update public.jobforge_schedules
  set filled_through = v_times[cardinality(v_times)],
    refill_at = v_times[greatest(cardinality(v_times) - 32, 1)],
    refill_requested_at = null, problem = null, version = version + 1,
    next_at = (select min(due_at) from jobforge.occurrences where schedule_id = p_schedule.id)
  where id = p_schedule.id;
end
$$;
comment on function jobforge.save_occurrences(
  public.jobforge_schedules, timestamptz, timestamp[]) is
  'Stores the next occurrences of a schedule from its local times.';

create function jobforge.fill_schedule(
  p_schedule_id uuid, p_version int, p_resume timestamptz, p_times text[], p_problem text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_schedule public.jobforge_schedules;
begin
  -- The version rejects what was computed before another run filled the calendar or the expression
  -- changed.
  select * into v_schedule from public.jobforge_schedules
  where id = p_schedule_id and version = p_version for no key update skip locked;
  if not found then
    return;
  end if;
  begin
    if p_problem is not null then
      perform jobforge.note_problem(v_schedule.id, p_problem);
    else
      perform jobforge.save_occurrences(v_schedule, p_resume, p_times::timestamp[]);
    end if;
  exception when others then
    perform jobforge.note_problem(v_schedule.id, format('the calendar failed with %s', sqlstate));
  end;
end
$$;
comment on function jobforge.fill_schedule(uuid, int, timestamptz, text[], text) is
  'Stores what a worker computed for one schedule. An error is kept with the schedule.';

create function jobforge.low_calendars(p_now timestamptz)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_schedule public.jobforge_schedules;
  v_resume timestamptz;
  v_low jsonb := '[]';
begin
  for v_schedule in
    select * from public.jobforge_schedules
    where not paused and refill_at <= p_now
    order by refill_at
    limit 10
    for no key update skip locked
  loop
    -- After a downtime the worker computes only as much of the past as catch_up can use.
    v_resume := greatest(v_schedule.filled_through, p_now - interval '1 minute');
    begin
      v_low := v_low || jsonb_build_object('id', v_schedule.id, 'version', v_schedule.version,
        'expression', v_schedule.expression, 'resume', v_resume, 'windows',
        jsonb_build_array(jobforge.local_window(v_resume, v_schedule.time_zone, 64)) || case
          when v_resume > v_schedule.filled_through and v_schedule.catch_up <> 'skip'
          then jsonb_build_array(jobforge.local_window(v_schedule.filled_through,
            v_schedule.time_zone, jobforge.caught_up(v_schedule)))
          else '[]' end);
    exception when others then
      perform jobforge.note_problem(v_schedule.id, format('the time zone failed: %s', sqlstate));
    end;
  end loop;
  return v_low;
end
$$;
comment on function jobforge.low_calendars(timestamptz) is
  'Returns up to ten schedules that need more occurrences, and the local times to look between.';

create function jobforge.fill_calendar(p_filled jsonb)
returns jsonb
language plpgsql
security definer -- writes the calendar
set search_path = pg_catalog, pg_temp
as $$
declare
  v_filled record;
begin
  perform jobforge.require_service();
  if jsonb_typeof(p_filled) is distinct from 'array' or jsonb_array_length(p_filled) > 100 then
    perform jobforge.fail('invalid_argument', 'p_filled must be an array of at most 100 schedules');
  elsif not jobforge.jsonb_fits(p_filled, 1048576) then
    perform jobforge.fail('invalid_argument', 'p_filled must have at most 1048576 bytes');
  end if;
  begin
    for v_filled in
      select computed.* from jsonb_to_recordset(p_filled)
        as computed (id uuid, version int, resume timestamptz, times text[], problem text)
      order by computed.id
    loop
      if exists (
        select from unnest(v_filled.times) as local
        where local !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}$')
      then
        perform jobforge.fail('invalid_argument',
          'p_filled: times must be local times such as 2026-03-29T02:30, without a zone');
      end if;
      perform jobforge.fill_schedule(
        v_filled.id, v_filled.version, v_filled.resume, v_filled.times, v_filled.problem);
    end loop;
  exception when data_exception then
    perform jobforge.fail('invalid_argument', format('p_filled: %s', sqlerrm));
  end;
  return jobforge.low_calendars(jobforge.clock());
end
$$;
comment on function jobforge.fill_calendar(jsonb) is
  'Workers: stores occurrences that the worker computed. Returns the schedules that need more.';

create function public.jobforge_fill_calendar(p_filled jsonb default '[]')
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '5s'
as $$ select jobforge.fill_calendar(p_filled) $$;
comment on function public.jobforge_fill_calendar(jsonb) is
  'Workers: stores occurrences of schedules. Returns the schedules that need more.';

-- supabase/schemas/60_schedules/fire_schedules.sql

-- Fire schedules: start what is due.
--
-- One transaction takes an occurrence and creates its job, under the lock of the schedule's row.
-- A second or late call finds nothing left to do. A later dispatch starts what was locked: a
-- schedule, or the queue of a tenant.
--
-- An occurrence is missed when the dispatcher did not run at its time. While it runs, an occurrence
-- that starts late is not missed, however many others were due before it.

create table jobforge.firing_periods (
  id int generated always as identity primary key,
  since timestamptz not null,
  through timestamptz not null
);
comment on table jobforge.firing_periods is
  'Since when schedules are fired without a break of two minutes. The row that reaches furthest '
  'counts. There is a second one only if a transaction held the first.';

create function jobforge.firing_since(p_now timestamptz)
returns timestamptz
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_since constant timestamptz := coalesce((
    select least(reached.since, p_now)
    from (select * from jobforge.firing_periods order by through desc limit 1) as reached
    where reached.through >= p_now - interval '2 minutes'), p_now);
begin
  update jobforge.firing_periods set since = v_since, through = p_now
  where id = (select id from jobforge.firing_periods limit 1 for no key update skip locked);
  if not found then
    insert into jobforge.firing_periods (since, through) values (v_since, p_now);
  end if;
  return v_since;
end
$$;
comment on function jobforge.firing_since(timestamptz) is
  'Returns since when the dispatcher has run without a break, and records that it runs now.';

create function jobforge.take_due_occurrences(
  p_schedule public.jobforge_schedules, p_now timestamptz, p_since timestamptz)
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
    where due_at > p_since - interval '1 minute'
    order by due_at desc
    limit 100);
  v_on_time := array(select due_at from unnest(v_on_time) as due_at order by due_at);
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
comment on function jobforge.take_due_occurrences(
  public.jobforge_schedules, timestamptz, timestamptz) is
  'Deletes the due occurrences from the calendar and returns those to start now, 100 at most.';

create function jobforge.fire(
  p_schedule public.jobforge_schedules, p_now timestamptz, p_since timestamptz, p_budget int,
  p_until timestamptz)
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
  foreach v_due_at in array jobforge.take_due_occurrences(p_schedule, p_now, p_since) loop
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
comment on function jobforge.fire(
  public.jobforge_schedules, timestamptz, timestamptz, int, timestamptz) is
  'Starts the due occurrences of a schedule. Returns how many jobs it tried to create.';

create function jobforge.note_failed_schedule(p_id uuid, p_sqlstate text, p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  update public.jobforge_schedules
  set failed = failed + 1, next_at = p_now + interval '1 minute',
    last_error = jsonb_build_object('at', p_now, 'code', p_sqlstate)
  where id = p_id;
exception when others then
  -- A trigger of the application rejects each change of the row. The others fire.
  raise warning 'jobforge: a schedule cannot be changed: %',
    jobforge.short_error(sqlstate, sqlerrm);
end
$$;
comment on function jobforge.note_failed_schedule(uuid, text, timestamptz) is
  'Puts a schedule that raised an error off for a minute.';

create function jobforge.fire_schedules(p_now timestamptz, p_budget int)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '50ms'
as $$
declare
  v_until constant timestamptz := clock_timestamp() + interval '2 seconds';
  v_since constant timestamptz := jobforge.firing_since(p_now);
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
      v_left := v_left - greatest(jobforge.fire(v_schedule, p_now, v_since, v_left, v_until), 1);
    exception
      when lock_not_available or deadlock_detected then
        v_left := v_left - 1;
      when others then
        perform jobforge.note_failed_schedule(v_schedule.id, sqlstate, p_now);
        v_left := v_left - 1;
    end;
    exit when v_left <= 0 or clock_timestamp() > v_until;
  end loop;
  -- For half a second, which is spared for the others.
  if exists (select from jobforge.postponed_starts) then
    perform jobforge.start_postponed(100, clock_timestamp() + interval '500 milliseconds');
  end if;
end
$$;
comment on function jobforge.fire_schedules(timestamptz, int) is
  'Starts due occurrences: about p_budget jobs, and for two seconds at most.';

-- supabase/schemas/60_schedules/free_slot.sql

-- Free slot: users create at most max_schedules schedules a tenant.

create function jobforge.free_slot(p_tenant_id uuid)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_max constant int := (select max_schedules from jobforge.settings);
  v_free constant int[] := array(
    select numbers.slot from generate_series(1, v_max - (
      select count(*)::int from public.jobforge_schedules
      where tenant_id = p_tenant_id and coalesce(slot > v_max, true))) as numbers (slot)
    where not exists (
      select from public.jobforge_schedules as taken
      where taken.tenant_id = p_tenant_id and taken.slot = numbers.slot)
    order by numbers.slot);
  v_slot int;
begin
  -- A slot is locked by try, so an open transaction stops no other creation of its tenant.
  foreach v_slot in array v_free loop
    if pg_try_advisory_xact_lock(1246708307, hashtext(p_tenant_id || '/' || v_slot)) then
      -- In a new snapshot: the slot may have been taken and released since.
      if not exists (
        select from public.jobforge_schedules where tenant_id = p_tenant_id and slot = v_slot)
      then
        return v_slot;
      end if;
    end if;
  end loop;
  perform jobforge.fail('too_many_schedules', format('a tenant has at most %s schedules', v_max));
end
$$;
comment on function jobforge.free_slot(uuid) is
  'Returns a slot that no other schedule of the tenant has or takes. Throws too_many_schedules '
  'when there is none.';

-- supabase/schemas/60_schedules/local_time.sql

-- Local times of a schedule and the moments at which they occur.
--
-- The zone data of Postgres decides. The worker computes local times without a zone, so that its
-- own zone data cannot disagree. A schedule of certain hours follows the wall clock: a time that a
-- clock change skips occurs at the end of the gap, and one that comes twice occurs the first time.
-- A schedule of every hour follows the clock as it runs: it pauses at no change and adds nothing.

create function jobforge.utc_offset(p_at timestamptz, p_time_zone text)
returns interval
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select (p_at at time zone p_time_zone) - (p_at at time zone 'UTC') $$;
comment on function jobforge.utc_offset(timestamptz, text) is
  'Returns the offset of a time zone from UTC at a moment.';

create function jobforge.moments_of(p_local timestamp, p_time_zone text)
returns timestamptz[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- The offsets of a day before and a day after are those on both sides of any change.
  select coalesce(array_agg(distinct moment.at order by moment.at), '{}')
  from (
    select (p_local - jobforge.utc_offset(
      p_local at time zone 'UTC' + days * interval '1 day', p_time_zone)) at time zone 'UTC' as at
    from (values (-1), (1)) as beside (days)
  ) as moment
  where moment.at at time zone p_time_zone = p_local
$$;
comment on function jobforge.moments_of(timestamp, text) is
  'Returns the moments at which the clocks of a time zone show a local time: none if a change '
  'skips it, two if it comes twice.';

create function jobforge.end_of_gap(p_local timestamp, p_time_zone text)
returns timestamptz
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_before timestamptz := p_local at time zone 'UTC' - interval '1 day';
  v_end timestamptz := p_local at time zone 'UTC' + interval '1 day';
  v_middle timestamptz;
begin
  -- The first second at which the clocks show more than p_local.
  while v_end - v_before > interval '1 second' loop
    v_middle := v_before + date_trunc('second', (v_end - v_before) / 2);
    if v_middle at time zone p_time_zone > p_local then
      v_end := v_middle;
    else
      v_before := v_middle;
    end if;
  end loop;
  return v_end;
end
$$;
comment on function jobforge.end_of_gap(timestamp, text) is
  'Returns the end of the gap in which a skipped local time lies.';

create function jobforge.first_moment_of(p_local timestamp, p_time_zone text)
returns timestamptz
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce((jobforge.moments_of(p_local, p_time_zone))[1],
    jobforge.end_of_gap(p_local, p_time_zone))
$$;
comment on function jobforge.first_moment_of(timestamp, text) is
  'Returns the first moment at which the clocks of a time zone show a local time or skip it.';

create function jobforge.moments_of_schedule(
  p_expression text, p_time_zone text, p_locals timestamp[])
returns timestamptz[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  v_each_hour constant boolean := cardinality(jobforge.cron_values(p_expression, 2)) = 24;
  v_until constant timestamptz := jobforge.first_moment_of(
    (select max(local) from unnest(p_locals) as local), p_time_zone);
begin
  -- Beyond v_until local times are missing that come a second time.
  return array(
    select distinct moment.at
    from unnest(p_locals) as local
    cross join unnest(case when v_each_hour then jobforge.moments_of(local, p_time_zone)
      else array[jobforge.first_moment_of(local, p_time_zone)] end) as moment (at)
    where moment.at <= v_until
    order by moment.at);
end
$$;
comment on function jobforge.moments_of_schedule(text, text, timestamp[]) is
  'Returns when a schedule occurs, from its next local times. The last of them is complete.';

create function jobforge.local_window(p_after timestamptz, p_time_zone text, p_count int)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- After a change back local times come again: the window begins early enough for them. It has
  -- room for every minute that a change within a day repeats or skips.
  select jsonb_build_object(
    'after', to_char(p_after at time zone p_time_zone - greatest(beside.ahead, interval '0'),
      'YYYY-MM-DD"T"HH24:MI'),
    'count', p_count + (abs(extract(epoch from beside.ahead)) / 60
      + abs(extract(epoch from beside.behind)) / 60)::int)
  from (
    select jobforge.utc_offset(p_after, p_time_zone)
        - jobforge.utc_offset(p_after + interval '1 day', p_time_zone) as ahead,
      jobforge.utc_offset(p_after - interval '1 day', p_time_zone)
        - jobforge.utc_offset(p_after, p_time_zone) as behind
  ) as beside
$$;
comment on function jobforge.local_window(timestamptz, text, int) is
  'Returns after which local time a worker looks for occurrences, and for how many.';

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

-- supabase/schemas/60_schedules/request_refills.sql

-- Request refills: call the worker, which fills the calendar.

create function jobforge.call_for_calendar()
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_settings jobforge.settings;
  v_slot bigint;
begin
  select settings.* into v_settings from jobforge.settings;
  -- Live runs fill the calendar too, once a minute.
  if v_settings.project_url is null or v_settings.max_runs <= (
    select count(*) from jobforge.active_runs
    where active_runs.counts_until >= v_now
      and (active_runs.state = 'live' or active_runs.created_at >= v_now - interval '1 minute'))
  then
    return false;
  end if;
  v_slot := jobforge.pick_slot(v_now, v_settings.max_runs, false);
  if v_slot is not null then
    perform jobforge.call_worker(v_settings.project_url, v_slot);
  end if;
  return v_slot is not null;
end
$$;
comment on function jobforge.call_for_calendar() is
  'Calls the worker unless max_runs runs are active. Takes no lock.';

create function jobforge.request_refills(p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_ids constant uuid[] := array(
    select id from public.jobforge_schedules
    where not paused and refill_at <= p_now
      and coalesce(refill_requested_at < p_now - interval '5 minutes', true)
    order by refill_at
    limit 50
    for no key update skip locked);
begin
  if cardinality(v_ids) > 0 and jobforge.call_for_calendar() then
    update public.jobforge_schedules set refill_requested_at = p_now where id = any (v_ids);
  end if;
end
$$;
comment on function jobforge.request_refills(timestamptz) is
  'Calls the worker, which fills the calendar at its start. At most one call in five minutes per '
  'schedule, and none beyond max_runs.';

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
  return jobforge.enqueue_unusual(p_tenant_id, v_job);
end
$$;
comment on function jobforge.enqueue_for_schedule(public.jobforge_schedules, uuid) is
  'Enqueues the job of a schedule for a tenant.';

create function jobforge.run_schedule(p_schedule_id uuid)
returns jsonb
language plpgsql
security definer -- writes jobs: bounded by schedule_of_caller
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
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
exception when lock_not_available then
  perform jobforge.fail('busy', 'another transaction is changing the schedule: try again');
  return null;
end
$$;
comment on function jobforge.run_schedule(uuid) is
  'Users: starts the job of a schedule now, even beside its last job. The next dispatch begins a '
  'fan-out.';

create function public.jobforge_run_schedule(p_schedule_id uuid)
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select jobforge.run_schedule(p_schedule_id) $$;
comment on function public.jobforge_run_schedule(uuid) is
  'Users: starts the job of a schedule now.';

-- supabase/schemas/70_connectors/00_callable_hosts.sql

-- Hosts: their form, and the hosts and ports that no job can call under any configuration.
--
-- The egress client refuses them as well, from lists of its own in shared/core/egress. A
-- configuration that holds one would never match, so saving it is refused. Addresses that are not
-- public stay allowed, because a local project may open them by JOBFORGE_LOCAL_EGRESS.

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

create function jobforge.public_suffixes()
returns text[]
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select '{co.uk,org.uk,ac.uk,gov.uk,com.au,net.au,org.au,co.nz,co.jp,co.kr,co.in,co.za,com.br,
    com.cn,com.mx,com.tr,com.tw,com.sg,github.io,gitlab.io,vercel.app,netlify.app,pages.dev,
    workers.dev,herokuapp.com,fly.dev,onrender.com,web.app,firebaseapp.com,run.app,
    azurewebsites.net,cloudfront.net,amazonaws.com,appspot.com,supabase.co,ngrok.io,ngrok.app,
    ngrok-free.app,trycloudflare.com,deno.dev,nip.io,sslip.io,surge.sh,glitch.me,repl.co,r2.dev,
    netlify.com,vercel.dev}'::text[]
$$;
comment on function jobforge.public_suffixes() is
  'Suffixes under which any customer may register or deploy. A wildcard would allow all of them.';

create function jobforge.reserved_suffixes()
returns text[]
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select '{localhost,local,internal,localdomain,lan,home.arpa,corp,home,intranet,private,onion,
    invalid,test,arpa,metadata.goog}'::text[]
$$;
comment on function jobforge.reserved_suffixes() is
  'Names that never lead to a public service, at the end of a host or as all of it.';

create function jobforge.foreign_ports()
returns int[]
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select '{0,1,7,9,13,19,20,21,22,23,25,37,43,53,69,79,110,111,113,119,123,135,137,138,139,143,
    161,162,179,389,427,445,465,512,513,514,515,540,548,554,587,601,636,873,989,990,993,995,1080,
    1433,1521,1719,1720,1723,2049,2181,2375,2376,3128,3306,3389,3659,4045,4190,5060,5061,5432,
    5433,5672,5900,6000,6379,6380,6432,6543,6566,6665,6666,6667,6668,6669,6697,9042,9092,9300,
    10080,11211,27017}'::int[]
$$;
comment on function jobforge.foreign_ports() is
  'Ports of other protocols, where an HTTP request could be taken for a command.';

create function jobforge.uncallable_host_pattern()
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select '^[*][.](?:' || replace(array_to_string(jobforge.public_suffixes(), '|'), '.', '[.]')
    || ')$|(?:^|[.])(?:' || replace(array_to_string(jobforge.reserved_suffixes(), '|'), '.', '[.]')
    || ')$'
$$;
comment on function jobforge.uncallable_host_pattern() is
  'A regular expression for the entries of a host list that can never match a host.';

create function jobforge.uncallable_url_pattern()
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select E'[#\\\\]|^https://[^/:?]{254}|^https://(?:[^/:?]*[.])?(?:'
    || replace(array_to_string(jobforge.reserved_suffixes(), '|'), '.', '[.]') || ')(?:[:/?]|$)'
    || '|^https?://[^/?]*:(?:' || array_to_string(jobforge.foreign_ports(), '|')
    || '|6553[6-9]|655[4-9][0-9]|65[6-9][0-9]{2}|6[6-9][0-9]{3}|[7-9][0-9]{4})(?:[/?]|$)'
$$;
comment on function jobforge.uncallable_url_pattern() is
  'A regular expression for URLs with a reserved host, or a port that is none or not of HTTP.';

create function jobforge.names_own_project(p_config jsonb)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with own as (
    select substring(settings.project_url from '^https://([^/:]*[a-z][^/:]*)') as host
    from jobforge.settings)
  select exists (
    select
    from own, jsonb_array_elements_text(coalesce(p_config -> 'hosts', '[]')
      || jsonb_build_array(substring(p_config ->> 'url' from '^https://([^/:?]+)'))) as target
    where target in (own.host, regexp_replace(own.host, '^([^.]+)[.]', E'\\1.functions.'),
        regexp_replace(own.host, '^([^.]+)[.]', E'\\1.storage.'))
      or right(target, length(own.host) + 1) = '.' || own.host)
$$;
comment on function jobforge.names_own_project(jsonb) is
  'Whether a configuration names a host of this project, which no job may call.';

-- supabase/schemas/70_connectors/00_config_schemas.sql

-- Schemas of connector configurations.
--
-- A schema is data: the keys that a configuration may have or must have, and the rule of each. A
-- check of the table rejects a key without a rule.

create function jobforge.reserved_header_pattern()
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select '^(?:accept-encoding|cf-connecting-ip|client-ip|connection|content-.*|cookie.*|early-data|'
    || 'expect|forwarded|host|http2-settings|keep-alive|metadata.*|proxy-.*|set-cookie.*|te|'
    || 'trailer|transfer-encoding|true-client-ip|upgrade|via|webhook-.*|x-aws-.*|x-forwarded-.*|'
    || 'x-google-metadata.*|x-host|x-http-method|x-http-method-override|x-jobforge-.*|'
    || 'x-method-override|x-original-host|x-original-url|x-real-ip|x-rewrite-url)$'
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
      "min": 1, "max": 65535, "unlike": "foreign_ports", "must": "be ports of HTTP"}},
    "methods": {"type": "array", "min": 1, "max": 6, "of": {"type": "string",
      "like": "^(?:GET|POST|PUT|PATCH|DELETE|HEAD)$",
      "must": "be GET, POST, PUT, PATCH, DELETE or HEAD"}},
    "redirects": {"type": "number", "min": 0, "max": 5},
    "timeout_ms": {"type": "number", "min": 100, "max": 120000},
    "max_response_bytes": {"type": "number", "min": 1, "max": 1048576},
    "response_headers": {"type": "array", "min": 0, "max": 20, "of": {"type": "string",
      "like": "^[a-z0-9][a-z0-9_.-]{0,63}$", "unlike":
      "cookie|^(?:.*authorization|.*authentication-info|.*authenticate|content-encoding)$",
      "must": "be a lower-case header name, and hold no cookie, credential or coding"}}
  }$schema$::jsonb || jsonb_build_object(
    'hosts', jsonb_build_object('type', 'array', 'min', 1, 'max', 100, 'of', jsonb_build_object(
      'type', 'string', 'max', 253, 'like', '^' || jobforge.host_pattern('(?:[*][.])?') || '$',
      'unlike', jobforge.uncallable_host_pattern(),
      'must', 'be a lower-case host like api.example.com, *.example.com or an IPv4 address, and '
        || 'neither a reserved name nor a wildcard of a public suffix')),
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
  select jsonb_build_object('type', 'string', 'unlike', E'[#\\\\]',
    'like', '^(?:https://' || jobforge.host_pattern('')
      || '|http://127[.]0[.]0[.]1)(?::[1-9][0-9]{0,4})?(?:[/?][!-~]*)?$',
    'must', 'be an https URL with a lower-case host, without user or fragment')
$$;
comment on function jobforge.url_schema() is 'The schema of a URL in a configuration.';

create function jobforge.validation_error(p_path text, p_value jsonb, p_schema jsonb)
returns text
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_text constant text := case when jsonb_typeof(p_value) in ('number', 'string')
    then p_value #>> '{}' end;
  v_problem text;
begin
  if jsonb_typeof(p_value) is distinct from p_schema ->> 'type' then
    return format('%s must be %s', p_path, case p_schema ->> 'type' when 'number' then 'a number'
      when 'string' then 'a text' when 'boolean' then 'true or false' when 'array' then 'a list'
      else 'an object' end);
  end if;
  case p_schema ->> 'type'
  when 'number' then
    if v_text::numeric % 1 <> 0 and not p_schema ? 'decimals' or not v_text::numeric
      between (p_schema ->> 'min')::numeric and (p_schema ->> 'max')::numeric
    then
      return format('%s must be a %s from %s to %s', p_path,
        case when p_schema ? 'decimals' then 'number' else 'whole number' end,
        p_schema ->> 'min', p_schema ->> 'max');
    elsif p_schema ->> 'unlike' = 'foreign_ports'
      and trunc(v_text::numeric) = any (jobforge.foreign_ports()::numeric[])
    then
      return format('%s must %s', p_path, p_schema ->> 'must');
    end if;
  when 'boolean' then
    return null;
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
      else format('%s must not have the key %s', p_path, jobforge.quote(entry.key)) end)
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
    when not jobforge.jsonb_fits(p_config, 65536) then 'config must be at most 65536 bytes of text'
    when jobforge.validation_error('config', p_config, v_schema) is not null
      then jobforge.validation_error('config', p_config, v_schema)
    when p_connector = 'webhook-verify' then jobforge.problem_with_signature(p_config)
  end;
end
$$;
comment on function jobforge.problem_with_config(text, jsonb) is
  'Returns what a connector''s configuration must hold and does not, or null for a valid one.';

-- supabase/schemas/70_connectors/00_connector_schema.sql

-- Schemas of the connectors, and the rules that combine settings of a webhook endpoint.

create function jobforge.signature_schema()
returns jsonb
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object('type', 'object', 'required', '["header"]'::jsonb, 'keys',
    jsonb_build_object('header', header, 'timestamp_header', header, 'id_header', header)
    || $schema${
      "prefix": {"type": "string", "max": 32, "like": "^[!-~]+$",
        "must": "be up to 32 printable characters"},
      "encoding": {"type": "string", "like": "^(?:hex|base64|base64url)$",
        "must": "be hex, base64 or base64url"},
      "algorithm": {"type": "string", "like": "^sha(?:1|256|512)$",
        "must": "be sha1, sha256 or sha512"},
      "secret": {"type": "string", "like": "^(?:text|hex|base64)$",
        "must": "be text, hex or base64"},
      "timestamp_unit": {"type": "string", "like": "^m?s$", "must": "be s or ms"},
      "id_member": {"type": "string", "max": 100,
        "like": "^[A-Za-z0-9_-]{1,64}(?:[.][A-Za-z0-9_-]{1,64}){0,3}$",
        "must": "be a path like id or meta.id"},
      "signed": {"type": "string", "max": 200,
        "like": "^(?:[\\n -z|~]|[{](?:body|timestamp|id|url)[}])+$",
        "must": "be printable characters with {body}, {timestamp}, {id} or {url}"}
    }$schema$::jsonb)
  from (values ('{"type": "string", "like": "^[a-z0-9][a-z0-9_.-]{0,63}$",
    "must": "be a lower-case header name"}'::jsonb)) as names (header)
$$;
comment on function jobforge.signature_schema() is
  'The schema of how the requests of a custom webhook endpoint are signed.';

create function jobforge.endpoint_schema()
returns jsonb
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object(
    'type', 'object', 'required', '["scheme", "job_type"]'::jsonb, 'keys', jsonb_build_object(
      'url', jobforge.url_schema(),
      'scheme', jsonb_build_object('type', 'string',
        'like', '^(?:' || array_to_string(jobforge.webhook_schemes(), '|') || ')$',
        'must', 'be one of ' || array_to_string(jobforge.webhook_schemes(), ', ')),
      'signature', jobforge.signature_schema(),
      'job_type', jsonb_build_object('type', 'string',
        'like', jobforge.type_pattern(), 'must', 'be a job type'),
      'queue', jsonb_build_object('type', 'string',
        'like', jobforge.name_pattern(), 'must', 'be the name of a queue'),
      'keep_body', '{"type": "boolean"}'::jsonb,
      'tolerance_seconds', '{"type": "number", "min": 10, "max": 300}'::jsonb))
$$;
comment on function jobforge.endpoint_schema() is
  'The schema of a webhook-verify configuration.';

create function jobforge.connector_schema(p_connector text)
returns jsonb
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select case p_connector
    when 'connector.http.request' then jobforge.request_schema()
    when 'connector.webhook.deliver' then jsonb_build_object(
      'type', 'object', 'required', '["url"]'::jsonb, 'keys', jsonb_build_object(
        'url', jobforge.url_schema() || jsonb_build_object(
          'unlike', jobforge.uncallable_url_pattern(),
          'must', 'be an https URL with a lower-case host that is not reserved and a port of HTTP, '
            || 'without user or fragment'),
        'timeout_ms', '{"type": "number", "min": 1000, "max": 30000}'::jsonb,
        'event_types', jsonb_build_object('type', 'array', 'min', 1, 'max', 100,
          'of', jsonb_build_object('type', 'string', 'max', 130,
            'like', '^(?:[*]|' || btrim(jobforge.event_type_pattern(), '^$') || '(?:[.][*])?)$',
            'must', 'be event types like order.paid, prefixes like order.* or *')),
        'headers', jsonb_build_object('type', 'object', 'max', 20, 'names', jsonb_build_object(
          'type', 'string', 'like', '^[a-z0-9][a-z0-9_.-]{0,63}$',
          -- The tenant can read these headers, so they must hold no credential.
          'unlike', jobforge.reserved_header_pattern()
            || '|^(?:sec-|svix-|x-amz-security-|x-metadata|x-supabase-)'
            || '|authorization|cookie|secret|token|password|api-?key|credential|signature',
          'must', 'have lower-case names that are not reserved and hold no credential'),
          'values', '{"type": "string", "max": 1024, "like": "^[!-~](?:[ -~]*[!-~])?$",
            "must": "be up to 1024 printable characters"}'::jsonb)))
    when 'webhook-verify' then jobforge.endpoint_schema()
  end
$$;
comment on function jobforge.connector_schema(text) is
  'Returns the schema of a connector''s configuration, or null for an unknown connector.';

create function jobforge.problem_with_signature(p_config jsonb)
returns text
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_scheme constant text := p_config ->> 'scheme';
  v_signed constant text := coalesce(p_config #>> '{signature,signed}', '{body}');
begin
  return case
    when v_scheme in ('twilio', 'hubspot') and not p_config ? 'url'
      then format('config must have the key url: %s signs the public URL', v_scheme)
    when (v_scheme = 'custom') <> (p_config ? 'signature')
      then 'config must have the key signature for the scheme custom, and for no other'
    when v_scheme <> 'custom' then null
    when length(v_signed) - length(replace(v_signed, '{body}', '')) <> length('{body}')
      then 'config.signature.signed must have {body} once'
    when (v_signed ~ '[{]timestamp[}]') <> (p_config -> 'signature' ? 'timestamp_header')
      then 'config.signature must have timestamp_header and {timestamp} in signed, or neither'
    when (v_signed ~ '[{]id[}]') <> (p_config -> 'signature' ? 'id_header')
      then 'config.signature must have id_header and {id} in signed, or neither'
    -- The other parts have one length each, so that only an ID could lend characters to the body.
    when v_signed ~ '[A-Za-z0-9_}-][{]id[}]|[{]id[}][A-Za-z0-9_{-]'
      then 'config.signature.signed must have a sign such as . beside {id}'
    when v_signed ~ '[{]url[}]' and not p_config ? 'url'
      then 'config must have the key url: the signature holds {url}'
  end;
end
$$;
comment on function jobforge.problem_with_signature(jsonb) is
  'Returns what a webhook endpoint must hold for its scheme and does not, or null.';

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
      || upper(replace(p_tenant_id::text, '-', '') collate "C") || '_[A-Z0-9_]{1,64}'
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

-- supabase/schemas/70_connectors/03_secret_forms.sql

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

-- supabase/schemas/70_connectors/close_host.sql

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

-- supabase/schemas/70_connectors/configure_connector.sql

-- Configure a connector: create or replace a configuration.

create function jobforge.save_connector(p_tenant_id uuid, p_connector text, p_name text,
  p_config jsonb, p_secret_refs text[], p_enabled boolean)
returns uuid
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_before public.jobforge_connector_configs;
  v_after public.jobforge_connector_configs;
  v_problem text;
begin
  v_after := row(p_tenant_id, gen_random_uuid(), p_connector, p_name, p_config, p_secret_refs,
    p_enabled, case when not p_enabled then 'disabled by an operator' end, v_now, v_now);
  v_problem := case when p_tenant_id is null then 'p_tenant_id is missing'
    else jobforge.problem_with_connector(v_after) end;
  if v_problem is not null then
    perform jobforge.fail('invalid_argument', v_problem);
  end if;
  if p_connector <> 'webhook-verify' and jobforge.names_own_project(p_config) then
    perform jobforge.fail('invalid_argument',
      'p_config must not name a host of this project: no job may call it');
  end if;
  perform jobforge.refuse_erased(p_tenant_id);
  -- A secret that is changed meanwhile is checked against this configuration, or here.
  perform jobforge.lock_secrets_of(p_tenant_id);
  v_problem := jobforge.problem_with_secrets_of(v_after);
  if v_problem is not null then
    perform jobforge.fail('invalid_argument', v_problem);
  end if;
  if p_config ->> 'queue' <> 'default' and not exists (
    select from jobforge.queues as q
    where q.tenant_id = p_tenant_id and q.queue = p_config ->> 'queue')
  then
    perform jobforge.fail('not_found', 'p_config.queue: the tenant has no such queue');
  end if;
  if p_connector = 'connector.webhook.deliver' and (
    select count(*) from public.jobforge_connector_configs
    where tenant_id = p_tenant_id and connector = p_connector and name <> p_name) >= 50
  then
    perform jobforge.fail('wrong_state', 'the tenant has 50 webhook destinations already');
  end if;
  select * into v_before from public.jobforge_connector_configs
  where tenant_id = p_tenant_id and connector = p_connector and name = p_name
  for no key update;
  insert into public.jobforge_connector_configs
  select v_after.*
  on conflict (tenant_id, connector, name) do update
    set config = excluded.config, secret_refs = excluded.secret_refs, enabled = excluded.enabled,
      disabled_reason = excluded.disabled_reason, updated_at = excluded.updated_at
  returning * into v_after;
  if p_connector = 'connector.webhook.deliver' then
    -- An insert that conflicts would wait for a user who is pausing the destination.
    insert into jobforge.destination_states (destination_id, tenant_id)
    select v_after.id, p_tenant_id
    where not exists (
      select from jobforge.destination_states where destination_id = v_after.id);
    perform jobforge.make_delivery_queue(p_tenant_id);
  end if;
  perform jobforge.audit_connector('configure_connector', v_before, v_after);
  return v_after.id;
end
$$;
comment on function jobforge.save_connector(uuid, text, text, jsonb, text[], boolean) is
  'Creates or replaces a configuration that keeps all rules. The caller has checked who may.';

create function jobforge.configure_connector(p_tenant_id uuid, p_connector text, p_name text,
  p_config jsonb, p_secret_refs text[], p_enabled boolean)
returns uuid
language plpgsql
security definer -- operators only: a tenant could let its jobs call any host
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
begin
  perform jobforge.require_service();
  return jobforge.save_connector(
    p_tenant_id, p_connector, p_name, p_config, p_secret_refs, p_enabled);
exception when lock_not_available then
  perform jobforge.fail('busy', 'another transaction is changing a connector of this tenant: try '
    'again after it has ended');
  return null;
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
set statement_timeout = '2s'
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
set lock_timeout = '1s'
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
exception when lock_not_available then
  perform jobforge.fail('busy', 'another transaction is changing a connector of this tenant: try '
    'again after it has ended');
end
$$;
comment on function jobforge.delete_connector(uuid, text, text) is
  'Operators: deletes a configuration. A new one has another id.';

create function public.jobforge_delete_connector(
  p_tenant_id uuid, p_connector text, p_name text default 'default')
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select jobforge.delete_connector(p_tenant_id, p_connector, p_name) $$;
comment on function public.jobforge_delete_connector(uuid, text, text) is
  'Operators: deletes a tenant''s connector configuration.';

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
        and host = coalesce(lower(p_host collate "C"),
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
set statement_timeout = '2s'
as $$ select jobforge.open_connector(p_tenant_id, p_connector, p_name, p_host) $$;
comment on function public.jobforge_open_connector(uuid, text, text, text) is
  'Workers: returns a configuration with its secrets, and for how long a host is closed.';

-- supabase/schemas/70_connectors/prune_connectors.sql

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

-- supabase/schemas/70_connectors/read_webhook_body.sql

-- Read the stored body of a webhook: for the run that holds its job, part by part.

create function jobforge.read_webhook_body(
  p_run_id bigint, p_lease_token bigint, p_job_id uuid, p_from int)
returns text
language plpgsql stable
security definer -- reads the body of a job that the run holds
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant_id uuid;
  v_part text;
begin
  perform jobforge.require_service();
  if p_from is null or p_from < 0 then
    perform jobforge.fail('invalid_argument', 'p_from must be 0 or more');
  end if;
  -- Without the lock of the run, which its reports would wait for.
  select leases.tenant_id into v_tenant_id
  from jobforge.leases
  join jobforge.runs as r on r.id = leases.run_id
  where leases.run_id = p_run_id and leases.token = p_lease_token
    and p_job_id = any (leases.ids) and r.state = 'live';
  if not found then
    perform jobforge.fail('run_ended', 'the run does not hold this job under this lease token');
  end if;
  select replace(encode(substr(webhook_bodies.body, p_from + 1, 1572864), 'base64'), E'\n', '')
  into v_part
  from jobforge.webhook_bodies
  where webhook_bodies.tenant_id = v_tenant_id and webhook_bodies.job_id = p_job_id;
  if not found then
    perform jobforge.fail('not_found', 'no body is stored for this job');
  end if;
  return v_part;
end
$$;
comment on function jobforge.read_webhook_body(bigint, bigint, uuid, int) is
  'Workers: returns up to 1.5 MiB of the stored body of a job that the run holds, from a byte on, '
  'in base64. The text is empty at the end.';

create function public.jobforge_read_webhook_body(
  p_run_id bigint, p_lease_token bigint, p_job_id uuid, p_from int default 0)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select jobforge.read_webhook_body(p_run_id, p_lease_token, p_job_id, p_from) $$;
comment on function public.jobforge_read_webhook_body(bigint, bigint, uuid, int) is
  'Workers: returns a part of the stored body of a job that the run holds, in base64.';

-- supabase/schemas/70_connectors/receive_webhook.sql

-- Receive a webhook: create one job for a verified event, however often its sender repeats it.
--
-- A body that no payload can hold, or that is to be kept as it came, has a row beside the job. It
-- goes with the job.

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

create table jobforge.webhook_bodies (
  tenant_id uuid not null,
  job_id uuid not null,
  body bytea not null,
  constraint webhook_bodies_pkey primary key (tenant_id, job_id),
  constraint body_is_small_enough check (octet_length(body) <= 5242880)
);
-- Not compressed, so that its length and a part of it are read without the rest.
alter table jobforge.webhook_bodies alter column body set storage external;
comment on table jobforge.webhook_bodies is
  'The body of a received webhook, byte for byte, when it is not in the payload of its job.';

create function jobforge.decode_body(p_body text)
returns bytea
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_max_bytes constant int := 5242880;
  v_body bytea;
begin
  -- Four characters hold three bytes.
  if octet_length(p_body) / 4 <= v_max_bytes / 3 + 1 then
    begin
      v_body := decode(p_body, 'base64');
    exception when data_exception then
      perform jobforge.fail('invalid_argument', 'p_body must be base64');
    end;
  end if;
  if p_body is not null and coalesce(octet_length(v_body) > v_max_bytes, true) then
    perform jobforge.fail('payload_too_large',
      format('p_body must be the base64 of at most %s bytes', v_max_bytes));
  end if;
  return v_body;
end
$$;
comment on function jobforge.decode_body(text) is
  'Returns the bytes of a body in base64, or null for none.';

create function jobforge.receive_webhook(
  p_id uuid, p_replay_key text, p_payload jsonb, p_traceparent text, p_body text)
returns json
language plpgsql
security definer -- writes received webhooks and jobs for the verifying function
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s' -- a copy of the event in a transaction that is still open
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_body bytea;
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
  begin
    perform pg_advisory_xact_lock(hashtextextended(p_id || ' ' || p_replay_key, 0));
  exception when lock_not_available then
    perform jobforge.fail('busy', 'a copy of this event is just being stored: send it again');
  end;
  select job_id into v_job_id from public.jobforge_received_webhooks
  where tenant_id = v_config.tenant_id and config_id = p_id and replay_key = p_replay_key;
  if found then
    return json_build_object('job_id', v_job_id, 'duplicate', true);
  end if;
  v_body := jobforge.decode_body(p_body);
  v_job.type := v_config.config ->> 'job_type';
  v_job.queue := v_config.config ->> 'queue';
  v_job.payload := case when v_body is null then p_payload else p_payload || jsonb_build_object(
    'stored', jsonb_build_object('bytes', octet_length(v_body))) end;
  v_job.traceparent := p_traceparent;
  select enqueued.job_id into strict v_job_id
  from jobforge.enqueue(v_config.tenant_id, array[v_job]) as enqueued;
  if v_body is not null then
    insert into jobforge.webhook_bodies (tenant_id, job_id, body)
    values (v_config.tenant_id, v_job_id, v_body);
  end if;
  insert into public.jobforge_received_webhooks
    (tenant_id, config_id, replay_key, job_id, received_at, expires_at)
  values (v_config.tenant_id, p_id, p_replay_key, v_job_id, v_now, v_now + interval '7 days');
  return json_build_object('job_id', v_job_id, 'duplicate', false);
end
$$;
comment on function jobforge.receive_webhook(uuid, text, jsonb, text, text) is
  'Webhooks: stores a verified webhook and enqueues its job in one transaction. Returns the first '
  'job for a replay, and stores nothing then.';

create function public.jobforge_receive_webhook(
  p_id uuid, p_replay_key text, p_payload jsonb, p_traceparent text default null,
  p_body text default null)
returns json
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select jobforge.receive_webhook(p_id, p_replay_key, p_payload, p_traceparent, p_body) $$;
comment on function public.jobforge_receive_webhook(uuid, text, jsonb, text, text) is
  'Webhooks: enqueues one job for a verified webhook, however often it arrives. p_body is a body '
  'in base64 that the payload does not hold.';

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
set statement_timeout = '2s'
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
set statement_timeout = '2s'
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
set statement_timeout = '2s'
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
set statement_timeout = '2s'
as $$ select jobforge.webhook_endpoint(p_id) $$;
comment on function public.jobforge_webhook_endpoint(uuid) is
  'Webhooks: returns how to verify the webhooks of an endpoint.';

-- supabase/schemas/75_destinations/00_destinations.sql

-- Webhook destinations: the messages of a tenant, and their deliveries to its destinations.
--
-- A destination is a configuration of connector.webhook.deliver. Its event_types are its
-- subscriptions. A message is stored once, and its deliveries are jobs that name it.

create table jobforge.webhook_messages (
  tenant_id uuid not null,
  id uuid not null,
  event_type text not null,
  data jsonb not null,
  event_id text,
  test boolean not null default false,
  created_at timestamptz not null,
  constraint webhook_messages_pkey primary key (tenant_id, id),
  constraint webhook_messages_one_per_event unique (tenant_id, event_id)
);
comment on table jobforge.webhook_messages is
  'A message for the destinations that subscribed to its event type.';
comment on column jobforge.webhook_messages.event_id is
  'The publisher''s ID of the event. Publishing it again creates no second message.';
comment on column jobforge.webhook_messages.test is
  'A test event: for one destination, also while that is paused.';
create index webhook_messages_age_idx on jobforge.webhook_messages (id);

create table jobforge.webhook_deliveries (
  tenant_id uuid not null,
  destination_id uuid not null,
  job_id uuid not null,
  message_id uuid not null,
  held boolean not null default false,
  resent boolean not null default false,
  attempts int not null default 0,
  response_status int,
  error text,
  last_attempt_at timestamptz,
  delivered_at timestamptz,
  constraint webhook_deliveries_pkey primary key (tenant_id, destination_id, job_id),
  constraint held_until_delivered check (not held or delivered_at is null)
);
comment on table jobforge.webhook_deliveries is
  'A message on its way to one destination: one row for each job that sends it.';
comment on column jobforge.webhook_deliveries.held is
  'The destination was paused, so its message is sent when that resumes.';
comment on column jobforge.webhook_deliveries.resent is
  'Another job sends the message that this one held.';
comment on column jobforge.webhook_deliveries.error is
  'The code of the last failure. It never holds anything of the receiver''s response.';
create index webhook_deliveries_message_idx on jobforge.webhook_deliveries (message_id);
create index webhook_deliveries_held_idx on jobforge.webhook_deliveries
  (tenant_id, destination_id, job_id) where held and not resent;

create table jobforge.destination_states (
  destination_id uuid primary key
    references public.jobforge_connector_configs (id) on delete cascade,
  tenant_id uuid not null,
  failures int not null default 0,
  failing_since timestamptz,
  paused_at timestamptz,
  paused_by text,
  paused_reason text,
  probe_job_id uuid,
  check_at timestamptz,
  horizon xid8,
  constraint failing_has_a_time check ((failures > 0) = (failing_since is not null)),
  constraint paused_by_is_known check (paused_by in ('failures', 'gone', 'hand')),
  constraint paused_has_a_reason check (
    num_nonnulls(paused_at, paused_by, paused_reason) in (0, 3))
) with (fillfactor = 50);
comment on table jobforge.destination_states is
  'Whether a destination fails or is paused. Created with its configuration, so that a worker that '
  'reports never inserts.';
comment on column jobforge.destination_states.failures is 'Attempts that failed in a row.';
comment on column jobforge.destination_states.paused_by is
  'failures: the breaker. gone: the receiver answered 410. hand: a service or a user.';
comment on column jobforge.destination_states.probe_job_id is
  'The one job that still calls the destination while the breaker keeps it paused.';
comment on column jobforge.destination_states.check_at is
  'When maintenance looks at it: for the next probe, or to send what was held.';
comment on column jobforge.destination_states.horizon is
  'After a resumption: once every transaction before it has ended, none holds another delivery.';
create index destination_states_tenant_idx on jobforge.destination_states (tenant_id);
create index destination_states_check_idx on jobforge.destination_states (check_at)
  where check_at is not null;
create index destination_states_paused_idx on jobforge.destination_states (paused_at)
  where paused_at is not null;

create function jobforge.subscribes(p_event_types jsonb, p_event_type text)
returns boolean
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select from jsonb_array_elements_text(p_event_types) as subscribed (type)
    where subscribed.type in ('*', p_event_type)
      or right(subscribed.type, 2) = '.*'
        and starts_with(p_event_type, left(subscribed.type, -1)))
$$;
comment on function jobforge.subscribes(jsonb, text) is
  'Whether one of the subscriptions takes an event type: the type itself, a prefix with .*, or *.';

create function jobforge.find_destination(p_tenant_id uuid, p_name text)
returns public.jobforge_connector_configs
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_config public.jobforge_connector_configs;
begin
  select * into v_config from public.jobforge_connector_configs
  where tenant_id = p_tenant_id and connector = 'connector.webhook.deliver' and name = p_name;
  if not found then
    perform jobforge.fail('not_found', format(
      'the tenant has no webhook destination %s', jobforge.quote(p_name)));
  end if;
  return v_config;
end
$$;
comment on function jobforge.find_destination(uuid, text) is
  'Returns a destination of a tenant. The caller has checked the tenant.';

create function jobforge.open_destination(p_tenant_id uuid, p_name text, p_even_paused boolean)
returns public.jobforge_connector_configs
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_config constant public.jobforge_connector_configs :=
    jobforge.find_destination(p_tenant_id, p_name);
begin
  if not v_config.enabled then
    perform jobforge.fail('wrong_state', format('the destination %s is disabled: %s',
      jobforge.quote(p_name), v_config.disabled_reason));
  elsif not p_even_paused and exists (
    select from jobforge.destination_states
    where destination_id = v_config.id and paused_at is not null)
  then
    perform jobforge.fail('wrong_state', format(
      'the destination %s is paused: resume it first', jobforge.quote(p_name)));
  end if;
  return v_config;
end
$$;
comment on function jobforge.open_destination(uuid, text, boolean) is
  'Returns a destination that is enabled, and not paused unless p_even_paused.';

-- supabase/schemas/75_destinations/01_deliveries.sql

-- Deliveries: a job for each message and destination, in one transaction.

create type jobforge.new_delivery as (
  destination_id uuid,
  destination text,
  message_id uuid,
  key text
);
comment on type jobforge.new_delivery is
  'A message to send to a destination. A key makes two callers at once send it once.';

create function jobforge.make_delivery_queue(p_tenant_id uuid)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (
    select from jobforge.queues as q where q.tenant_id = p_tenant_id and q.queue = 'webhooks')
    and jobforge.make_queue(p_tenant_id, 'webhooks')
  then
    -- Receivers that take long would hold every slot of the runs otherwise.
    update public.jobforge_queues set max_running = 10
    where jobforge_queues.tenant_id = p_tenant_id and jobforge_queues.queue = 'webhooks';
  end if;
end
$$;
comment on function jobforge.make_delivery_queue(uuid) is
  'Makes the queue webhooks of a tenant, for its deliveries, unless it exists.';

create function jobforge.send_deliveries(
  p_tenant_id uuid, p_deliveries jobforge.new_delivery[])
returns uuid[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_queue constant text := (
    select q.queue from jobforge.queues as q
    where q.tenant_id = p_tenant_id and q.queue = 'webhooks');
  v_job_ids uuid[];
begin
  if cardinality(p_deliveries) = 0 then
    return '{}';
  end if;
  with sent as (
    select delivery.destination_id, delivery.message_id, enqueued.job_id, enqueued.index
    from jobforge.enqueue(p_tenant_id, array(
        select row('connector.webhook.deliver', jsonb_build_object(
          'destination', listed.destination, 'message_id', listed.message_id), listed.key,
          case when listed.key is not null then 86400 end, null, null, null, v_queue, null, null
          )::jobforge.new_job
        from unnest(p_deliveries) with ordinality as listed
        order by listed.ordinality)) as enqueued
      join unnest(p_deliveries) with ordinality as delivery
        on delivery.ordinality = enqueued.index + 1
  ),
  recorded as (
    insert into jobforge.webhook_deliveries (tenant_id, destination_id, job_id, message_id)
    select p_tenant_id, sent.destination_id, sent.job_id, sent.message_id from sent
    on conflict (tenant_id, destination_id, job_id) do nothing
  )
  select array_agg(sent.job_id order by sent.index) into v_job_ids from sent;
  return v_job_ids;
end
$$;
comment on function jobforge.send_deliveries(uuid, jobforge.new_delivery[]) is
  'Enqueues a job for each delivery and returns their ids. All or none.';

create function jobforge.is_under_way(p_delivery jobforge.webhook_deliveries)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- A job that succeeded held the message or delivered it, even if its report was lost. A job that
  -- held it ends without a request.
  select p_delivery.delivered_at is not null or not p_delivery.held and exists (
    select from jobforge.jobs as j
    where j.tenant_id = p_delivery.tenant_id and j.id = p_delivery.job_id
      and (j.status is null or j.status = 'succeeded'))
$$;
comment on function jobforge.is_under_way(jobforge.webhook_deliveries) is
  'Whether a delivery arrived, or has a job that still sends it.';

create function jobforge.deliveries_again(
  p_config public.jobforge_connector_configs, p_message_ids uuid[])
returns jobforge.new_delivery[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(array_agg(row(p_config.id, p_config.name, missed.id,
    format('%s/%s/%s', p_config.id, missed.id, missed.sent))::jobforge.new_delivery
    order by missed.id), '{}')
  from (
    select message.id, count(delivery.job_id) as sent
    from jobforge.webhook_messages as message
    left join jobforge.webhook_deliveries as delivery
      on delivery.message_id = message.id and delivery.tenant_id = p_config.tenant_id
        and delivery.destination_id = p_config.id
    where message.tenant_id = p_config.tenant_id and message.id = any (p_message_ids)
    group by message.id
    having not coalesce(bool_or(jobforge.is_under_way(delivery)), false)
  ) as missed
$$;
comment on function jobforge.deliveries_again(public.jobforge_connector_configs, uuid[]) is
  'Returns deliveries of those messages that the destination did not get and that no job sends. '
  'Two callers at once get the same keys.';

-- supabase/schemas/75_destinations/check_destinations.sql

-- Check destinations: send what was held after a resumption, and keep a probe while paused.
--
-- A probe is a delivery that stays under way while all others are held. Its attempts are the usual
-- ones, at growing intervals. After five days without a success there is no further probe.

create function jobforge.send_held(
  p_state jobforge.destination_states, p_config public.jobforge_connector_configs, p_limit int)
returns table (held int, job_ids uuid[])
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_message_ids uuid[];
begin
  with taken as materialized (
    select waiting.ctid, waiting.message_id from jobforge.webhook_deliveries as waiting
    where waiting.tenant_id = p_state.tenant_id
      and waiting.destination_id = p_state.destination_id
      and waiting.held and not waiting.resent
    order by waiting.job_id
    limit p_limit
    for no key update skip locked
  ),
  written as (
    update jobforge.webhook_deliveries set resent = true
    from taken where webhook_deliveries.ctid = taken.ctid
  )
  select coalesce(array_agg(taken.message_id), '{}') into v_message_ids from taken;
  held := cardinality(v_message_ids);
  job_ids := jobforge.send_deliveries(
    p_state.tenant_id, jobforge.deliveries_again(p_config, v_message_ids));
  return next;
end
$$;
comment on function jobforge.send_held(
  jobforge.destination_states, public.jobforge_connector_configs, int) is
  'Sends up to p_limit held messages, oldest first. Returns how many were held, and the jobs.';

create function jobforge.send_what_fits(
  p_state jobforge.destination_states, p_config public.jobforge_connector_configs, p_limit int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_detail text;
  v_hint text;
  v_free int;
begin
  return (select sent.held from jobforge.send_held(p_state, p_config, p_limit) as sent);
exception when others then
  get stacked diagnostics v_detail = pg_exception_detail, v_hint = pg_exception_hint;
  v_free := case when v_detail = 'queue_full' then (v_hint::jsonb ->> 'remaining')::int end;
  if coalesce(v_free, 0) = 0 then
    raise;
  end if;
  -- Fewer than p_limit, which the queue refused.
  return jobforge.send_what_fits(p_state, p_config, least(v_free, p_limit - 1));
end
$$;
comment on function jobforge.send_what_fits(
  jobforge.destination_states, public.jobforge_connector_configs, int) is
  'Sends up to p_limit held messages, oldest first, and fewer where the queue takes fewer. Returns '
  'how many. A queue that takes none raises queue_full.';

create function jobforge.hold_ended_probe(p_state jobforge.destination_states)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (
    select from jobforge.jobs as j
    where j.tenant_id = p_state.tenant_id and j.id = p_state.probe_job_id and j.status is null)
  then
    return false;
  end if;
  update jobforge.webhook_deliveries set held = true
  where tenant_id = p_state.tenant_id and destination_id = p_state.destination_id
    and job_id = p_state.probe_job_id and delivered_at is null;
  return true;
end
$$;
comment on function jobforge.hold_ended_probe(jobforge.destination_states) is
  'Returns whether no probe is under way. The message of one that ended is held like the others.';

create function jobforge.check_destination(p_state jobforge.destination_states, p_now timestamptz)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_state jobforge.destination_states := p_state;
  v_config public.jobforge_connector_configs;
  v_held int := 0;
  v_job_ids uuid[];
begin
  select * into v_config from public.jobforge_connector_configs
  where tenant_id = p_state.tenant_id and id = p_state.destination_id;
  v_state.check_at := p_now;
  if p_state.paused_at is null then
    v_held := jobforge.send_what_fits(p_state, v_config, 500);
    if v_held < 500 and p_state.horizon is null then
      -- This snapshot sees the resumption. A transaction that holds a delivery without having seen
      -- it has a smaller number.
      v_state.horizon := pg_snapshot_xmax(pg_current_snapshot());
    elsif v_held = 0
      and not jobforge.is_open_before(p_state.horizon, pg_current_snapshot())
    then
      v_state.check_at := null;
      v_state.horizon := null;
    end if;
  elsif not jobforge.hold_ended_probe(p_state) then
    v_state.check_at := p_now + interval '5 minutes';
  elsif p_now >= p_state.failing_since + interval '5 days' then
    v_state.probe_job_id := null;
    v_state.check_at := null;
    v_state.paused_reason := p_state.paused_reason || '. Nothing arrived in five days';
  else
    select sent.held, sent.job_ids into v_held, v_job_ids
    from jobforge.send_held(p_state, v_config, 1) as sent;
    v_state.probe_job_id := v_job_ids[1];
    if v_held = 0 or v_state.probe_job_id is not null then
      v_state.check_at := p_now + interval '5 minutes';
    end if;
  end if;
  perform jobforge.change_state(v_state, v_config.name, null);
  return v_held;
end
$$;
comment on function jobforge.check_destination(jobforge.destination_states, timestamptz) is
  'Sends what was held for a resumed destination, or gives a paused one its next probe. Returns '
  'how many messages were held.';

create function jobforge.check_destinations(p_now timestamptz)
returns jobforge.task_result
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '100ms'
as $$
declare
  v_until constant timestamptz := clock_timestamp() + interval '1 second';
  v_state jobforge.destination_states;
  v_result jobforge.task_result := row(0, false, null);
  v_detail text;
  v_waits boolean;
begin
  for v_state in
    select * from jobforge.destination_states where check_at <= p_now
    order by check_at
    limit 100
    for no key update skip locked
  loop
    exit when clock_timestamp() > v_until;
    begin
      v_result.row_count := v_result.row_count + jobforge.check_destination(v_state, p_now);
    exception when others then
      get stacked diagnostics v_detail = pg_exception_detail;
      -- A full queue, or a lock of this tenant, ends without an operator.
      v_waits := v_detail = 'queue_full' or sqlstate in ('55P03', '40P01');
      if not v_waits then
        v_result.error := coalesce(v_result.error, format('destination %s: %s',
          v_state.destination_id, jobforge.short_error(sqlstate, sqlerrm)));
      end if;
      -- Each turn tries the others again, so the task fails for as long as they do.
      update jobforge.destination_states
      set check_at = p_now + case when v_waits then interval '1 minute' else '0' end
      where destination_id = v_state.destination_id;
    end;
  end loop;
  v_result.more := v_result.row_count >= 500;
  return v_result;
end
$$;
comment on function jobforge.check_destinations(timestamptz) is
  'Checks destinations that are due, for a second. Returns how many messages were held, and the '
  'first error, which stops no other destination.';

-- supabase/schemas/75_destinations/configure_destination.sql

-- Configure a webhook destination: create it, change its settings, pause it or resume it.
--
-- The rules are those of configure_connector. Users need the operator's permission.

create function jobforge.require_destination_manager()
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if not jobforge.is_service() and not (
    select users_manage_destinations from jobforge.settings)
  then
    perform jobforge.fail('forbidden', 'only services manage webhook destinations here: an '
      'operator can allow users by jobforge_configure_publishing');
  end if;
end
$$;
comment on function jobforge.require_destination_manager() is
  'Raises forbidden for users unless an operator allowed them to manage destinations.';

create function jobforge.refuse_unknown_secret(p_tenant_id uuid, p_name text)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (
    select from jobforge.active_secrets(p_tenant_id, p_name, jobforge.clock()))
  then
    perform jobforge.fail('not_found', format(
      'p_settings.secret: the tenant has no secret %s: store it by jobforge_set_secret',
      jobforge.quote(p_name)));
  end if;
end
$$;
comment on function jobforge.refuse_unknown_secret(uuid, text) is
  'Raises not_found unless the tenant has an active secret of this name in Vault.';

create function jobforge.save_destination(p_tenant_id uuid, p_name text, p_settings jsonb)
returns uuid
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_before public.jobforge_connector_configs;
begin
  -- The lock comes before the row, as in configure_connector.
  perform jobforge.lock_secrets_of(p_tenant_id);
  select * into v_before from public.jobforge_connector_configs
  where tenant_id = p_tenant_id and connector = 'connector.webhook.deliver' and name = p_name
  for no key update;
  if p_settings ? 'secret' then
    if jsonb_typeof(p_settings -> 'secret') <> 'string' then
      perform jobforge.fail('invalid_argument', 'p_settings.secret must be the name of a secret');
    end if;
    perform jobforge.refuse_unknown_secret(p_tenant_id, p_settings ->> 'secret');
    v_before.secret_refs := array['vault:' || (p_settings ->> 'secret')];
  elsif v_before.secret_refs is null then
    perform jobforge.fail('invalid_argument', 'p_settings of a new destination must have the key '
      'secret: the name of a secret from jobforge_set_secret');
  end if;
  return jobforge.save_connector(p_tenant_id, 'connector.webhook.deliver', p_name,
    jsonb_strip_nulls(coalesce(v_before.config, '{}') || (p_settings - '{secret,paused}'::text[])),
    v_before.secret_refs, coalesce(v_before.enabled, true));
end
$$;
comment on function jobforge.save_destination(uuid, text, jsonb) is
  'Creates a destination or changes its settings. Settings that p_settings omits stay, and null '
  'removes one. Returns its id.';

create function jobforge.pause_by_hand(
  p_config public.jobforge_connector_configs, p_paused boolean)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_state jobforge.destination_states;
begin
  select * into v_state from jobforge.destination_states where destination_id = p_config.id
  for no key update;
  if not p_paused and v_state.paused_at is not null then
    perform jobforge.change_state(
      jobforge.resumed(v_state, v_now), p_config.name, 'by hand');
  elsif p_paused and v_state.paused_by is distinct from 'hand' then
    v_state.paused_at := v_now;
    v_state.paused_by := 'hand';
    v_state.paused_reason := 'paused by hand';
    v_state.probe_job_id := null;
    v_state.check_at := null;
    v_state.horizon := null;
    perform jobforge.change_state(v_state, p_config.name, 'by hand');
  end if;
end
$$;
comment on function jobforge.pause_by_hand(public.jobforge_connector_configs, boolean) is
  'Pauses a destination until it is resumed by hand, or resumes it.';

create function jobforge.configure_destination(p_tenant_id uuid, p_name text, p_settings jsonb)
returns uuid
language plpgsql
security definer -- writes configurations: bounded by the caller's tenant, if users may
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
declare
  v_tenant_id constant uuid := jobforge.callers_tenant(p_tenant_id);
  v_known constant text[] := '{url,event_types,headers,timeout_ms,secret,paused}';
  v_unknown text;
begin
  perform jobforge.require_destination_manager();
  if jobforge.jsonb_fits(p_settings, 65536) is not true or jsonb_typeof(p_settings) <> 'object' then
    perform jobforge.fail('invalid_argument',
      'p_settings must be an object of at most 65536 bytes');
  end if;
  select min(setting) into v_unknown
  from jsonb_object_keys(p_settings) as setting where setting <> all (v_known);
  if v_unknown is not null then
    perform jobforge.fail('invalid_argument', format('p_settings: unknown setting %s; there are %s',
      jobforge.quote(v_unknown), array_to_string(v_known, ', ')));
  elsif p_settings ? 'paused' and jsonb_typeof(p_settings -> 'paused') <> 'boolean' then
    perform jobforge.fail('invalid_argument', 'p_settings.paused must be true or false');
  end if;
  if p_settings - 'paused' <> '{}' then
    perform jobforge.save_destination(v_tenant_id, p_name, p_settings);
  end if;
  if p_settings ? 'paused' then
    perform jobforge.pause_by_hand(
      jobforge.find_destination(v_tenant_id, p_name), (p_settings ->> 'paused')::boolean);
  end if;
  return (jobforge.find_destination(v_tenant_id, p_name)).id;
exception when lock_not_available then
  perform jobforge.fail('busy',
    'another transaction is changing the destinations of the tenant: try again');
end
$$;
comment on function jobforge.configure_destination(uuid, text, jsonb) is
  'Users: creates a webhook destination, changes its settings, pauses or resumes it. Users need '
  'the permission of jobforge_configure_publishing.';

create function public.jobforge_configure_destination(
  p_tenant_id uuid default null, p_name text default null, p_settings jsonb default '{}')
returns uuid
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select jobforge.configure_destination(p_tenant_id, p_name, p_settings) $$;
comment on function public.jobforge_configure_destination(uuid, text, jsonb) is
  'Users: creates a webhook destination, changes its settings, pauses or resumes it. Returns its '
  'id.';

-- supabase/schemas/75_destinations/configure_publishing.sql

-- Configure publishing: who manages destinations, and for how long messages are kept.

create function jobforge.configure_publishing(p_settings jsonb)
returns jsonb
language plpgsql
security definer -- writes settings
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
declare
  v_schema constant jsonb := '{"type": "object", "required": [], "keys": {
    "users_manage_destinations": {"type": "boolean"},
    "retention_days": {"type": "number", "min": 7, "max": 3650}}}';
  v_problem text;
  v_before jsonb;
  v_after jsonb;
begin
  perform jobforge.require_service();
  v_problem := case when jobforge.jsonb_fits(p_settings, 4096) is not true
    then 'p_settings must be an object of at most 4096 bytes'
    else jobforge.validation_error('p_settings', p_settings, v_schema) end;
  if v_problem is not null then
    perform jobforge.fail('invalid_argument', v_problem);
  end if;
  select jsonb_build_object('users_manage_destinations', settings.users_manage_destinations,
    'retention_days', settings.retention_messages_days) into v_before
  from jobforge.settings for no key update;
  v_after := v_before || p_settings;
  update jobforge.settings
  set users_manage_destinations = (v_after ->> 'users_manage_destinations')::boolean,
    retention_messages_days = (v_after ->> 'retention_days')::numeric
  where settings.id;
  perform jobforge.audit_change('configure_publishing', null, null, v_before, v_after);
  return v_after;
exception when lock_not_available then
  perform jobforge.fail('busy', 'another transaction is changing these settings: try again');
  return null;
end
$$;
comment on function jobforge.configure_publishing(jsonb) is
  'Operators: sets whether users manage the destinations of their tenant, and for how many days '
  'messages are kept. Returns all these settings.';

create function public.jobforge_configure_publishing(p_settings jsonb)
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select jobforge.configure_publishing(p_settings) $$;
comment on function public.jobforge_configure_publishing(jsonb) is
  'Operators: sets whether users manage webhook destinations, and for how many days messages are '
  'kept.';

-- supabase/schemas/75_destinations/delete_destination.sql

-- Delete a webhook destination.

create function jobforge.revoke_unused_secrets(p_config public.jobforge_connector_configs)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_name text;
begin
  for v_name in
    select substr(named.ref, length('vault:') + 1) from unnest(p_config.secret_refs) as named (ref)
    where named.ref like 'vault:%' and not exists (
      select from public.jobforge_connector_configs
      where tenant_id = p_config.tenant_id and secret_refs @> array[named.ref])
  loop
    if exists (
      select from jobforge.active_secrets(p_config.tenant_id, v_name, jobforge.clock()))
    then
      perform jobforge.revoke_secret(p_config.tenant_id, v_name, null);
    end if;
  end loop;
end
$$;
comment on function jobforge.revoke_unused_secrets(public.jobforge_connector_configs) is
  'Deletes the secrets of a configuration that was deleted, unless another one names them.';

create function jobforge.delete_destination(p_tenant_id uuid, p_name text)
returns void
language plpgsql
security definer -- writes configurations: bounded by the caller's tenant, if users may
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
declare
  v_tenant_id constant uuid := jobforge.callers_tenant(p_tenant_id);
  v_config public.jobforge_connector_configs;
begin
  perform jobforge.require_destination_manager();
  -- No other call names the secret meanwhile, so it is revoked only where no destination needs it.
  perform jobforge.lock_secrets_of(v_tenant_id);
  v_config := jobforge.find_destination(v_tenant_id, p_name);
  delete from public.jobforge_connector_configs where id = v_config.id;
  if not found then
    -- An operator deleted it meanwhile.
    v_config := jobforge.find_destination(v_tenant_id, p_name);
  end if;
  perform jobforge.audit_connector('delete_connector', v_config, null);
  perform jobforge.revoke_unused_secrets(v_config);
exception when lock_not_available then
  perform jobforge.fail('busy',
    'another transaction is changing the destinations of the tenant: try again');
end
$$;
comment on function jobforge.delete_destination(uuid, text) is
  'Users: deletes a webhook destination and its secret. Messages on the way to it are not sent. A '
  'job with data of its own goes to the next destination of that name.';

create function public.jobforge_delete_destination(
  p_tenant_id uuid default null, p_name text default null)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select jobforge.delete_destination(p_tenant_id, p_name) $$;
comment on function public.jobforge_delete_destination(uuid, text) is
  'Users: deletes a webhook destination and its secret. Messages on the way to it are not sent. A '
  'job with data of its own goes to the next destination of that name.';

-- supabase/schemas/75_destinations/list_deliveries.sql

-- List the deliveries of a destination, newest first.

create function jobforge.list_deliveries(
  p_tenant_id uuid, p_destination text, p_before uuid, p_limit int)
returns table (job_id uuid, message_id uuid, event_type text, event_id text, test boolean,
  status text, attempts int, response_status int, error text, created_at timestamptz,
  last_attempt_at timestamptz, next_attempt_at timestamptz, delivered_at timestamptz)
language plpgsql stable
security definer -- reads deliveries: bounded by the caller's tenant
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant_id constant uuid := jobforge.callers_tenant(p_tenant_id);
  v_config public.jobforge_connector_configs;
begin
  if p_limit is null or p_limit not between 1 and 100 then
    perform jobforge.fail('invalid_argument', 'p_limit must be from 1 to 100');
  end if;
  v_config := jobforge.find_destination(v_tenant_id, p_destination);
  return query
  select page.job_id, page.message_id, message.event_type, message.event_id, message.test,
    case
      when page.delivered_at is not null then 'delivered'
      when page.held then case when page.resent then 'resent' else 'held' end
      when job.status = 'succeeded' then 'delivered'
      when job.status in ('queued', 'scheduled', 'running') then 'pending'
      when job.status = 'canceled' then 'canceled'
      else 'failed'
    end,
    page.attempts, page.response_status, page.error, message.created_at, page.last_attempt_at,
    case when job.status in ('queued', 'scheduled') then job.run_at end, page.delivered_at
  from (
    select * from jobforge.webhook_deliveries as delivery
    where delivery.tenant_id = v_tenant_id and delivery.destination_id = v_config.id
      and (p_before is null or delivery.job_id < p_before)
    order by delivery.job_id desc
    limit p_limit
  ) as page
  left join jobforge.webhook_messages as message
    on message.tenant_id = v_tenant_id and message.id = page.message_id
  left join lateral (
    select jobforge_jobs.status, jobforge_jobs.run_at from public.jobforge_jobs
    where jobforge_jobs.tenant_id = v_tenant_id and jobforge_jobs.id = page.job_id) as job on true
  order by page.job_id desc;
end
$$;
comment on function jobforge.list_deliveries(uuid, text, uuid, int) is
  'Users: returns deliveries of a destination, newest first. p_before is the last job_id of the '
  'page before.';

create function public.jobforge_list_deliveries(p_tenant_id uuid default null,
  p_destination text default null, p_before uuid default null, p_limit int default 50)
returns table (job_id uuid, message_id uuid, event_type text, event_id text, test boolean,
  status text, attempts int, response_status int, error text, created_at timestamptz,
  last_attempt_at timestamptz, next_attempt_at timestamptz, delivered_at timestamptz)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select * from jobforge.list_deliveries(p_tenant_id, p_destination, p_before, p_limit)
$$;
comment on function public.jobforge_list_deliveries(uuid, text, uuid, int) is
  'Users: returns the deliveries of a webhook destination, newest first, with their status.';

-- supabase/schemas/75_destinations/list_destinations.sql

-- List destinations: their subscriptions, their state, and the versions of their secrets.

create function jobforge.secret_versions(
  p_config public.jobforge_connector_configs, p_now timestamptz)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- Only versions and times: a tenant reads no reference and no value.
  select coalesce(jsonb_agg(jsonb_build_object('version', secrets.version,
    'created_at', secrets.created_at, 'expires_at', secrets.expires_at)
    order by named.ordinality, secrets.version desc), '[]')
  from unnest(p_config.secret_refs) with ordinality as named (ref, ordinality)
  left join jobforge.secrets
    on secrets.tenant_id = p_config.tenant_id and 'vault:' || secrets.name = named.ref
      and secrets.vault_id is not null
      and (secrets.expires_at is null or secrets.expires_at > p_now)
$$;
comment on function jobforge.secret_versions(public.jobforge_connector_configs, timestamptz) is
  'Returns the versions that sign for a destination, newest first, and until when. A secret '
  'without a version is of the worker''s environment, or all its versions ended.';

create function jobforge.list_destinations(p_tenant_id uuid)
returns table (id uuid, name text, url text, event_types jsonb, status text, reason text,
  paused_at timestamptz, failures int, failing_since timestamptz, secrets jsonb,
  created_at timestamptz, updated_at timestamptz)
language plpgsql stable
security definer -- reads states and the times of secrets: bounded by the caller's tenant
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant_id constant uuid := jobforge.callers_tenant(p_tenant_id);
  v_now constant timestamptz := jobforge.clock();
begin
  return query
  select destination.id, destination.name, destination.config ->> 'url',
    coalesce(destination.config -> 'event_types', '[]'),
    case when not destination.enabled then 'disabled' when state.paused_at is not null then 'paused'
      when state.failures > 0 then 'failing' else 'active' end,
    coalesce(destination.disabled_reason, state.paused_reason), state.paused_at,
    coalesce(state.failures, 0), state.failing_since, jobforge.secret_versions(destination, v_now),
    destination.created_at, destination.updated_at
  from public.jobforge_connector_configs as destination
  left join jobforge.destination_states as state on state.destination_id = destination.id
  where destination.tenant_id = v_tenant_id and destination.connector = 'connector.webhook.deliver'
  order by destination.name;
end
$$;
comment on function jobforge.list_destinations(uuid) is
  'Users: returns the webhook destinations of a tenant, with why one is paused.';

create function public.jobforge_list_destinations(p_tenant_id uuid default null)
returns table (id uuid, name text, url text, event_types jsonb, status text, reason text,
  paused_at timestamptz, failures int, failing_since timestamptz, secrets jsonb,
  created_at timestamptz, updated_at timestamptz)
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select * from jobforge.list_destinations(p_tenant_id) $$;
comment on function public.jobforge_list_destinations(uuid) is
  'Users: returns webhook destinations with their subscriptions, state and versions of secrets.';

-- supabase/schemas/75_destinations/open_delivery.sql

-- Open a delivery: its destination with the secrets, and its message, for the worker.

create function jobforge.lock_delivery(p_tenant_id uuid, p_destination_id uuid, p_job_id uuid)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- An erasure, which no worker waits for, may hold the row.
  perform from jobforge.webhook_deliveries
  where tenant_id = p_tenant_id and destination_id = p_destination_id and job_id = p_job_id
  for no key update skip locked;
  return found;
end
$$;
comment on function jobforge.lock_delivery(uuid, uuid, uuid) is
  'Locks the row of a job that delivers a message. False when there is none, or it is held.';

create function jobforge.hold_if_paused(
  p_tenant_id uuid, p_destination_id uuid, p_job_id uuid, p_message_id uuid)
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_state jobforge.destination_states;
begin
  select * into v_state from jobforge.destination_states where destination_id = p_destination_id;
  if v_state.paused_at is null or v_state.probe_job_id = p_job_id or exists (
    select from jobforge.webhook_messages
    where tenant_id = p_tenant_id and id = p_message_id and test)
  then
    return null;
  end if;
  -- The transaction has its number before it looks again. So what is held after a resumption is
  -- waited for. See check_destinations.sql.
  if pg_current_xact_id() is not null then
    select * into v_state from jobforge.destination_states where destination_id = p_destination_id;
  end if;
  if v_state.paused_at is null then
    return null;
  end if;
  if jobforge.lock_delivery(p_tenant_id, p_destination_id, p_job_id) then
    update jobforge.webhook_deliveries set held = true
    where tenant_id = p_tenant_id and destination_id = p_destination_id and job_id = p_job_id
      and delivered_at is null;
  end if;
  return v_state.paused_by;
end
$$;
comment on function jobforge.hold_if_paused(uuid, uuid, uuid, uuid) is
  'Returns by what the destination is paused, after it held the delivery, or null when the job may '
  'call it: a test event and the probe of the breaker always may.';

create function jobforge.ended_delivery(p_tenant_id uuid, p_destination_id uuid, p_job_id uuid)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- The run of this job was lost after it held the message. What is sent here is not sent again.
  if exists (
    select from jobforge.webhook_deliveries
    where tenant_id = p_tenant_id and destination_id = p_destination_id and job_id = p_job_id
      and held and not resent)
    and jobforge.lock_delivery(p_tenant_id, p_destination_id, p_job_id)
  then
    update jobforge.webhook_deliveries set held = false
    where tenant_id = p_tenant_id and destination_id = p_destination_id and job_id = p_job_id
      and not resent;
  end if;
  return (
    select jsonb_build_object('status', case when delivered_at is not null then response_status end)
    from jobforge.webhook_deliveries
    where tenant_id = p_tenant_id and destination_id = p_destination_id and job_id = p_job_id
      and (delivered_at is not null or resent));
end
$$;
comment on function jobforge.ended_delivery(uuid, uuid, uuid) is
  'Returns the last status of a delivery that arrived, or no status when another job sends its '
  'message. Null when the job has to send it, and then it is held no more.';

create function jobforge.open_delivery(
  p_tenant_id uuid, p_destination text, p_job_id uuid, p_message_id uuid)
returns jsonb
language plpgsql volatile
security definer -- workers: reads configurations, messages and Vault
set search_path = pg_catalog, pg_temp
as $$
declare
  v_opened jsonb;
  v_id uuid;
  v_paused text;
  v_ended jsonb;
begin
  perform jobforge.require_service();
  if p_job_id is null then
    perform jobforge.fail('invalid_argument', 'p_job_id is missing');
  end if;
  v_opened := jobforge.open_connector(
    p_tenant_id, 'connector.webhook.deliver', p_destination, null)::jsonb;
  v_id := v_opened ->> 'id';
  if (v_opened -> 'enabled')::boolean then
    v_paused := jobforge.hold_if_paused(p_tenant_id, v_id, p_job_id, p_message_id);
    if v_paused is null then
      v_ended := jobforge.ended_delivery(p_tenant_id, v_id, p_job_id);
    end if;
  end if;
  return v_opened || jsonb_build_object('paused', v_paused, 'ended', v_ended, 'message', (
      -- Only of a delivery to this destination, not to one of the same name before it.
      select jsonb_build_object('type', message.event_type, 'created_at', message.created_at,
        'data', message.data)
      from jobforge.webhook_messages as message
      where message.tenant_id = p_tenant_id and message.id = p_message_id and exists (
        select from jobforge.webhook_deliveries
        where tenant_id = p_tenant_id and destination_id = v_id and job_id = p_job_id
          and message_id = p_message_id)))
    || case when coalesce(v_paused, v_ended::text) is not null then '{"secrets": []}'
      else '{}' end::jsonb;
end
$$;
comment on function jobforge.open_delivery(uuid, text, uuid, uuid) is
  'Workers: returns a destination with its secrets and the message of a delivery. Holds the '
  'delivery while the destination is paused. A job whose message arrived, or that another job '
  'sends, has ended and gets no secrets.';

create function public.jobforge_open_delivery(
  p_tenant_id uuid, p_destination text, p_job_id uuid, p_message_id uuid default null)
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select jobforge.open_delivery(p_tenant_id, p_destination, p_job_id, p_message_id) $$;
comment on function public.jobforge_open_delivery(uuid, text, uuid, uuid) is
  'Workers: returns a webhook destination with its secrets and the message of a delivery.';

-- supabase/schemas/75_destinations/prune_messages.sql

-- Prune messages and deliveries after the days of jobforge_configure_publishing.

create function jobforge.prune_messages(p_now timestamptz, p_limit int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_first_kept constant uuid := jobforge.first_id_at(p_now - make_interval(
    days => (select settings.retention_messages_days from jobforge.settings)));
  v_deliveries int;
  v_messages int;
begin
  -- IDs of messages sort by time. Deliveries go first, so that few are without their message.
  delete from jobforge.webhook_deliveries
  where webhook_deliveries.ctid = any (array(
    select expired.ctid from jobforge.webhook_deliveries as expired
    where expired.message_id < v_first_kept
    order by expired.message_id
    limit p_limit
    for update skip locked));
  get diagnostics v_deliveries = row_count;
  delete from jobforge.webhook_messages
  where webhook_messages.ctid = any (array(
    select expired.ctid from jobforge.webhook_messages as expired
    where expired.id < v_first_kept
    order by expired.id
    limit p_limit
    for update skip locked));
  get diagnostics v_messages = row_count;
  return greatest(v_deliveries, v_messages);
end
$$;
comment on function jobforge.prune_messages(timestamptz, int) is
  'Deletes messages and their deliveries that were published before the days of retention.';

-- supabase/schemas/75_destinations/publish.sql

-- Publish a message: store it and enqueue its deliveries, in the caller's transaction.

create function jobforge.add_message(
  p_tenant_id uuid, p_event_type text, p_data jsonb, p_event_id text, p_test boolean)
returns jobforge.webhook_messages
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_message jobforge.webhook_messages;
begin
  if p_event_type is null or length(p_event_type) > 128
    or p_event_type !~ jobforge.event_type_pattern()
  then
    perform jobforge.fail('invalid_argument', 'p_event_type must be up to 128 letters, digits, '
      '_ or -, with single dots between, such as order.paid');
  elsif p_data is null then
    perform jobforge.fail('invalid_argument', 'p_data must be JSON');
  elsif not jobforge.jsonb_fits(p_data, 262144) then
    perform jobforge.fail('payload_too_large',
      'p_data must be at most 262144 bytes of text, nested less than 32 deep');
  elsif length(p_event_id) not between 1 and 200 then
    perform jobforge.fail('invalid_argument', 'p_event_id must have 1 to 200 characters');
  end if;
  perform jobforge.refuse_erased(p_tenant_id);
  insert into jobforge.webhook_messages
    (tenant_id, id, event_type, data, event_id, test, created_at)
  values (p_tenant_id, (jobforge.id_prefix(v_now) || to_hex(32768 + (random() * 16383)::int)
    || right(gen_random_uuid()::text, 12))::uuid, p_event_type, p_data, p_event_id, p_test, v_now)
  on conflict (tenant_id, event_id) do nothing
  returning * into v_message;
  return v_message;
end
$$;
comment on function jobforge.add_message(uuid, text, jsonb, text, boolean) is
  'Stores a message and returns it, or null when its event ID was published before.';

create function jobforge.publish(
  p_tenant_id uuid, p_event_type text, p_data jsonb, p_event_id text)
returns table (message_id uuid, duplicate boolean, deliveries int)
language plpgsql
security definer -- writes messages and jobs: bounded by the caller's tenant
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s' -- the same event ID in a transaction that is still open
as $$
declare
  v_tenant_id constant uuid := jobforge.callers_tenant(p_tenant_id);
  v_message jobforge.webhook_messages;
begin
  v_message := jobforge.add_message(v_tenant_id, p_event_type, p_data, p_event_id, false);
  duplicate := v_message.id is null;
  if duplicate then
    select published.* into v_message from jobforge.webhook_messages as published
    where published.tenant_id = v_tenant_id and published.event_id = p_event_id;
    if (v_message.event_type, v_message.data) is distinct from (p_event_type, p_data) then
      perform jobforge.fail('idempotency_mismatch',
        'p_event_id was published with another event type or other data');
    end if;
    select count(*) into deliveries from jobforge.webhook_deliveries as sent
    where sent.message_id = v_message.id and sent.tenant_id = v_tenant_id;
  else
    deliveries := cardinality(jobforge.send_deliveries(v_tenant_id, array(
      select row(destination.id, destination.name, v_message.id, null)::jobforge.new_delivery
      from public.jobforge_connector_configs as destination
      where destination.tenant_id = v_tenant_id
        and destination.connector = 'connector.webhook.deliver' and destination.enabled
        and jobforge.subscribes(destination.config -> 'event_types', p_event_type)
      order by destination.name)));
  end if;
  message_id := v_message.id;
  return next;
exception when lock_not_available then
  perform jobforge.fail('busy',
    'a transaction with the same p_event_id is still open: try again after it has ended');
end
$$;
comment on function jobforge.publish(uuid, text, jsonb, text) is
  'Users: sends a message to every destination of the caller''s tenant that subscribed to its '
  'type. Returns the first message again for the same event ID.';

create function public.jobforge_publish(p_tenant_id uuid default null,
  p_event_type text default null, p_data jsonb default '{}', p_event_id text default null)
returns table (message_id uuid, duplicate boolean, deliveries int)
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select * from jobforge.publish(p_tenant_id, p_event_type, p_data, p_event_id) $$;
comment on function public.jobforge_publish(uuid, text, jsonb, text) is
  'Users: sends a message to the destinations that subscribed to its event type.';

-- supabase/schemas/75_destinations/recover_deliveries.sql

-- Recover deliveries: send what a destination missed since a time, page by page.

create function jobforge.recover_deliveries(
  p_tenant_id uuid, p_destination text, p_since timestamptz, p_after uuid, p_limit int)
returns table (sent int, next uuid)
language plpgsql
security definer -- writes jobs: bounded by the caller's tenant
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant_id constant uuid := jobforge.callers_tenant(p_tenant_id);
  v_config public.jobforge_connector_configs;
  v_read uuid[];
  v_missed uuid[];
begin
  if p_since is null or p_since < '2000-01-01' or p_since > jobforge.clock() then
    perform jobforge.fail('invalid_argument', 'p_since must be a time in the past');
  elsif p_limit is null or p_limit not between 1 and 1000 then
    perform jobforge.fail('invalid_argument', 'p_limit must be from 1 to 1000');
  end if;
  v_config := jobforge.open_destination(v_tenant_id, p_destination, false);
  select array_agg(page.id order by page.id), array_agg(page.id) filter (
    where not page.test and jobforge.subscribes(v_config.config -> 'event_types', page.event_type))
  into v_read, v_missed
  from (
    select message.id, message.event_type, message.test from jobforge.webhook_messages as message
    where message.tenant_id = v_tenant_id
      and message.id >= jobforge.first_id_at(p_since)
      and message.id > coalesce(p_after, '00000000-0000-0000-0000-000000000000')
    order by message.id
    limit p_limit
  ) as page;
  sent := cardinality(jobforge.send_deliveries(
    v_tenant_id, jobforge.deliveries_again(v_config, v_missed)));
  if cardinality(v_read) = p_limit then
    next := v_read[p_limit];
  end if;
  if sent > 0 then
    perform jobforge.audit('recover_deliveries', v_tenant_id, p_destination,
      jsonb_build_object('since', p_since, 'sent', sent));
  end if;
  return next;
end
$$;
comment on function jobforge.recover_deliveries(uuid, text, timestamptz, uuid, int) is
  'Users: sends the messages since a time that a destination subscribed to and did not get. Reads '
  'p_limit messages and returns the one to go on after. A message that is being sent is left out.';

create function public.jobforge_recover_deliveries(p_tenant_id uuid default null,
  p_destination text default null, p_since timestamptz default null, p_after uuid default null,
  p_limit int default 500)
returns table (sent int, next uuid)
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '5s'
as $$
  select * from jobforge.recover_deliveries(p_tenant_id, p_destination, p_since, p_after, p_limit)
$$;
comment on function public.jobforge_recover_deliveries(uuid, text, timestamptz, uuid, int) is
  'Users: sends what a webhook destination missed since a time, a page of messages a call.';

-- supabase/schemas/75_destinations/redeliver.sql

-- Send a message to a destination again.

create function jobforge.redeliver(p_tenant_id uuid, p_destination text, p_message_id uuid)
returns table (job_id uuid, duplicate boolean)
language plpgsql
security definer -- writes a job: bounded by the caller's tenant
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant_id constant uuid := jobforge.callers_tenant(p_tenant_id);
  v_config constant public.jobforge_connector_configs :=
    jobforge.open_destination(v_tenant_id, p_destination, false);
  v_sent bigint;
begin
  if not exists (
    select from jobforge.webhook_messages as message
    where message.tenant_id = v_tenant_id and message.id = p_message_id)
  then
    perform jobforge.fail('not_found', 'the tenant has no such message, or it was deleted');
  end if;
  select count(*), (array_agg(sent.job_id) filter (
    where sent.delivered_at is null and jobforge.is_under_way(sent)))[1]
  into v_sent, job_id
  from jobforge.webhook_deliveries as sent
  where sent.message_id = p_message_id and sent.tenant_id = v_tenant_id
    and sent.destination_id = v_config.id;
  duplicate := job_id is not null;
  if not duplicate then
    job_id := (jobforge.send_deliveries(v_tenant_id, array[row(v_config.id, v_config.name,
      p_message_id, format('%s/%s/%s', v_config.id, p_message_id, v_sent)
      )::jobforge.new_delivery]))[1];
    perform jobforge.audit('redeliver', v_tenant_id, p_destination,
      jsonb_build_object('message_id', p_message_id));
  end if;
  return next;
end
$$;
comment on function jobforge.redeliver(uuid, text, uuid) is
  'Users: sends a message to a destination again, under its first webhook-id. Returns the job '
  'that still sends it, if there is one.';

create function public.jobforge_redeliver(p_tenant_id uuid default null,
  p_destination text default null, p_message_id uuid default null)
returns table (job_id uuid, duplicate boolean)
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select * from jobforge.redeliver(p_tenant_id, p_destination, p_message_id) $$;
comment on function public.jobforge_redeliver(uuid, text, uuid) is
  'Users: sends a message to a webhook destination again, under its first webhook-id.';

-- supabase/schemas/75_destinations/report_delivery.sql

-- Report an attempt of a delivery: its response, and what it means for the destination.
--
-- The breaker pauses a destination after ten failures in a row within an hour or more. A receiver
-- that answers 410 is paused at once. A success ends both, but no pause by hand.

create function jobforge.change_state(
  p_state jobforge.destination_states, p_name text, p_reason text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  update jobforge.destination_states
  set failures = p_state.failures, failing_since = p_state.failing_since,
    paused_at = p_state.paused_at, paused_by = p_state.paused_by,
    paused_reason = p_state.paused_reason, probe_job_id = p_state.probe_job_id,
    check_at = p_state.check_at, horizon = p_state.horizon
  where destination_id = p_state.destination_id;
  if p_reason is not null then
    perform jobforge.audit(
      case when p_state.paused_at is null then 'resume_destination' else 'pause_destination' end,
      p_state.tenant_id, p_name, jsonb_build_object('reason', p_reason));
  end if;
end
$$;
comment on function jobforge.change_state(jobforge.destination_states, text, text) is
  'Stores the state of a destination. With a reason, it was paused or resumed, which is audited.';

create function jobforge.resumed(p_state jobforge.destination_states, p_now timestamptz)
returns jobforge.destination_states
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  -- Maintenance then sends what was held.
  select row(p_state.destination_id, p_state.tenant_id, 0, null, null, null, null, null,
    case when p_state.paused_at is not null then p_now else p_state.check_at end,
    case when p_state.paused_at is null then p_state.horizon end)::jobforge.destination_states
$$;
comment on function jobforge.resumed(jobforge.destination_states, timestamptz) is
  'Returns the state of a destination without failures and without a pause.';

create function jobforge.failed(p_state jobforge.destination_states, p_job_id uuid, p_status int,
  p_error text, p_now timestamptz)
returns jobforge.destination_states
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_state jobforge.destination_states := p_state;
begin
  v_state.failures := v_state.failures + 1;
  v_state.failing_since := coalesce(v_state.failing_since, p_now);
  if p_status = 410 and v_state.paused_by is distinct from 'hand' then
    v_state.paused_by := 'gone';
    v_state.paused_reason := 'the receiver answered 410 Gone';
  elsif v_state.paused_at is null and v_state.failures >= 10
    and p_now >= v_state.failing_since + interval '1 hour'
  then
    v_state.paused_by := 'failures';
    v_state.paused_reason := format('%s attempts failed in a row since %s, the last with %s',
      v_state.failures, to_char(v_state.failing_since at time zone 'UTC',
        'YYYY-MM-DD"T"HH24:MI"Z"'), p_error);
  end if;
  if v_state.paused_by is distinct from p_state.paused_by then
    v_state.paused_at := coalesce(v_state.paused_at, p_now);
    v_state.probe_job_id := case when v_state.paused_by = 'failures' then p_job_id end;
    v_state.check_at := case when v_state.paused_by = 'failures'
      then p_now + interval '5 minutes' end;
    v_state.horizon := null;
  end if;
  return v_state;
end
$$;
comment on function jobforge.failed(jobforge.destination_states, uuid, int, text, timestamptz) is
  'Returns the state of a destination after another failure: paused when it was one too many.';

create function jobforge.count_attempt(p_destination_id uuid, p_name text, p_job_id uuid,
  p_status int, p_error text, p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_success constant boolean := coalesce(p_status between 200 and 299, false);
  v_before jobforge.destination_states;
  v_after jobforge.destination_states;
begin
  if v_success and not exists (
    select from jobforge.destination_states
    where destination_id = p_destination_id and failures > 0)
  then
    return;
  end if;
  -- A user may hold the row for as long as a transaction lasts. The next attempt counts again.
  select * into v_before from jobforge.destination_states
  where destination_id = p_destination_id
  for no key update skip locked;
  if not found or v_success and v_before.paused_by = 'hand' then
    return;
  end if;
  v_after := case when v_success then jobforge.resumed(v_before, p_now)
    else jobforge.failed(v_before, p_job_id, p_status, p_error, p_now) end;
  perform jobforge.change_state(v_after, p_name,
    case when v_after.paused_by is distinct from v_before.paused_by
      then coalesce(v_after.paused_reason, 'a delivery arrived') end);
end
$$;
comment on function jobforge.count_attempt(uuid, text, uuid, int, text, timestamptz) is
  'Counts an attempt for the breaker. A destination without failures is not written.';

create function jobforge.report_delivery(p_tenant_id uuid, p_destination_id uuid, p_job_id uuid,
  p_status int, p_error text)
returns void
language plpgsql
security definer -- workers: what a receiver answered decides for all deliveries to it
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_name text;
begin
  perform jobforge.require_service();
  if p_job_id is null or p_status not between 100 and 599
    or num_nonnulls(p_status, p_error) = 0 or p_error !~ '^[a-z0-9_.-]{1,64}$'
  then
    perform jobforge.fail('invalid_argument', 'p_job_id, a p_status from 100 to 599 or a p_error '
      'are needed: p_error is a code of small letters, digits or _ . -');
  end if;
  select name into v_name from public.jobforge_connector_configs
  where tenant_id = p_tenant_id and id = p_destination_id
    and connector = 'connector.webhook.deliver';
  if not found then
    perform jobforge.fail('not_found', 'no such webhook destination');
  end if;
  if jobforge.lock_delivery(p_tenant_id, p_destination_id, p_job_id) then
    update jobforge.webhook_deliveries
    set attempts = attempts + 1, response_status = p_status, error = p_error,
      last_attempt_at = v_now,
      delivered_at = coalesce(
        delivered_at, case when p_status between 200 and 299 then v_now end),
      held = held and coalesce(p_status not between 200 and 299, true)
    where tenant_id = p_tenant_id and destination_id = p_destination_id and job_id = p_job_id;
  end if;
  perform jobforge.count_attempt(p_destination_id, v_name, p_job_id, p_status,
    coalesce(p_error, 'http_' || p_status), v_now);
end
$$;
comment on function jobforge.report_delivery(uuid, uuid, uuid, int, text) is
  'Workers: records an attempt of a delivery, and pauses or resumes its destination.';

create function public.jobforge_report_delivery(p_tenant_id uuid, p_destination_id uuid,
  p_job_id uuid, p_status int default null, p_error text default null)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$
  select jobforge.report_delivery(p_tenant_id, p_destination_id, p_job_id, p_status, p_error)
$$;
comment on function public.jobforge_report_delivery(uuid, uuid, uuid, int, text) is
  'Workers: records the response or the error of an attempt of a delivery.';

-- supabase/schemas/75_destinations/rotate_destination_secret.sql

-- Rotate the secret of a destination, without the name of the secret.

create function jobforge.rotate_destination_secret(
  p_tenant_id uuid, p_destination text, p_value text, p_overlap_seconds int)
returns table (version int, expires_at timestamptz)
language plpgsql
security definer -- writes Vault: bounded by the caller's tenant, if users may, returns no value
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
declare
  v_tenant_id constant uuid := jobforge.callers_tenant(p_tenant_id);
  v_name text;
begin
  perform jobforge.require_destination_manager();
  select substr(named.ref, length('vault:') + 1) into v_name
  from unnest((jobforge.find_destination(v_tenant_id, p_destination)).secret_refs)
    with ordinality as named (ref, ordinality)
  where named.ref like 'vault:%'
  order by named.ordinality
  limit 1;
  if not found then
    perform jobforge.fail('wrong_state',
      'the secret of this destination is in the worker''s environment: its operator rotates it');
  end if;
  return query
  select rotated.version, rotated.expires_at
  from jobforge.rotate_secret(v_tenant_id, v_name, p_value, p_overlap_seconds) as rotated;
exception when lock_not_available then
  perform jobforge.fail('busy',
    'another transaction is changing the secrets of the tenant: try again');
end
$$;
comment on function jobforge.rotate_destination_secret(uuid, text, text, int) is
  'Users: stores the next version of the secret of a destination. Both sign for the overlap. '
  'Returns the active versions.';

create function public.jobforge_rotate_destination_secret(p_tenant_id uuid default null,
  p_destination text default null, p_value text default null, p_overlap_seconds int default 86400)
returns table (version int, expires_at timestamptz)
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$
  select * from jobforge.rotate_destination_secret(
    p_tenant_id, p_destination, p_value, p_overlap_seconds)
$$;
comment on function public.jobforge_rotate_destination_secret(uuid, text, text, int) is
  'Users: stores the next version of a destination''s secret. Both sign for the overlap.';

-- supabase/schemas/75_destinations/send_test_event.sql

-- Send a test event to one destination, also while it is paused.

create function jobforge.send_test_event(p_tenant_id uuid, p_destination text)
returns table (message_id uuid, job_id uuid)
language plpgsql
security definer -- writes a message and a job: bounded by the caller's tenant
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant_id constant uuid := jobforge.callers_tenant(p_tenant_id);
  v_config constant public.jobforge_connector_configs :=
    jobforge.open_destination(v_tenant_id, p_destination, true);
begin
  message_id := (jobforge.add_message(v_tenant_id, 'jobforge.test',
    jsonb_build_object('destination', p_destination), null, true)).id;
  job_id := (jobforge.send_deliveries(v_tenant_id, array[
    row(v_config.id, v_config.name, message_id, null)::jobforge.new_delivery]))[1];
  return next;
end
$$;
comment on function jobforge.send_test_event(uuid, text) is
  'Users: sends a message of the type jobforge.test to one destination. If it arrives, it ends a '
  'pause of the breaker.';

create function public.jobforge_send_test_event(
  p_tenant_id uuid default null, p_destination text default null)
returns table (message_id uuid, job_id uuid)
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select * from jobforge.send_test_event(p_tenant_id, p_destination) $$;
comment on function public.jobforge_send_test_event(uuid, text) is
  'Users: sends a test event to one webhook destination, also while it is paused.';

-- supabase/schemas/80_metrics/00_outcome_batches.sql

-- Outcome batches: the ends of attempts, stored for the metrics.
--
-- Settling appends one row and writes nothing that other callers write. Maintenance rolls these
-- rows up into counters per type and into minutes per queue and type.

create table jobforge.outcome_batches (
  at timestamptz not null,
  queue_ids int[],
  types text[],
  ends "char"[],
  latency_ms int[],
  duration_ms int[],
  id bigint generated always as identity primary key
) with (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_cost_delay = 0, autovacuum_vacuum_insert_threshold = -1
);
alter table jobforge.outcome_batches replica identity full;
comment on table jobforge.outcome_batches is
  'The attempts that one call to settle ended, until maintenance rolls them up. The key is for '
  'logical replication only: maintenance takes the rows by their place.';
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
  'Attempts that ended within a minute, per queue and type. Queue 0 stands for all, queue -1 for '
  'those beyond the busiest 200 pairs of queue and type. Kept 14 days.';
create index metrics_by_minute_age_idx on jobforge.metrics_by_minute (at);

-- supabase/schemas/80_metrics/bound_metrics.sql

-- Bound the metrics by minute: each minute keeps the busiest pairs of queue and type.
--
-- The rest becomes one row, of queue -1 and type _other. The rows of queue 0, which stands for all
-- queues, keep the busiest types in the same way, and their rest is _other as well.

create function jobforge.crowded_minutes(p_now timestamptz, p_keep int)
returns timestamptz[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- A minute is left alone until its attempts are rolled up. Later ones add rows, so the last
  -- quarter of an hour is read each time.
  select coalesce(array_agg(crowded.at), '{}')
  from (
    select metrics_by_minute.at from jobforge.metrics_by_minute
    where metrics_by_minute.at >= p_now - interval '15 minutes'
      and metrics_by_minute.at <= p_now - interval '2 minutes'
    group by metrics_by_minute.at
    having count(*) filter (where metrics_by_minute.queue_id > 0) > p_keep
      or count(*) filter (where metrics_by_minute.queue_id = 0
        and metrics_by_minute.type <> '_other') > p_keep
    order by metrics_by_minute.at
    limit 5
  ) as crowded
$$;
comment on function jobforge.crowded_minutes(timestamptz, int) is
  'Returns minutes of the last quarter of an hour with more than p_keep rows of either kind.';

create function jobforge.bound_metrics(p_now timestamptz, p_keep int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_minutes constant timestamptz[] := jobforge.crowded_minutes(p_now, p_keep);
  v_rest jobforge.metrics_by_minute[];
  v_count int;
begin
  if v_minutes = '{}' then
    return 0;
  end if;
  with ranked as materialized (
    select busiest.queue_id, busiest.at, busiest.type, row_number() over (
      partition by busiest.at, busiest.queue_id = 0
      order by busiest.started desc, busiest.queue_id, busiest.type) as rank
    from jobforge.metrics_by_minute as busiest
    where busiest.at = any (v_minutes) and (busiest.queue_id > 0
      or busiest.queue_id = 0 and busiest.type <> '_other')
  ),
  removed as (
    delete from jobforge.metrics_by_minute using ranked
    where ranked.rank > p_keep and metrics_by_minute.queue_id = ranked.queue_id
      and metrics_by_minute.at = ranked.at and metrics_by_minute.type = ranked.type
    returning metrics_by_minute.*
  ),
  counted as (
    select least(removed.queue_id, 0) - (removed.queue_id > 0)::int as queue_id, removed.at,
      count(*) as n, sum(removed.started) as started, sum(removed.succeeded) as succeeded,
      sum(removed.failed) as failed, sum(removed.dead) as dead,
      sum(removed.canceled) as canceled, sum(removed.retried) as retried,
      sum(removed.duration_ms) as duration_ms, sum(removed.latency_ms) as latency_ms
    from removed
    group by 1, 2
  ),
  summed as (
    select least(removed.queue_id, 0) - (removed.queue_id > 0)::int as queue_id, removed.at,
      bucket.n, sum(bucket.duration)::bigint as duration, sum(bucket.latency)::bigint as latency
    from removed
    cross join lateral unnest(removed.duration, removed.latency) with ordinality
      as bucket (duration, latency, n)
    group by 1, 2, 3
  ),
  histograms as (
    select summed.queue_id, summed.at, array_agg(summed.duration order by summed.n) as duration,
      array_agg(summed.latency order by summed.n) as latency
    from summed
    group by summed.queue_id, summed.at
  )
  select array_agg(row(counted.queue_id, counted.at, '_other', counted.started,
      counted.succeeded, counted.failed, counted.dead, counted.canceled, counted.retried,
      histograms.duration, counted.duration_ms, histograms.latency, counted.latency_ms)
      ::jobforge.metrics_by_minute),
    sum(counted.n)
  into v_rest, v_count
  from counted
  join histograms on histograms.queue_id = counted.queue_id and histograms.at = counted.at;
  perform jobforge.add_totals(v_rest);
  return v_count;
end
$$;
comment on function jobforge.bound_metrics(timestamptz, int) is
  'Keeps p_keep rows of queues and p_keep rows of types in each minute. The rest becomes one row '
  'each. Returns how many rows it removed.';

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
    select q.id from jobforge.queues as q
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
    'refused_24h', count(*) filter (where recent.state = 'refused'),
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
    'maintenance', (
      select jsonb_agg(jsonb_build_object('task', task.name, 'failures', task.failures,
        'seconds_since_success', task.seconds_since_success, 'duration_ms', task.duration_ms,
        'rows', task.rows_done) order by task.name)
      from jobforge.task_states(v_now) as task),
    'alerts', (
      select coalesce(jsonb_object_agg(counted.rule, counted.open), '{}') from (
        select alert_rules.rule, count(alerts.id) as open
        from jobforge.alert_rules
        left join jobforge.alerts on alerts.rule = alert_rules.rule and alerts.closed_at is null
        group by alert_rules.rule) as counted));
end
$$;
comment on function jobforge.metrics() is
  'Operators: up to 1,000 queues that are not empty, counters of types, runs, maintenance tasks, '
  'open alerts per rule. Counters lag by ten seconds.';

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
      select q.id from jobforge.queues as q where q.tenant_id = any (v_tenant_ids));
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
  with recursive found (queue_id, n) as (
    (select first.queue_id, 1 from jobforge.ready as first order by first.queue_id limit 1)
    union all
    select (select next.queue_id from jobforge.ready as next
      where next.queue_id > found.queue_id order by next.queue_id limit 1), found.n + 1
    from found
    where found.queue_id is not null and found.n < p_limit
  )
  select found.queue_id from found where found.queue_id is not null;
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
    (select leases.queue_id from jobforge.leases limit 10000)
    union
    (select q.id from jobforge.queues as q where q.wake_at is not null
      order by q.wake_at limit p_limit)
  ) as busy
  order by busy.queue_id
  limit p_limit;
end
$$;
comment on function jobforge.busy_queues(int) is
  'Returns the first queues with ready or running jobs, or with scheduled ones.';

create function jobforge.oldest_ready_at(p_queue jobforge.queues, p_now timestamptz)
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
    with recursive probed (priority, tenant_id, id, n) as (
      (select ready.priority, ready.tenant_id, ready.id, 1 from jobforge.ready
        where ready.queue_id = p_queue.id and (ready.priority, ready.id) >= (
            case when v_has_cursor then p_queue.cursor_priority else -32768 end,
            case when v_has_cursor then p_queue.cursor_id
              else '00000000-0000-0000-0000-000000000000' end)
        order by ready.priority, ready.id limit 1)
      union all
      select next.priority, next.tenant_id, next.id, probed.n + 1
      from probed
      cross join lateral (
        select ready.priority, ready.tenant_id, ready.id from jobforge.ready
        where ready.queue_id = p_queue.id and ready.priority > probed.priority
        order by ready.priority, ready.id limit 1) as next
      where probed.n < 8
    )
    select min(j.run_at) from probed
    join jobforge.jobs as j on j.tenant_id = probed.tenant_id and j.id = probed.id);
end
$$;
comment on function jobforge.oldest_ready_at(jobforge.queues, timestamptz) is
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
    select q.* from jobforge.queues as q
    where q.id in (select queue_id from jobforge.busy_queues(p_limit) as queue_id)
      and p_tenant_ids is null
    union all
    (select q.* from jobforge.queues as q
      where q.tenant_id = any (p_tenant_ids) order by q.id limit p_limit)
  ),
  entered as (
    select queue_deltas.queue_id,
      sum(queue_deltas.enqueued + queue_deltas.returned)::bigint as count
    from jobforge.queue_deltas
    where queue_deltas.queue_id = any (array(select chosen.id from chosen))
    group by queue_deltas.queue_id
  ),
  counted as (
    select chosen.id, chosen.tenant_id, chosen.queue::text, jobforge_queues.paused,
      greatest(coalesce(entered.count, 0) - chosen.claimed, 0) as queued,
      jobforge.running(chosen.id) as running, (
        select count(*) from (
          select from jobforge.scheduled where scheduled.queue_id = chosen.id
          limit 10000) as first) as later,
      (select count(*) from (
        select from jobforge.ready where ready.queue_id = chosen.id limit 101) as first) as ready,
      jobforge.oldest_ready_at(row(chosen.*)::jobforge.queues, p_now) as oldest_at
    from chosen
    join public.jobforge_queues
      on jobforge_queues.tenant_id = chosen.tenant_id and jobforge_queues.queue = chosen.queue
    left join entered on entered.queue_id = chosen.id
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
  from jobforge.queues as q join public.jobforge_queues
    on jobforge_queues.tenant_id = q.tenant_id and jobforge_queues.queue = q.queue
  where q.id = any (array(select queue_id from jobforge.ready_queues(1000) as queue_id))
    and not jobforge_queues.paused;
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
  'How far maintenance has come with metrics and alerts: one row.';
comment on column jobforge.roll_up_progress.page is
  'Page of jobforge.outcome_batches where the next roll-up begins. The rows before it are deleted.';
comment on column jobforge.roll_up_progress.rescanned_at is
  'When maintenance last began at the first page, for rows of transactions that committed late.';
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
  where summed.at is not null and (summed.queue_id <= 0
    or exists (select from jobforge.queues as q where q.id = summed.queue_id))
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
  return v_rolled_up;
end
$$;
comment on function jobforge.roll_up(timestamptz) is
  'Rolls outcome batches up into counters and minutes, for two seconds at most. '
  'Returns how many batches.';

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
  ('destination_paused', 'warning', 1, 600, 0),
  ('runs_lost', 'warning', 3, 600, 0),
  ('maintenance_failing', 'warning', 3, 600, 0);

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
  elsif p_settings ->> 'destination' is not null then
    -- It would stop the notifications without a word.
    perform jobforge.fail('invalid_argument',
      'p_settings must have the tenant_id of the destination, or be {} to stop notifications');
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

create function jobforge.rule_schema()
returns jsonb
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select '{"type": "object", "required": [], "keys": {
    "enabled": {"type": "boolean"},
    "severity": {"type": "string", "like": "^(?:info|warning|critical)$",
      "must": "be info, warning or critical"},
    "threshold": {"type": "number", "decimals": true, "min": 0.000001, "max": 1000000000000},
    "window_seconds": {"type": "number", "min": 60, "max": 86400},
    "minimum": {"type": "number", "min": 0, "max": 2147483647}}}'::jsonb
$$;
comment on function jobforge.rule_schema() is 'The schema of the settings of an alert rule.';

create function jobforge.change_rule(p_rule text, p_settings jsonb)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_problem constant text :=
    jobforge.validation_error('p_settings', p_settings, jobforge.rule_schema());
  v_rule jobforge.alert_rules;
begin
  if v_problem is not null then
    perform jobforge.fail('invalid_argument', v_problem);
  end if;
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
end
$$;
comment on function jobforge.change_rule(text, jsonb) is
  'Changes settings of a rule and returns all its settings.';

create function jobforge.configure_alert(p_rule text, p_settings jsonb)
returns jsonb
language plpgsql
security definer -- operators: thresholds, and where notifications go
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
declare
  v_known constant text[] := case when p_rule = 'delivery' then '{tenant_id,destination}'::text[]
    else '{enabled,severity,threshold,window_seconds,minimum}'::text[] end;
  v_unknown text;
  v_before jsonb;
  v_after jsonb;
begin
  perform jobforge.require_service();
  if jobforge.jsonb_fits(p_settings, 4096) is not true or jsonb_typeof(p_settings) <> 'object' then
    perform jobforge.fail('invalid_argument', 'p_settings must be an object of at most 4096 bytes');
  end if;
  select min(setting) into v_unknown
  from jsonb_object_keys(p_settings) as setting where setting <> all (v_known);
  if v_unknown is not null then
    perform jobforge.fail('invalid_argument', format('p_settings: unknown setting %s; there are %s',
      jobforge.quote(v_unknown), array_to_string(v_known, ', ')));
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
exception when lock_not_available then
  perform jobforge.fail('busy', 'another transaction is changing these settings: try again');
  return null;
end
$$;
comment on function jobforge.configure_alert(text, jsonb) is
  'Operators: changes settings of a rule. For delivery, sets where notifications go. Returns all '
  'settings of the rule or of delivery.';

create function public.jobforge_configure_alert(p_rule text, p_settings jsonb)
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
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
set lock_timeout = '1s'
as $$
declare
  v_config_ids uuid[];
  v_refused bigint[];
  v_count int;
begin
  perform jobforge.require_service();
  if jobforge.jsonb_fits(p_refusals, 65536) is not true
    or jsonb_typeof(p_refusals) <> 'array' or jsonb_array_length(p_refusals) > 100
  then
    perform jobforge.fail('invalid_argument',
      'p_refusals must be a list of at most 100 entries and 65536 bytes');
  end if;
  -- Apart from the join, which reads no entry when there is no endpoint.
  select array_agg(entry.config_id), array_agg(entry.refused) into v_config_ids, v_refused
  from jsonb_to_recordset(p_refusals) as entry (config_id uuid, refused bigint);
  insert into jobforge.webhook_refusals (config_id, at, tenant_id, refused)
  select jobforge_connector_configs.id, date_trunc('minute', jobforge.clock()),
    jobforge_connector_configs.tenant_id, sum(least(greatest(reported.refused, 0), 1000000))
  from unnest(v_config_ids, v_refused) as reported (config_id, refused)
  join public.jobforge_connector_configs on jobforge_connector_configs.id = reported.config_id
  where jobforge_connector_configs.connector = 'webhook-verify'
  group by jobforge_connector_configs.id, jobforge_connector_configs.tenant_id
  order by jobforge_connector_configs.id
  on conflict (config_id, at) do update
  set refused = webhook_refusals.refused + excluded.refused;
  get diagnostics v_count = row_count;
  return v_count;
exception
  when lock_not_available then
    perform jobforge.fail('busy', 'another transaction is counting for an endpoint: try again');
    return null;
  when data_exception then
    perform jobforge.fail('invalid_argument',
      'p_refusals must have entries like {"config_id": UUID, "refused": number}');
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
set statement_timeout = '5s'
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
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_rule jobforge.alert_rules;
  v_error text;
  v_unsent text;
begin
  perform from jobforge.roll_up_progress
  where id and alerts_evaluated_at not between p_now - interval '55 seconds' and p_now
  for no key update skip locked;
  if not found then
    return null;
  end if;
  update jobforge.roll_up_progress set alerts_evaluated_at = p_now where id;
  perform jobforge.observe_volumes(p_now);
  perform jobforge.observe_schedules(p_now);
  for v_rule in select * from jobforge.alert_rules order by rule loop
    begin
      perform jobforge.evaluate_rule(v_rule, p_now);
    exception when others then
      v_error := coalesce(v_error,
        format('rule %s: %s', v_rule.rule, jobforge.short_error(sqlstate, sqlerrm)));
    end;
  end loop;
  begin
    v_unsent := jobforge.send_notifications(p_now);
  exception when others then
    v_unsent := jobforge.short_error(sqlstate, sqlerrm);
  end;
  return coalesce(v_error, 'notifications: ' || v_unsent);
end
$$;
comment on function jobforge.evaluate_alerts(timestamptz) is
  'Once a minute: evaluates the rules, sends notifications. Returns the first error, which stops '
  'nothing else.';

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
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '200ms'
as $$
declare
  v_settings jobforge.settings;
  v_alert jobforge.alerts;
  v_sent int := 0;
  v_error text;
begin
  select * into v_settings from jobforge.settings;
  if v_settings.alert_tenant_id is null then
    return null;
  end if;
  -- A closing is sent only after its opening was. An alert that closed unsent needs neither.
  for v_alert in
    select * from jobforge.alerts where closed_at is null and notified_at is null
    union all
    select * from jobforge.alerts
    where closed_at > p_now - interval '1 day' and notified_at is not null
      and recovery_notified_at is null
    order by id
    limit 1000
  loop
    exit when v_sent >= 20;
    begin
      perform jobforge.notify_operator(v_alert, v_settings);
      update jobforge.alerts
      set notified_at = coalesce(notified_at, p_now),
        recovery_notified_at = case when closed_at is not null then p_now end
      where id = v_alert.id;
      v_sent := v_sent + 1;
    exception when others then
      -- For example the key of this one is that of another job. The others are sent.
      v_error := coalesce(v_error, jobforge.short_error(sqlstate, sqlerrm));
      -- A transaction that holds one key may hold many, and each would be waited for.
      exit when sqlstate in ('55P03', 'PT409');
    end;
  end loop;
  return v_error;
end
$$;
comment on function jobforge.send_notifications(timestamptz) is
  'Notifies the operator of alerts that opened or closed, at most 20 a minute. Returns the first '
  'error, which stops no other notification.';

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
  select active.queue_id, coalesce(sum(queue_deltas.enqueued), 0), p_now
  from (
    select busy as queue_id from jobforge.busy_queues(1000) as busy
    union
    (select distinct queue_id from jobforge.metrics_by_minute
      where at >= p_now - interval '3 minutes' and queue_id > 0 limit 1000)
  ) as active
  left join jobforge.queue_deltas
    on queue_deltas.queue_id = active.queue_id
  group by active.queue_id
  order by active.queue_id
  on conflict (queue_id) do update
  set enqueued = excluded.enqueued, at = excluded.at,
    per_minute = (excluded.enqueued - enqueue_volumes.enqueued)
      / greatest(extract(epoch from excluded.at - enqueue_volumes.at)::float8 / 60, 1),
    -- The mean moves by the time that passed. It takes in the minutes before, not the newest.
    usual_per_minute = enqueue_volumes.usual_per_minute
      + (enqueue_volumes.per_minute - enqueue_volumes.usual_per_minute)
      * (1 - exp(-greatest(
        extract(epoch from excluded.at - enqueue_volumes.at)::float8 / 3600, 0)))
$$;
comment on function jobforge.observe_volumes(timestamptz) is
  'Stores how many jobs were enqueued into queues that are busy or were in the last 3 minutes.';

create function jobforge.observe_schedules(p_now timestamptz)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  insert into jobforge.schedule_missed_totals (schedule_id, missed, at)
  select counted.id, counted.missed + counted.failed,
    case when counted.missed + counted.failed > 0 then p_now end
  from public.jobforge_schedules as counted
  left join jobforge.schedule_missed_totals on schedule_missed_totals.schedule_id = counted.id
  where schedule_missed_totals.missed is distinct from counted.missed + counted.failed
  order by counted.id
  limit 5000
  -- The foreign key would wait for a transaction that deletes the schedule.
  for key share of counted skip locked
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

create function jobforge.seconds_ago(p_now timestamptz, p_seconds double precision)
returns timestamptz
language sql immutable
set search_path = pg_catalog, pg_temp
as $$ select p_now - make_interval(secs => least(p_seconds, 3e10)) $$;
comment on function jobforge.seconds_ago(timestamptz, double precision) is
  'Returns the time that many seconds before, and no more than 950 years: a threshold can be '
  'larger than time goes back.';

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
  join jobforge.queues as q on q.id = waiting.queue_id
  where waiting.seconds >= p_rule.threshold
$$;
comment on function jobforge.find_waiting_queues(jobforge.alert_rules, timestamptz) is
  'Returns per queue that is not paused for how many seconds its oldest ready job has waited.';

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
    where not paused and next_at < jobforge.seconds_ago(p_now, p_rule.threshold)
    union
    select * from public.jobforge_schedules
    where not paused and next_at is null
      and refill_at < jobforge.seconds_ago(p_now, p_rule.threshold)
    limit 1000
  ) as late
  union all
  select 'schedule ' || stuck.id, stuck.tenant_id, p_rule.threshold,
    format('the calendar of schedule %s is not filled: %s', stuck.name, stuck.problem)
  from (
    select * from public.jobforge_schedules where problem is not null and not paused limit 1000
  ) as stuck
  union all
  select 'schedule ' || jobforge_schedules.id, jobforge_schedules.tenant_id, p_rule.threshold,
    format('schedule %s missed or failed an occurrence', jobforge_schedules.name)
  from jobforge.schedule_missed_totals
  join public.jobforge_schedules on jobforge_schedules.id = schedule_missed_totals.schedule_id
  where schedule_missed_totals.at > p_now - make_interval(secs => p_rule.window_seconds)
$$;
comment on function jobforge.find_missed_schedules(jobforge.alert_rules, timestamptz) is
  'Returns per schedule how many seconds it is late. A missed or failed occurrence and a calendar '
  'that is not filled count as the threshold.';

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
  join jobforge.queues as q on q.id = enqueue_volumes.queue_id
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
      and created_at <= jobforge.seconds_ago(p_now, p_rule.threshold * 86400)
    order by created_at limit 1000
  ) as aged
  where not exists (
    select from jobforge.secrets
    where secrets.tenant_id = aged.tenant_id and secrets.name = aged.name
      and secrets.version > aged.version and secrets.vault_id is not null)
$$;
comment on function jobforge.find_old_secrets(jobforge.alert_rules, timestamptz) is
  'Returns per secret how many days ago its newest version was set.';

create function jobforge.find_paused_destinations(p_now timestamptz)
returns setof jobforge.reading
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- A pause by hand is no surprise. At least 1, and more the longer a destination is paused.
  select 'destination ' || paused.destination_id, paused.tenant_id,
    1 + extract(epoch from p_now - paused.paused_at)::float8 / 3600,
    format('webhook destination %s is paused: %s', jobforge_connector_configs.name,
      paused.paused_reason)
  from (
    select * from jobforge.destination_states
    where paused_at is not null and paused_by <> 'hand'
    order by paused_at desc
    limit 1000
  ) as paused
  join public.jobforge_connector_configs on jobforge_connector_configs.id = paused.destination_id
$$;
comment on function jobforge.find_paused_destinations(timestamptz) is
  'Returns per webhook destination that the breaker or a 410 paused for how many hours, plus one.';

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
      return query select * from jobforge.find_undelivered_tickets(p_rule, p_now);
    when 'runs_lost' then
      return query select * from jobforge.find_lost_runs(p_rule, p_now);
    when 'maintenance_failing' then
      return query select * from jobforge.find_failing_tasks(p_rule, p_now);
    when 'no_successful_run' then
      return query select * from jobforge.find_work_without_runs(p_rule, p_now);
    when 'schedule_missed' then
      return query select * from jobforge.find_missed_schedules(p_rule, p_now);
    when 'signatures_refused' then
      return query select * from jobforge.find_refused_signatures(p_rule, p_now);
    when 'enqueue_volume' then
      return query select * from jobforge.find_unusual_volumes(p_rule, p_now);
    when 'destination_paused' then
      return query select * from jobforge.find_paused_destinations(p_now);
    when 'secret_old' then
      return query select * from jobforge.find_old_secrets(p_rule, p_now);
  end case;
end
$$;
comment on function jobforge.readings(jobforge.alert_rules, timestamptz) is
  'Returns the subjects and values of a rule now.';

-- supabase/schemas/85_alerts/run_readings.sql

-- Readings of runs, calls and maintenance tasks. Like all readings, they read little.

create function jobforge.recent_runs()
returns setof jobforge.runs
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select r.* from jobforge.runs as r order by r.id desc limit 2000 $$;
comment on function jobforge.recent_runs() is 'Returns the newest runs.';

create function jobforge.find_lost_runs(p_rule jobforge.alert_rules, p_now timestamptz)
returns setof jobforge.reading
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select 'worker', null::uuid, count(*)::float8, format('%s runs were lost', count(*))
  from jobforge.recent_runs() as recent
  where recent.state = 'lost'
    and recent.ended_at > p_now - make_interval(secs => p_rule.window_seconds)
$$;
comment on function jobforge.find_lost_runs(jobforge.alert_rules, timestamptz) is
  'Returns how many runs were lost within the window.';

create function jobforge.find_undelivered_tickets(
  p_rule jobforge.alert_rules, p_now timestamptz)
returns setof jobforge.reading
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select 'worker', null::uuid, counted.tickets::float8,
    format('%s tickets were not redeemed. The last call: %s', counted.tickets,
      coalesce(jobforge.last_call() ->> 'error', 'no error is known'))
  from jobforge.undelivered_since(p_now - make_interval(secs => p_rule.window_seconds))
    as counted (tickets)
$$;
comment on function jobforge.find_undelivered_tickets(jobforge.alert_rules, timestamptz) is
  'Returns how many tickets expired within the window, since the last one that was redeemed, and '
  'what the worker answered.';

create function jobforge.find_failing_tasks(p_rule jobforge.alert_rules, p_now timestamptz)
returns setof jobforge.reading
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select 'task ' || task.name, null::uuid, task.failures::float8,
    format('task %s %s', task.name, task.problem)
  from jobforge.task_states(p_now) as task
  where task.failures > 0
$$;
comment on function jobforge.find_failing_tasks(jobforge.alert_rules, timestamptz) is
  'Returns per maintenance task, and for the dispatcher, how often it failed in a row.';

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
    join jobforge.queues as q on q.id = waiting.queue_id
    join public.jobforge_queues
      on jobforge_queues.tenant_id = q.tenant_id and jobforge_queues.queue = q.queue
    where jobforge.available_starts(q, jobforge_queues, p_now) > 0
    having max(waiting.seconds) is not null
  ) as unclaimed
$$;
comment on function jobforge.find_work_without_runs(jobforge.alert_rules, timestamptz) is
  'Returns for how many seconds jobs that can start have waited without a run that claims them.';

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
  closed boolean not null default false,
  horizon xid8,
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
comment on column jobforge.erasures.closed is
  'All queues of the tenant have the alias, so no new transaction creates rows for it.';
comment on column jobforge.erasures.horizon is
  'Once every transaction before it has ended, no other can create rows for the tenant.';
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
  -- The transaction has its number before it looks. So an erasure that it does not see yet waits
  -- for its end before it finishes.
  if pg_current_xact_id() is not null and exists (
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
begin
  -- What another transaction holds is closed by a later batch.
  with free as materialized (
    select q.id from jobforge.queues as q join public.jobforge_queues
      on jobforge_queues.tenant_id = q.tenant_id and jobforge_queues.queue = q.queue
    where q.tenant_id = p_erasure.tenant_id
    for update skip locked
  ),
  closed as (
    update jobforge.queues as q
    set tenant_id = p_erasure.alias_id, runnable = false, blocked = false, wake_at = null
    from free
    where q.id = free.id
    returning q.queue
  )
  update public.jobforge_queues set tenant_id = p_erasure.alias_id, paused = true
  from closed
  where jobforge_queues.tenant_id = p_erasure.tenant_id and jobforge_queues.queue = closed.queue;
  insert into jobforge.cancel_requests (tenant_id, job_id, requested_at)
  select p_erasure.tenant_id, member.id, jobforge.clock()
  from jobforge.leases cross join lateral unnest(leases.ids) as member (id)
  where leases.tenant_id = p_erasure.tenant_id
  on conflict do nothing;
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
  if not pg_try_advisory_xact_lock(1246708293, hashtext(p_tenant_id::text)) then
    raise exception using errcode = 'lock_not_available';
  end if;
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

-- supabase/schemas/87_tenants/erase_notifications.sql

-- Erase notifications: alerts about the tenant became jobs of the operator's own tenant.

create function jobforge.erase_notifications(p_tenant_id uuid)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_operator constant uuid := (select settings.alert_tenant_id from jobforge.settings);
  v_ids constant uuid[] := array(
    select j.id from jobforge.jobs as j
    where j.tenant_id = v_operator and j.type = 'connector.webhook.deliver'
      and j.payload #>> '{data,tenant_id}' = p_tenant_id::text);
  v_ended uuid[];
  v_kept uuid[];
begin
  if v_ids = '{}' then
    return 0;
  end if;
  perform jobforge.cancel(v_operator, v_ids);
  v_ended := array(
    select j.id from jobforge.jobs as j
    where j.tenant_id = v_operator and j.id = any (v_ids) and j.finished_at is not null
    for update skip locked);
  -- A notification whose key another transaction holds stays until the next batch.
  v_kept := coalesce(jobforge.end_keys(v_operator, v_ended), '{}');
  return cardinality(v_ids) - jobforge.delete_jobs(v_operator, array(
    select ended.id from unnest(v_ended) as ended (id) where ended.id <> all (v_kept)));
end
$$;
comment on function jobforge.erase_notifications(uuid) is
  'Cancels and deletes alert notifications about a tenant. Returns how many are left: those that a '
  'run is sending.';

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
    from unnest('{jobforge.jobs,jobforge.queues,public.jobforge_queues,public.jobforge_audit_log}'
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
  update jobforge.erasures
  set counts = v_erasure.counts,
    closed = not exists (
      select from jobforge.queues as q where q.tenant_id = p_erasure.tenant_id),
    -- The tenant was closed by an earlier batch, so this number is after it.
    horizon = coalesce(erasures.horizon,
      case when p_erasure.closed then pg_snapshot_xmax(pg_current_snapshot()) end)
  where id = p_erasure.id;
  if v_count >= p_limit or exists (
    select from jobforge.webhook_bodies
    where webhook_bodies.tenant_id = p_erasure.tenant_id)
  then
    return 'erasing';
  elsif p_erasure.horizon is null or jobforge.has_tenant_rows(p_erasure)
    or jobforge.is_open_before(p_erasure.horizon, pg_current_snapshot())
    or jobforge.erase_notifications(p_erasure.tenant_id) > 0
  then
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
set statement_timeout = '5s'
as $$ select jobforge.erase_tenant(p_tenant_id, p_limit) $$;
comment on function public.jobforge_erase_tenant(uuid, int) is
  'Operators: erases everything about a tenant, batch by batch, until the state is finished.';

create function jobforge.continue_erasures(p_limit int)
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '100ms'
as $$
declare
  v_until constant timestamptz := clock_timestamp() + interval '1 second';
  v_erasure jobforge.erasures;
  v_error text;
begin
  -- In any order: those that wait for running jobs, or fail, do not keep the others waiting.
  for v_erasure in
    select * from jobforge.erasures where finished_at is null
    order by random()
    limit 100
    for no key update skip locked
  loop
    begin
      perform jobforge.erase_batch(v_erasure, p_limit);
    exception
      when lock_not_available then
        null;
      when others then
        -- A trigger or a foreign key of the application, for example.
        v_error := coalesce(v_error, jobforge.short_error(sqlstate, sqlerrm));
    end;
    exit when clock_timestamp() >= v_until;
  end loop;
  return v_error;
end
$$;
comment on function jobforge.continue_erasures(int) is
  'Runs the next batch of unfinished erasures, also without further calls of the operator. Returns '
  'the first error, which stops no other erasure.';

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
      or pg_namespace.nspname = 'public' and starts_with(pg_class.relname, 'jobforge_'))
    and pg_class.oid not in ('jobforge.erasures'::regclass, 'public.jobforge_audit_log'::regclass,
      'jobforge.jobs'::regclass, 'jobforge.leases'::regclass, 'jobforge.cancel_requests'::regclass,
      'jobforge.queues'::regclass, 'public.jobforge_queues'::regclass)
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
    select array_agg(q.id) from jobforge.queues as q
    where q.tenant_id = p_erasure.alias_id);
begin
  delete from jobforge.wakeups where wakeups.ctid = any (array(
    select gone.ctid from jobforge.wakeups as gone where gone.queue_id = any (v_ids)
    for update skip locked));
  delete from jobforge.parked_queues where parked_queues.ctid = any (array(
    select gone.ctid from jobforge.parked_queues as gone where gone.queue_id = any (v_ids)
    for update skip locked));
  delete from jobforge.queue_deltas where queue_deltas.ctid = any (array(
    select gone.ctid from jobforge.queue_deltas as gone where gone.queue_id = any (v_ids)
    for update skip locked));
  delete from jobforge.queue_slots where queue_slots.ctid = any (array(
    select gone.ctid from jobforge.queue_slots as gone where gone.queue_id = any (v_ids)
    for update skip locked));
  delete from jobforge.metrics_by_minute where queue_id = any (v_ids);
  delete from jobforge.enqueue_volumes where queue_id = any (v_ids);
  delete from jobforge.queue_faults where queue_id = any (v_ids);
  delete from jobforge.queues as q where q.id = any (v_ids);
  delete from public.jobforge_queues where jobforge_queues.tenant_id = p_erasure.alias_id;
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
    select j.id from jobforge.jobs as j
    where j.tenant_id = p_erasure.tenant_id and j.id <> all (array(
      select member.id from jobforge.leases cross join lateral unnest(leases.ids) as member (id)
      where leases.tenant_id = p_erasure.tenant_id))
    limit p_limit
    for update skip locked
  )
  delete from jobforge.jobs as j using taken
  where j.tenant_id = p_erasure.tenant_id and j.id = taken.id;
  get diagnostics v_count = row_count;
  v_counts := jsonb_build_object('jobforge.jobs', v_count);
  v_left := v_left - v_count;
  for v_table in select tenant_table from jobforge.tables_of_tenants() as tenant_table loop
    exit when v_left <= 0;
    -- A body of 5 MiB takes as long as 80 other rows.
    v_count := jobforge.delete_tenant_rows(v_table, p_erasure.tenant_id,
      case v_table when 'jobforge.webhook_bodies'::regclass then v_left / 80 + 1 else v_left end);
    v_counts := v_counts || jsonb_build_object(v_table::text, v_count);
    v_left := v_left - v_count;
  end loop;
  if v_left > 0 and not exists (
    select from jobforge.jobs as j where j.tenant_id = p_erasure.tenant_id)
  then
    delete from jobforge.cancel_requests where cancel_requests.tenant_id = p_erasure.tenant_id;
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
  -- Tables of other extensions, if they exist. What the application stores there is its own.
  for v_trace in
    select traces.relation, traces.condition
    from (values
      ('vault.secrets', $c$name like 'jobforge/' || $1 || '/%'$c$),
      ('net.http_request_queue', $c$starts_with(url,
        (select project_url || jobforge.worker_path() from jobforge.settings))
        and (position(convert_to($1, 'UTF8') in body) > 0
          or position($1 in concat(url, headers)) > 0)$c$),
      ('cron.job_run_details', $c$position($1 in concat(command, return_message)) > 0
        and jobid in (select jobid from cron.job where starts_with(jobname, 'jobforge-'))$c$)
    ) as traces (relation, condition)
    where to_regclass(traces.relation) is not null
  loop
    execute format('delete from %s where %s', v_trace.relation, v_trace.condition)
    using p_tenant_id::text;
    get diagnostics v_count = row_count;
    v_counts := v_counts || jsonb_build_object(v_trace.relation, v_count);
  end loop;
  update jobforge.retention set at_tenant = null, after_id = null where at_tenant = p_tenant_id;
  update jobforge.maintenance_tasks set position = null where position ->> 0 = p_tenant_id::text;
  update jobforge.settings set alert_tenant_id = null, alert_destination = null
  where alert_tenant_id = p_tenant_id;
  return v_counts;
end
$$;
comment on function jobforge.erase_traces(uuid) is
  'Deletes what JobForge stores about a tenant in Vault, pg_net and pg_cron.';

-- supabase/schemas/87_tenants/readmit_tenant.sql

-- Readmit an erased tenant.

create function jobforge.readmit_tenant(p_tenant_id uuid)
returns void
language plpgsql
security definer -- readmits a tenant
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
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
exception when lock_not_available then
  perform jobforge.fail('busy',
    'another transaction is erasing or readmitting the tenant: try again');
end
$$;
comment on function jobforge.readmit_tenant(uuid) is
  'Operators: lets an erased tenant enqueue again. Its erased rows stay erased.';

create function public.jobforge_readmit_tenant(p_tenant_id uuid)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select jobforge.readmit_tenant(p_tenant_id) $$;
comment on function public.jobforge_readmit_tenant(uuid) is
  'Operators: lets an erased tenant enqueue again.';

-- supabase/schemas/97_initial_rows.sql

-- Rows of an installation, which a restore of data brings again: settings, cursors, rules.
--
-- pg_dump --data-only writes them as any other row. In a migrated database the key is taken, so
-- the restored row replaces the one that the migration inserted.

create function jobforge.replace_row()
returns trigger
language plpgsql
security definer -- deletes the row that the inserted one replaces
set search_path = pg_catalog, pg_temp
as $$
declare
  v_same_key constant text := (
    select string_agg(format('%1$I = ($1).%1$I', pg_attribute.attname), ' and ')
    from pg_index
    join pg_attribute on pg_attribute.attrelid = pg_index.indrelid
      and pg_attribute.attnum = any (pg_index.indkey)
    where pg_index.indrelid = tg_relid and pg_index.indisprimary);
begin
  execute format('delete from %s where %s', tg_relid::regclass, v_same_key) using new;
  return new;
end
$$;
comment on function jobforge.replace_row() is
  'Database: deletes the row with the same key as a row that is inserted.';

do $triggers$
declare
  v_table regclass;
  v_used boolean;
begin
  for v_table in
    select pg_class.oid from pg_class
    where pg_class.relkind = 'r' and pg_class.relnamespace = 'jobforge'::regnamespace
  loop
    execute format('select exists (select from %s)', v_table) into v_used;
    if v_used then
      execute format('create trigger replace_row before insert on %s '
        'for each row execute function jobforge.replace_row()', v_table);
      -- Also for a restore that switches triggers off by session_replication_role.
      execute format('alter table %s enable always trigger replace_row', v_table);
      execute format('comment on trigger replace_row on %s is %L', v_table,
        'A restored row replaces the one that the migration inserted.');
    end if;
  end loop;
end
$triggers$;

-- supabase/schemas/98_grants.sql

-- Grants of an object to the API roles: read them, and replace them when they differ.

create function jobforge.api_grants(p_acl aclitem[], p_columns text default '')
returns setof text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select format('%s%s to %s%s', acl.privilege_type, p_columns, named.role,
    case when acl.is_grantable then ' with grant option' else '' end)
  from aclexplode(p_acl) as acl
  cross join lateral (
    select case when acl.grantee = 0 then 'public' else pg_get_userbyid(acl.grantee)::text end
  ) as named (role)
  where named.role in ('public', 'anon', 'authenticated', 'service_role')
$$;
comment on function jobforge.api_grants(aclitem[], text) is
  'Returns what API roles may do, each as <privilege> to <role>.';

create function jobforge.set_grants(p_object text, p_present text[], p_wanted text[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_grant text;
begin
  -- Equal grants stay untouched, so that a repair writes and locks nothing that is right.
  if p_present @> p_wanted and p_present <@ p_wanted then
    return;
  end if;
  execute format('revoke all on %s from public, anon, authenticated, service_role', p_object);
  foreach v_grant in array p_wanted loop
    execute format('grant %s on %s to %s',
      split_part(v_grant, ' to ', 1), p_object, split_part(v_grant, ' to ', 2));
  end loop;
end
$$;
comment on function jobforge.set_grants(text, text[], text[]) is
  'Replaces the grants of an object to the API roles if they differ from p_wanted.';

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
    or pg_proc.pronamespace = 'public'::regnamespace and starts_with(pg_proc.proname, 'jobforge_')
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
    perform jobforge.fail('wrong_state',
      'the comment of a function must begin with its audience: ' || v_unknown,
      (select 'Audiences are ' || string_agg(known.audience, ', ')
        from jobforge.audiences() as known));
  end if;
  for v_right in
    select rights.function, rights.roles,
      array(select jobforge.api_grants(
        coalesce(pg_proc.proacl, acldefault('f', pg_proc.proowner)))) as present
    from jobforge.function_rights() as rights join pg_proc on pg_proc.oid = rights.function
  loop
    perform jobforge.set_grants('routine ' || v_right.function, v_right.present,
      array(select 'EXECUTE to ' || role from unnest(v_right.roles) as role));
  end loop;
end
$$;
comment on function jobforge.grant_functions() is 'Grants each function to its audience alone.';

create function jobforge.readable_relations()
returns regclass[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- A tenant reads its own rows, a service all of them.
  select array[
    'public.jobforge_queues', 'public.jobforge_jobs', 'public.jobforge_job_attempts',
    'jobforge.jobs', 'jobforge.ready', 'jobforge.scheduled', 'jobforge.quarantined',
    'jobforge.unclaimed', 'jobforge.newcomers', 'jobforge.leases', 'jobforge.queues',
    'jobforge.cancel_requests', 'jobforge.job_progress', 'jobforge.unsuccessful_attempts',
    'public.jobforge_job_results', 'public.jobforge_audit_log', 'public.jobforge_schedules',
    'public.jobforge_connector_configs', 'public.jobforge_received_webhooks'
  ]::regclass[]
$$;
comment on function jobforge.readable_relations() is
  'The tables and views of which tenants may read their rows.';

create function jobforge.hidden_columns(p_relation regclass)
returns text[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- Secrets by name, the runs and tokens of workers, and what queues tell about each other.
  select hidden.columns
  from (values
    ('public.jobforge_connector_configs'::regclass, '{secret_refs}'::text[]),
    ('jobforge.jobs', '{run_id}'), ('jobforge.unsuccessful_attempts', '{run_id}'),
    ('jobforge.leases', '{run_id,token}'),
    ('jobforge.queues', '{vtime,claimed,runnable,blocked,capped,wake_at,tat,tat_at,tat_interval,'
      'cursor_priority,cursor_id,cursor_at}')
  ) as hidden (name, columns)
  where hidden.name = p_relation
$$;
comment on function jobforge.hidden_columns(regclass) is
  'The columns of a readable table that tenants do not read. Null when they read all.';

create function jobforge.wanted_grants(p_relation regclass)
returns setof text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select 'SELECT to ' || api.role from unnest(array['authenticated', 'service_role']) as api (role)
  where p_relation = any (jobforge.readable_relations())
    and (jobforge.hidden_columns(p_relation) is null or api.role = 'service_role')
  union all
  select format('SELECT (%I) to authenticated', pg_attribute.attname) from pg_attribute
  where pg_attribute.attrelid = p_relation
    and pg_attribute.attnum > 0 and not pg_attribute.attisdropped
    and pg_attribute.attname <> all (jobforge.hidden_columns(p_relation))
$$;
comment on function jobforge.wanted_grants(regclass) is
  'Returns what API roles may do with a table, view or sequence.';

create function jobforge.grant_relations()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_relation record;
begin
  for v_relation in
    select format('%s %s', case pg_class.relkind when 'S' then 'sequence' else 'table' end,
        pg_class.oid::regclass) as object,
      array(
        select jobforge.api_grants(pg_class.relacl)
        union all
        select jobforge.api_grants(pg_attribute.attacl, format(' (%I)', pg_attribute.attname))
        from pg_attribute where pg_attribute.attrelid = pg_class.oid) as present,
      array(select jobforge.wanted_grants(pg_class.oid)) as wanted
    from pg_class
    where pg_class.relkind in ('r', 'p', 'v', 'S')
      and (pg_class.relnamespace = 'jobforge'::regnamespace
        or pg_class.relnamespace = 'public'::regnamespace
          and starts_with(pg_class.relname, 'jobforge_'))
  loop
    perform jobforge.set_grants(v_relation.object, v_relation.present, v_relation.wanted);
  end loop;
end
$$;
comment on function jobforge.grant_relations() is
  'Lets tenants read the relations that are readable, and API roles do nothing else.';

create function jobforge.set_policies()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_table record;
begin
  for v_table in
    select pg_class.oid::regclass as name, pg_class.relrowsecurity,
      pg_class.relname || '_select_authenticated' as policy,
      pg_class.oid = any (jobforge.readable_relations()) and not exists (
        select from pg_policy
        where pg_policy.polrelid = pg_class.oid
          and pg_policy.polname = pg_class.relname || '_select_authenticated'
          and pg_policy.polcmd = 'r' and pg_policy.polpermissive
          and pg_policy.polroles = array['authenticated'::regrole::oid]
          and replace(pg_get_expr(pg_policy.polqual, pg_policy.polrelid), ' ', '')
            = '(tenant_id=ANY((SELECTjobforge.tenant_ids()AStenant_ids)::uuid[]))') as lacking
    from pg_class
    where pg_class.relkind in ('r', 'p')
      and (pg_class.relnamespace = 'jobforge'::regnamespace
        or pg_class.relnamespace = 'public'::regnamespace
          and starts_with(pg_class.relname, 'jobforge_'))
  loop
    if not v_table.relrowsecurity then
      execute format('alter table %s enable row level security', v_table.name);
    end if;
    if v_table.lacking then
      execute format('drop policy if exists %I on %s', v_table.policy, v_table.name);
      execute format('create policy %I on %s for select to authenticated '
        'using (tenant_id = any ((select jobforge.tenant_ids())::uuid[]))',
        v_table.policy, v_table.name);
    end if;
  end loop;
end
$$;
comment on function jobforge.set_policies() is
  'Enables row level security on every table, and lets tenants read their own rows.';

create function jobforge.apply_rights()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s' -- a changed policy needs an exclusive lock: do not queue every tenant
as $$
begin
  perform jobforge.set_grants('schema jobforge',
    array(
      select jobforge.api_grants(pg_namespace.nspacl) from pg_namespace
      where pg_namespace.nspname = 'jobforge'),
    '{USAGE to authenticated,USAGE to service_role}');
  perform jobforge.grant_functions();
  perform jobforge.grant_relations();
  perform jobforge.set_policies();
end
$$;
comment on function jobforge.apply_rights() is
  'Sets every right of JobForge that differs. Run it as the owner to repair rights. It locks no '
  'table whose policy is right.';

select jobforge.apply_rights();

reset check_function_bodies;
