begin;
select plan(6);

select tests.freeze();
select tests.destination('orders');
select tests.publish();
create temp table first as select job_id from tests.deliveries('orders');
select jobforge_configure_destination(tests.tenant('acme'), 'orders', '{"paused": true}');
select tests.open_delivery('orders', job_id) from first;
select jobforge_configure_destination(tests.tenant('acme'), 'orders', '{"paused": false}');

-- The run of the job was lost, so the job runs again.
select is(tests.open_delivery('orders', job_id) -> 'ended', 'null'::jsonb,
  'when the job is first, it sends the message') from first;
select tests.check_destinations();
select results_eq('select status from tests.deliveries(''orders'')', '{pending}'::text[],
  'and no other job does');

select jobforge_configure_destination(tests.tenant('acme'), 'orders', '{"paused": true}');
select tests.open_delivery('orders', job_id) from first;
select jobforge_configure_destination(tests.tenant('acme'), 'orders', '{"paused": false}');
select tests.check_destinations();
select is(tests.open_delivery('orders', job_id) -> 'ended', '{"status": null}',
  'when another job sends it already, this one does not') from first;
select results_eq('select status from tests.deliveries(''orders'')', '{pending,resent}'::text[],
  'the message is on its way once');
select jobforge_configure_destination(tests.tenant('acme'), 'orders', '{"paused": true}');
select is(tests.open_delivery('orders', job_id) ->> 'paused', 'hand', 'nor after another pause')
from first;
select jobforge_configure_destination(tests.tenant('acme'), 'orders', '{"paused": false}');
select is(tests.open_delivery('orders', job_id) -> 'ended', '{"status": null}',
  'the other job still sends it') from first;

select * from finish();
rollback;
