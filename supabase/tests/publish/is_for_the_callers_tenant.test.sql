begin;
select plan(4);

select tests.destination('orders');
select tests.known('acme');
select tests.as_member('acme');
select results_eq($$ select deliveries from jobforge_publish(p_event_type => 'order.paid') $$,
  'values (1)', 'a user publishes for its own tenant');
select tests.refuses(format('select * from jobforge_publish(%L, %L)',
  tests.tenant('globex'), 'order.paid'), 'forbidden', 'and for no other');
select tests.as_stranger();
select tests.refuses($$ select * from jobforge_publish(p_event_type => 'order.paid') $$,
  'forbidden', 'a user without a tenant publishes nothing');
select tests.as_service();
select tests.refuses($$ select * from jobforge_publish(p_event_type => 'order.paid') $$,
  'invalid_argument', 'and a service names the tenant');

select * from finish();
rollback;
