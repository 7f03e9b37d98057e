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
