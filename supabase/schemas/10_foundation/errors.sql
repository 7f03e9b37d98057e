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
