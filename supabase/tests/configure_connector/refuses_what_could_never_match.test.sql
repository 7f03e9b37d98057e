begin;
select plan(68);

select tests.refuses(
  format('select tests.connector(%L, %L)', 'connector.http.request',
    jsonb_build_object('hosts', jsonb_build_array('api.example.com', host))),
  'invalid_argument', 'a host: ' || host)
from unnest(array[
  '*.co.uk', '*.com.au', '*.github.io', '*.supabase.co', '*.amazonaws.com', '*.vercel.dev',
  'db.internal', '*.db.internal', 'metadata.google.internal', 'metadata.goog', '*.metadata.goog',
  'printer.local', 'api.localhost', 'router.lan', 'wiki.corp', 'a.home', 'a.home.arpa',
  '*.home.arpa', 'a.intranet', 'a.private', 'a.onion', 'a.invalid', 'a.test',
  '1.0.0.127.in-addr.arpa'])
  as host;
select lives_ok(
  format('select tests.connector(%L, %L)', 'connector.http.request',
    jsonb_build_object('hosts', jsonb_build_array(host))), 'but ' || host)
from unnest(array['*.example.co.uk', 'bank.co.uk', 'co.uk', 'me.github.io', '*.me.github.io',
  'internal.example.com', '*.internal.example.com', 'testlocal.example', 'mylocal.com',
  'metadata.google.com', '127.0.0.1', 'xcorp.de']) as host;

select tests.refuses(
  format('select tests.connector(%L, %L)', 'connector.http.request',
    '{"hosts": ["api.example.com"], ' || setting || '}'), 'invalid_argument', setting)
from unnest(array[
  '"ports": [22]', '"ports": [443, 25]', '"ports": [5432]', '"ports": [22.0]', '"ports": [27017]',
  '"response_headers": ["www-authenticate"]', '"response_headers": ["x-authorization"]',
  '"response_headers": ["authentication-info"]', '"response_headers": ["set-cookie"]',
  '"response_headers": ["content-encoding"]']) as setting;
select tests.refuses(
  format('select tests.connector(%L, %L, %L)', 'connector.http.request',
    '{"hosts": ["api.example.com"], "auth": {"header": "' || header || '"}}', '{vault:api}'),
  'invalid_argument', 'to authorize by ' || header)
from unnest(array['early-data', 'x-real-ip', 'cf-connecting-ip', 'x-http-method-override',
  'x-original-host']) as header;
select tests.refuses(
  format('select tests.connector(%L, %L, %L)', 'connector.webhook.deliver',
    jsonb_build_object('url', 'https://hooks.example.com/', 'headers',
      jsonb_build_object(header, 'a')), '{vault:hook}'),
  'invalid_argument', 'to send ' || header)
from unnest(array['sec-fetch-mode', 'svix-id', 'x-supabase-a', 'x-metadata-a']) as header;

select tests.refuses(
  format('select tests.connector(%L, %L, %L)', 'connector.webhook.deliver',
    jsonb_build_object('url', url), '{vault:hook}'), 'invalid_argument', 'a delivery to ' || url)
from unnest(array[
  'https://hooks.internal/', 'https://hooks.example.test:8443', 'https://metadata.goog/x',
  'https://hooks.example.com:22/', 'https://hooks.example.com:5432',
  'https://hooks.example.com:65536/', 'https://hooks.example.com:99999?a=b',
  'http://127.0.0.1:25/']) as url;
select lives_ok(
  format('select tests.connector(%L, %L, %L)', 'connector.webhook.deliver',
    jsonb_build_object('url', url), '{vault:hook}'), 'but to ' || url)
from unnest(array['https://hooks.example.com:65535/', 'https://internal.example.com/a:22/',
  'https://hooks.example.com?to=a.internal', 'https://hooks.example.com:8443',
  'https://co.uk/']) as url;

select * from finish();
rollback;
