-- JobForge, chapter 1: foundation.
--
-- A job is queued, claimed by a run under a lease, and ends succeeded, failed, dead or canceled:
--
--     queued ──claim──▶ running ──▶ succeeded
--       ▲                 │ ├────▶ failed      the handler said: do not retry
--       └──retry / lease──┘ ├────▶ dead        attempts used up
--                           └────▶ canceled    also straight from queued
--
-- Everything that changes state is a function here; the API roles hold no write privilege on any
-- table. Public relations start with jobforge_; the schema jobforge is internal and never exposed.

-- Every function pins its search_path with pg_temp last: left out, it would be searched first, and a
-- caller's temporary type could stand in for a real one.

create schema jobforge;
comment on schema jobforge is 'JobForge internals: state, scheduler, dispatch. Not exposed by the Data API.';

-- On Supabase both extensions are available; elsewhere (tests, the local stack) their schemas may
-- already exist as stand-ins. What is missing is reported by jobforge.setup().
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

-- Functions on the hot path are in plpgsql even where SQL would do: it keeps their plans for the
-- session, while Postgres plans an SQL function anew in every transaction that calls it. Some
-- return what nobody needs but an IF: PERFORM runs a statement, at several times an expression's cost.

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
  'The only clock. Functions read it once; tests replace it inside their own transaction.';

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
  select e.sqlstate into strict v_sqlstate from jobforge.error_codes() as e where e.code = p_code;
  if p_hint is null then
    raise exception using errcode = v_sqlstate, message = p_message, detail = p_code;
  end if;
  raise exception using
    errcode = v_sqlstate, message = p_message, detail = p_code, hint = p_hint;
end
$$;
comment on function jobforge.fail(text, text, text) is
  'Raises an error whose DETAIL is the stable code, and whose HINT, if any, is JSON for programs.';

create function jobforge.id_prefix(p_at timestamptz)
returns text
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_us constant bigint := extract(epoch from p_at) * 1000000;
begin
  return lpad(to_hex(v_us / 1000), 12, '0') || '7' || lpad(to_hex(v_us % 1000 * 4096 / 1000), 3, '0');
end
$$;
comment on function jobforge.id_prefix(timestamptz) is
  'The first half of a UUID version 7 (RFC 9562): milliseconds, and 12 bits of the time below. The '
  'variant with 14 bits of ordinal follows, so that a batch keeps its order, and 48 random bits.';

-- Postgres parses the CHECKs of a table anew in every statement that writes to it, but a domain's once
-- in a session: so a rule about one column of a busy table is a domain.

create domain jobforge.queue_name as text constraint queue_name_is_plain check (
  value ~ '^[a-z][a-z0-9_.-]{0,62}$');
comment on domain jobforge.queue_name is 'Up to 63 small letters, digits or _ . - after a small letter.';

create domain jobforge.weight as real constraint weight_in_range check (value between 0.001 and 1000);
comment on domain jobforge.weight is 'A share relative to other weights.';

create domain jobforge.count as int constraint count_not_negative check (value >= 0);
comment on domain jobforge.count is 'How many.';

create domain jobforge.positive as int constraint number_is_positive check (value > 0);
comment on domain jobforge.positive is 'At least one.';

create domain jobforge.period_ms as int constraint period_in_range check (
  value between 1 and 86400000);
comment on domain jobforge.period_ms is 'Milliseconds, up to a day.';

create domain jobforge.run_state as text constraint state_is_known check (
  value in ('pending', 'live', 'finished', 'lost', 'undelivered'));
comment on domain jobforge.run_state is 'Where a run is in its life.';

create domain jobforge.tally_side as "char" constraint side_is_known check (
  value in ('e', 'r', 'b'));
comment on domain jobforge.tally_side is 'e(nqueued), r(eleased from running), b(ack to queued).';

create domain jobforge.failure as text constraint outcome_is_known check (
  value in ('errored', 'failed', 'timed_out', 'canceled', 'lease_expired'));
comment on domain jobforge.failure is 'How an attempt ended that did not succeed.';

create table jobforge.settings (
  id boolean primary key default true,
  project_url text,
  max_runs int not null default 4,
  run_capacity int not null default 100,
  lease_seconds int not null default 45,
  constraint one_row check (id),
  constraint max_runs_in_range check (max_runs between 1 and 100),
  constraint run_capacity_in_range check (run_capacity between 1 and 1000),
  constraint lease_seconds_in_range check (lease_seconds between 5 and 3600)
);
comment on table jobforge.settings is 'What the project was told by setup: one row.';
insert into jobforge.settings default values;
