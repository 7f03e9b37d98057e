begin;
select plan(50);

create temp table invalid as
  select url from unnest(array[
    '', '/in', 'http://hooks.example.com/', 'http://127.0.0.1.example.com/',
    'http://localhost:9999/', 'http://127.0.0.2:9/', 'ftp://hooks.example.com/',
    'https://hooks', 'https://HOOKS.example.com/', 'https://user@hooks.example.com/',
    'https://user:pass@hooks.example.com/', 'https://hooks.example.com:0/',
    'https://hooks.example.com:123456/', 'https://hooks.example.com#in',
    'https://hooks.example.com/a b', 'https://hooks.example.com\\@10.0.0.1/',
    'https://hooks.example.com/\n', 'https://hooks.example.com/a\\b', 'https://[::1]/',
    'https://*.example.com/', ' https://hooks.example.com/', 'javascript:alert(1)',
    'https://hooks.example.com/bücher']) as url;
select tests.refuses(
  format('select tests.connector(%L, %L, %L)', 'connector.webhook.deliver',
    '{"url": "' || url || '"}', '{vault:hook}'), 'invalid_argument', 'a delivery to ' || url)
from invalid;
select tests.refuses(
  format('select tests.endpoint(p_config => %L)', '{"url": "' || url || '"}'),
  'invalid_argument', 'an endpoint at ' || url)
from invalid;
select tests.refuses(
  format('select tests.connector(%L, %L, %L)', 'connector.webhook.deliver', config, '{vault:hook}'),
  'invalid_argument', left(config, 40))
from unnest(array['{}', '{"url": null}', '{"url": ["https://hooks.example.com/"]}',
  '{"url": "https://hooks.example.com/' || repeat('a', 2048) || '"}']) as config;

select * from finish();
rollback;
