begin;
select plan(2);

select tests.freeze();
select tests.destination('orders');
select tests.enqueue('own', '{"type": "connector.webhook.deliver",
  "payload": {"destination": "orders", "event_type": "a", "data": {}}}');
select jobforge_delete_destination(tests.tenant('acme'), 'orders');
select tests.refuses(format('select jobforge_open_delivery(%L, %L, %L)', tests.tenant('acme'),
  'orders', tests.id('own')), 'not_found', 'there is no such destination');
select tests.destination('orders', '{"event_types": ["*"], "timeout_ms": 4000}');
select is(jobforge_open_delivery(tests.tenant('acme'), 'orders', tests.id('own'))
  #>> '{config,timeout_ms}', '4000', 'the next one of that name is called');

select * from finish();
rollback;
