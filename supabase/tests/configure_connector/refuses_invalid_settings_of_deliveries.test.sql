begin;
select plan(32);

select tests.refuses(
  format('select tests.connector(%L, %L, %L)', 'connector.webhook.deliver',
    '{"url": "https://hooks.example.com/", ' || setting || '}', '{vault:hook}'),
  'invalid_argument', setting)
from unnest(array[
  '"timeout_ms": 999', '"timeout_ms": 30001', '"timeout_ms": "1000"', '"headers": []',
  '"headers": {"": "a"}', '"headers": {"X-A": "a"}', '"headers": {"x a": "a"}',
  '"headers": {"x-a": 1}', '"headers": {"x-a": ""}', '"headers": {"x-a": " a"}',
  '"headers": {"x-a": "a\r\nx-b: c"}', '"headers": {"x-a": "ä"}',
  '"headers": {"webhook-id": "a"}', '"headers": {"webhook-signature": "a"}',
  '"headers": {"host": "a"}', '"headers": {"content-length": "1"}',
  '"headers": {"content-type": "a"}', '"headers": {"connection": "close"}',
  '"headers": {"transfer-encoding": "chunked"}', '"headers": {"x-jobforge-signature": "a"}',
  '"headers": {"x-forwarded-for": "a"}', '"headers": {"authorization": "Bearer a"}',
  '"headers": {"cookie": "a=b"}', '"headers": {"x-api-key": "a"}',
  '"headers": {"apikey": "a"}', '"headers": {"x-auth-token": "a"}',
  '"headers": {"x-secret": "a"}', '"headers": {"x-signature": "a"}', '"secret": "whsec_a"',
  '"method": "GET"']) as setting;
select tests.refuses(
  format('select tests.connector(%L, %L, %L)', 'connector.webhook.deliver', jsonb_build_object(
    'url', 'https://hooks.example.com/', 'headers', headers), '{vault:hook}'),
  'invalid_argument', what)
from (values
  ('a value that is too long', jsonb_build_object('x-a', repeat('a', 1025))),
  ('more than twenty headers', (
    select jsonb_object_agg('x-' || n, 'a')
      from generate_series(1, 21) as n))) as invalid (what, headers);

select * from finish();
rollback;
