begin;
select plan(9);

select tests.freeze();
select tests.destination('orders');
select tests.destination('other');
select jobforge_configure_destination(tests.tenant('acme'), 'orders', '{"paused": true}');
do $$
begin
  for n in 1..3 loop
    perform tests.publish('order.n' || n);
    perform tests.open_delivery('orders', tests.newest('orders'));
    perform tests.end_job(tests.newest('orders'), 'succeeded');
  end loop;
end
$$;
select is((select string_agg(status, ',') from tests.deliveries('orders')), 'held,held,held',
  'three are held');
select is(tests.check_destinations(), 0, 'none is sent while it is paused');
select jobforge_configure_destination(tests.tenant('acme'), 'orders', '{"paused": false}');
select is(tests.check_destinations(), 3, 'all are sent after the resumption');
select results_eq('select event_type, status from tests.deliveries(''orders'')',
  $$ values ('order.n3', 'pending'), ('order.n2', 'pending'), ('order.n1', 'pending'),
    ('order.n3', 'resent'), ('order.n2', 'resent'), ('order.n1', 'resent') $$, 'oldest first');
select isnt((tests.destination_state('orders')).check_at, null, 'maintenance looks again');
select is((select count(*)::int from tests.deliveries('other')), 3,
  'another destination is not part of it');
select tests.publish('order.late');
-- As a worker does that saw the destination paused, and commits only now.
update jobforge.webhook_deliveries set held = true where job_id = tests.newest('orders');
select tests.end_job(tests.newest('orders'), 'succeeded');
select is(tests.check_destinations(), 1, 'so that one that is held late is sent, too');
select is(tests.check_destinations(), 0, 'until none was held');
select is((tests.destination_state('orders')).check_at, null, 'and then no more');

select * from finish();
rollback;
