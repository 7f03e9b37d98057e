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
