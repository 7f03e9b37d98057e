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
