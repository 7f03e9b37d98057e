begin;
select plan(5);

select tests.freeze();
select tests.destination('orders');
select tests.publish(p_data => '{"id": 7}');
create temp table opened as
select tests.open_delivery('orders', tests.newest('orders')) as delivery;
select is(delivery - '{id,config,secrets}'::text[], jsonb_build_object('enabled', true,
    'disabled_reason', null, 'closed_ms', null, 'paused', null, 'ended', null,
    'message', jsonb_build_object(
      'type', 'order.paid', 'created_at', jobforge.clock(), 'data', '{"id": 7}'::jsonb)),
  'the message') from opened;
select is(jsonb_array_length(delivery -> 'secrets'), 1, 'with the secret') from opened;
select is(jobforge_open_delivery(tests.tenant('acme'), 'orders', gen_random_uuid())
  -> 'message', 'null'::jsonb, 'a job with its own data has none');
select is(jobforge_open_delivery(tests.tenant('acme'), 'orders', gen_random_uuid(), message_id)
  -> 'message', 'null'::jsonb, 'and a job that is no delivery gets none')
from tests.deliveries('orders');
select tests.refuses(format('select jobforge_open_delivery(%L, %L, null)', tests.tenant('acme'),
  'orders'), 'invalid_argument', 'a worker names its job');

select * from finish();
rollback;
