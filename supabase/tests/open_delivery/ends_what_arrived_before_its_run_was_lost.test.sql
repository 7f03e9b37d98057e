begin;
select plan(5);

select tests.freeze();
select tests.destination('orders');
select tests.publish();
create temp table sent as select job_id from tests.deliveries('orders');
select tests.answer('orders', job_id, 503) from sent;
select is(tests.open_delivery('orders', job_id) -> 'ended', 'null'::jsonb,
  'after a failure, the next attempt sends it') from sent;
select tests.answer('orders', job_id, 204) from sent;
create temp table opened as
select tests.open_delivery('orders', job_id) as delivery from sent;
select is(delivery -> 'ended', '{"status": 204}', 'after a success, it has arrived') from opened;
select is(delivery -> 'secrets', '[]', 'and there is nothing to sign') from opened;
select is((select status from tests.deliveries('orders')), 'delivered', 'which stays');
select is(tests.open_delivery('orders', again.job_id) -> 'ended', 'null'::jsonb,
  'another job for the same message was asked for, so it sends it')
from jobforge_redeliver(tests.tenant('acme'), 'orders',
  (select message_id from tests.deliveries('orders') limit 1)) as again;

select * from finish();
rollback;
