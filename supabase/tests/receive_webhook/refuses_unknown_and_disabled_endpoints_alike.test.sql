begin;
select plan(6);

select tests.unused_project();
create temp table made (what, id) as values
  ('a disabled endpoint', tests.endpoint(p_name => 'off', p_enabled => false)),
  ('a connector that is no endpoint', tests.connector(
    'connector.webhook.deliver', '{"url": "https://hooks.example.com/"}', '{vault:hook}')),
  ('an endpoint that was never there', gen_random_uuid()),
  ('no endpoint', null);
select tests.refuses(
  format('select tests.receive(%L)', id), 'not_found', what, '^no such endpoint$') from made;
select tests.receive(tests.endpoint(p_name => 'later-off'));
select tests.endpoint(p_name => 'later-off', p_enabled => false);
select tests.refuses(format('select tests.receive(%L)', id), 'not_found',
  'a replay at a disabled one')
from jobforge_connector_configs where name = 'later-off';
select is((select count(*) from jobforge_jobs), 1::bigint, 'no job is made');

select * from finish();
rollback;
