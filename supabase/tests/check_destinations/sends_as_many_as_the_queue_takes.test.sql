begin;
select plan(6);

select tests.freeze();
select tests.destination('orders');
do $$ begin
  for n in 1..7 loop
    perform tests.publish();
  end loop;
end $$;
update jobforge.webhook_deliveries set held = true;
select tests.start_run();
select tests.claim(7);
select tests.settle_all('succeeded');
update jobforge.destination_states set check_at = jobforge.clock();
select jobforge_configure_queue(tests.tenant('acme'), 'webhooks', '{"max_queued": 4}');
select is(tests.check_destinations(), 4, 'four of seven messages fit');
select is((select string_agg(status, ',') from tests.deliveries('orders')),
  'pending,pending,pending,pending,held,held,held,resent,resent,resent,resent',
  'the oldest are sent');
select is((tests.destination_state('orders')).check_at <= jobforge.clock(), true,
  'maintenance looks again');
select is(tests.check_destinations(), 0, 'none fits while the queue is full');
select tests.claim(4);
select tests.advance('1 minute');
select is(tests.check_destinations(), 3, 'the others are sent when there is room');
select is((select count(*) from tests.deliveries('orders') where status = 'held'), 0::bigint,
  'and none is left');

select * from finish();
rollback;
