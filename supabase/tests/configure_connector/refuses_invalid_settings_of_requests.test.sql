begin;
select plan(40);

select tests.refuses(
  format('select tests.connector(%L, %L, %L)', 'connector.http.request',
    '{"hosts": ["api.example.com"], ' || setting || '}', '{vault:api}'),
  'invalid_argument', setting)
from unnest(array[
  '"schemes": []', '"schemes": ["ftp"]', '"schemes": "https"', '"schemes": ["https", "https"]',
  '"ports": []', '"ports": [0]', '"ports": [65536]', '"ports": [443.5]', '"ports": ["443"]',
  '"ports": 443', '"methods": []', '"methods": ["get"]', '"methods": ["TRACE"]',
  '"methods": ["CONNECT"]', '"redirects": -1', '"redirects": 6', '"redirects": true',
  '"timeout_ms": 99', '"timeout_ms": 120001', '"timeout_ms": null', '"max_response_bytes": 0',
  '"max_response_bytes": 1048577', '"response_headers": ["X-Id"]',
  '"response_headers": ["set-cookie"]', '"response_headers": ["x id"]',
  '"response_headers": "x-id"', '"auth": {}', '"auth": {"header": "Authorization"}',
  '"auth": {"header": "host"}', '"auth": {"header": "cookie"}',
  '"auth": {"header": "webhook-signature"}', '"auth": {"header": "x-forwarded-for"}',
  '"auth": {"header": "transfer-encoding"}', '"auth": {"header": "metadata-flavor"}',
  '"auth": {"header": "authorization", "prefix": ""}',
  '"auth": {"header": "authorization", "prefix": "a\r\nb: c"}',
  '"auth": {"header": "authorization", "secret": "s3cret"}', '"auth": "authorization"',
  '"host": "api.example.com"', '"allow_private": true']) as setting;

select * from finish();
rollback;
