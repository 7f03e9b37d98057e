begin;
select plan(8);

select tests.freeze();
select tests.destination('orders');
create temp table probe as select tests.fail_until_paused('orders') as job_id;
select tests.publish('order.sent');
create temp table opened as
select tests.open_delivery('orders', tests.newest('orders')) as delivery;
select is(delivery ->> 'paused', 'failures', 'a new one is held') from opened;
select is(delivery -> 'secrets', '[]', 'without a secret') from opened;
select results_eq('select event_type, status from tests.deliveries(''orders'')',
  $$ values ('order.sent', 'held'), ('order.paid', 'pending') $$, 'which its tenant sees');
select is(tests.open_delivery('orders', job_id) ->> 'paused', null, 'the probe is not held')
from probe;
select is(jobforge_open_delivery(tests.tenant('acme'), 'orders', gen_random_uuid()) ->> 'paused',
  'failures', 'a job with its own data has to wait');
select is(tests.open_delivery('orders', tests.send_test_event('orders')) ->> 'paused', null,
  'nor is a test event');
select tests.connector('connector.webhook.deliver',
  '{"url": "https://hooks.example.com/in", "event_types": ["*"]}', '{vault:signing}',
  p_name => 'orders', p_enabled => false);
select is(tests.open_delivery('orders', tests.newest('orders')) - '{id,config,message}'::text[],
  '{"enabled": false, "disabled_reason": "disabled by an operator", "secrets": [],
    "closed_ms": null, "paused": null, "ended": null}', 'a disabled one is disabled');
select is((select count(*)::int from tests.deliveries('orders') where status = 'held'), 1,
  'and holds nothing');

select * from finish();
rollback;
