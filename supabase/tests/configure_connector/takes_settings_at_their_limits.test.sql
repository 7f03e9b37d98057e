begin;
select plan(3);

-- Whether each setting is valid at its limits: what is listed, and nothing one beyond.
create function pg_temp.valid(p_connector text, p_base jsonb, p_key text, p_values jsonb)
returns text
language sql
return (select string_agg(case when jobforge.problem_with_config(
    p_connector, p_base || jsonb_build_object(p_key, value)) is null then 'yes' else 'no' end, ' '
  order by n) from jsonb_array_elements(p_values) with ordinality as given (value, n));
create function pg_temp.list(p_from int, p_to int, p_format text) returns jsonb language sql
return (select coalesce(jsonb_agg(format(p_format, n)), '[]') from generate_series(p_from, p_to) n);
create function pg_temp.map(p_count int, p_value text) returns jsonb language sql
return (select jsonb_object_agg('x-a' || n, p_value) from generate_series(1, p_count) as n);
create function pg_temp.each_list(p_format text, variadic p_counts int[]) returns jsonb language sql
return (select jsonb_agg(pg_temp.list(1, count, p_format) order by n)
  from unnest(p_counts) with ordinality as c (count, n));

select results_eq($$
  select key, pg_temp.valid('connector.http.request', '{"hosts": ["api.example.com"]}', key, list)
  from (values
    ('hosts', pg_temp.each_list('h%s.example.com', 0, 1, 100, 101)),
    ('hosts', jsonb_build_array(
      array[repeat('a.', 124) || 'bcd.e'], array[repeat('a.', 124) || 'bcd.ef'],
      array[repeat('a', 63) || '.example'], array[repeat('a', 64) || '.example'])),
    ('schemes', '[[], ["http"], ["http", "https"]]'),
    ('ports', '[[], [1024], [2], [65535]]'),
    ('ports', (select jsonb_agg((select jsonb_agg(8000 + n) from generate_series(1, count) as n)
      order by count) from unnest('{20,21}'::int[]) as count)),
    ('methods', '[[], ["GET"]]'),
    ('redirects', '[0, 5, 6]'),
    ('timeout_ms', '[99, 100, 120000, 120001]'),
    ('max_response_bytes', '[0, 1, 1048576, 1048577]'),
    ('response_headers', pg_temp.each_list('x-%s', 0, 20, 21)),
    ('response_headers', jsonb_build_array(array[repeat('x', 64)], array[repeat('x', 65)])),
    ('auth', jsonb_build_array('{"header": "x"}'::jsonb,
      jsonb_build_object('header', repeat('x', 64)), jsonb_build_object('header', repeat('x', 65)),
      jsonb_build_object('header', 'x', 'prefix', repeat('p', 32)),
      jsonb_build_object('header', 'x', 'prefix', repeat('p', 33))))
  ) as c (key, list)
$$, $$ values ('hosts', 'no yes yes no'), ('hosts', 'yes no yes no'), ('schemes', 'no yes yes'),
  ('ports', 'no yes yes yes'), ('ports', 'yes no'), ('methods', 'no yes'),
  ('redirects', 'yes yes no'), ('timeout_ms', 'no yes yes no'),
  ('max_response_bytes', 'no yes yes no'), ('response_headers', 'yes yes no'),
  ('response_headers', 'yes no'), ('auth', 'yes yes no yes no') $$, 'of a request');
select results_eq($$
  select key, pg_temp.valid(
    'connector.webhook.deliver', '{"url": "https://hooks.example.com/in"}', key, list)
  from (values
    ('timeout_ms', '[999, 1000, 30000, 30001]'::jsonb),
    ('event_types', pg_temp.each_list('t%s', 0, 1, 100, 101)),
    ('event_types', jsonb_build_array(array[repeat('t', 128) || '.*'], array[repeat('t', 130)],
      array[repeat('t', 129) || '.*'], array[repeat('t', 131)])),
    ('headers', jsonb_build_array(pg_temp.map(1, 'a'), pg_temp.map(20, 'a'), pg_temp.map(21, 'a'),
      pg_temp.map(1, repeat('a', 1024)), pg_temp.map(1, repeat('a', 1025)),
      jsonb_build_object(repeat('x', 64), 'a'), jsonb_build_object(repeat('x', 65), 'a'))),
    ('url', jsonb_build_array(
      'https://hooks.example.com:65535/in', 'https://hooks.example.com:65536/in',
      'https://hooks.example.com/' || repeat('a', 2022),
      'https://hooks.example.com/' || repeat('a', 2023)))
  ) as c (key, list)
$$, $$ values ('timeout_ms', 'no yes yes no'), ('event_types', 'no yes yes no'),
  ('event_types', 'yes yes no no'), ('headers', 'yes yes no yes no yes no'),
  ('url', 'yes no yes no') $$, 'of a delivery');
select results_eq($$
  select key, pg_temp.valid('webhook-verify', '{"scheme": "custom", "job_type": "a.b",
    "url": "https://hooks.example.com/in", "signature": {"header": "x"}}', key, list)
  from (values
    ('tolerance_seconds', '[9, 10, 300, 301]'::jsonb),
    ('signature', jsonb_build_array(jsonb_build_object('header', repeat('x', 64)),
      jsonb_build_object('header', repeat('x', 65)),
      jsonb_build_object('header', 'x', 'prefix', repeat('p', 32)),
      jsonb_build_object('header', 'x', 'prefix', repeat('p', 33)),
      jsonb_build_object('header', 'x', 'id_member', repeat('i', 64)),
      jsonb_build_object('header', 'x', 'id_member', repeat('i', 65)),
      jsonb_build_object('header', 'x', 'id_member', 'a.b.c.d'),
      jsonb_build_object('header', 'x', 'id_member', 'a.b.c.d.e'),
      jsonb_build_object('header', 'x', 'signed', '{body}' || repeat('s', 194)),
      jsonb_build_object('header', 'x', 'signed', '{body}' || repeat('s', 195))))
  ) as c (key, list)
$$, $$ values ('tolerance_seconds', 'no yes yes no'),
  ('signature', 'yes no yes no yes no yes no yes no') $$, 'of an endpoint');

select * from finish();
rollback;
