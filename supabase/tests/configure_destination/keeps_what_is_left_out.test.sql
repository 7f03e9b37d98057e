begin;
select plan(6);

create temp view configured as
select * from jobforge_connector_configs where name = 'orders';
select tests.destination('orders', '{"event_types": ["order.*"], "headers": {"x-shop": "1"}}');
select jobforge_configure_destination(tests.tenant('acme'), 'orders', '{"timeout_ms": 2000}');
select results_eq('select config, secret_refs, enabled from configured',
  $$ values ('{"url": "https://hooks.example.com/in", "event_types": ["order.*"],
    "headers": {"x-shop": "1"}, "timeout_ms": 2000}'::jsonb, '{vault:signing}'::text[], true) $$,
  'one setting changes');
select jobforge_configure_destination(tests.tenant('acme'), 'orders', '{"headers": null}');
select is((select config -> 'headers' from configured), null, 'null removes one');
select tests.connector('connector.webhook.deliver', '{"url": "https://hooks.example.com/in"}',
  '{vault:signing}', p_name => 'orders', p_enabled => false);
select jobforge_configure_destination(tests.tenant('acme'), 'orders', '{"timeout_ms": 3000}');
select is((select enabled from configured), false,
  'what an operator disabled stays disabled');
select is((select config ? 'secret' or config ? 'paused' from configured), false,
  'and neither the secret nor the pause is part of the configuration');
select tests.refuses(format('select jobforge_configure_destination(%L, %L, %L)',
  tests.tenant('acme'), 'new', '{"url": "https://hooks.example.com/in"}'),
  'invalid_argument', 'a new one needs a secret');
select tests.refuses(format('select jobforge_configure_destination(%L, %L, %L)',
  tests.tenant('acme'), 'new', '{"paused": true}'), 'not_found', 'and more than a pause');

select * from finish();
rollback;
