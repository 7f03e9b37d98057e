begin;
select plan(5);

select tests.freeze();
select tests.destination('orders');
select tests.publish();
select jobforge_configure_destination(tests.tenant('acme'), 'orders', '{"paused": true}');
select tests.refuses($$ select * from tests.recover('orders', '2029-12-31') $$, 'wrong_state',
  'recovering');
select tests.refuses(format('select * from jobforge_redeliver(%L, %L, %L)', tests.tenant('acme'),
  'orders', message_id), 'wrong_state', 'redelivering') from tests.deliveries('orders');
select tests.connector('connector.webhook.deliver', '{"url": "https://hooks.example.com/in"}',
  '{vault:signing}', p_name => 'orders', p_enabled => false);
select tests.refuses($$ select * from tests.recover('orders', '2029-12-31') $$, 'wrong_state',
  'recovering for one that is disabled');
select tests.refuses($$ select tests.send_test_event('orders') $$, 'wrong_state',
  'testing one that is disabled');
select tests.as_member('globex');
select tests.refuses(format('select * from jobforge_recover_deliveries(%L, %L, now())',
  tests.tenant('acme'), 'orders'), 'forbidden', 'for another tenant');

select * from finish();
rollback;
