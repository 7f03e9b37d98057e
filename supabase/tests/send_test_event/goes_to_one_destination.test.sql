begin;
select plan(4);

select tests.freeze();
select tests.destination('orders', '{}');
select tests.destination('other');
select tests.send_test_event('orders');
select results_eq(
  $$ select event_type, test, status
    from jobforge_list_deliveries(tests.tenant('acme'), 'orders') $$,
  $$ values ('jobforge.test', true, 'pending') $$, 'also without a subscription');
select is_empty('select from tests.deliveries(''other'')', 'and to no other');
select is(tests.open_delivery('orders', tests.newest('orders')) -> 'message' -> 'data',
  '{"destination": "orders"}', 'with the name of the destination');
select tests.as_member('globex');
select tests.refuses(format('select * from jobforge_send_test_event(%L, %L)',
  tests.tenant('acme'), 'orders'), 'forbidden', 'for another tenant');

select * from finish();
rollback;
