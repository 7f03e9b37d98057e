begin;
select plan(6);

select tests.enqueue('other');
select tests.destination('orders', '{"event_types": ["*"]}');
select jobforge_publish(tests.tenant('acme'), 'order.paid');
select jobforge_send_test_event(tests.tenant('acme'), 'orders');
select jobforge_redeliver(tests.tenant('acme'), 'orders', (
  select message_id from jobforge.webhook_deliveries limit 1));
select is((select array_agg(distinct queue) from jobforge_jobs
    where type = 'connector.webhook.deliver'), '{webhooks}', 'deliveries wait in webhooks');
select is((select count(*) from jobforge_jobs where tenant_id = tests.tenant('acme')
    and type <> 'connector.webhook.deliver' and queue = 'default'), 1::bigint,
  'and other jobs in their own queue');
select is((select max_running::int from jobforge_queues where queue = 'webhooks'), 10,
  'ten deliveries run at a time');

select jobforge_configure_queue(tests.tenant('acme'), 'webhooks', '{"max_running": 3}');
select tests.destination('bills', '{"event_types": ["*"]}');
select is((select max_running::int from jobforge_queues where queue = 'webhooks'), 3,
  'another destination changes no limit of an operator');
select is((select count(*) from jobforge_queues where queue = 'webhooks'), 1::bigint,
  'and makes no other queue');

delete from jobforge.queues where queue = 'webhooks';
delete from jobforge_queues where queue = 'webhooks';
select jobforge_publish(tests.tenant('acme'), 'order.sent');
select is((select count(*) from jobforge.jobs as j join jobforge.queues as q on q.id = j.queue_id
    where q.queue = 'default' and j.type = 'connector.webhook.deliver'), 2::bigint,
  'without the queue, deliveries wait in default');

select * from finish();
rollback;
