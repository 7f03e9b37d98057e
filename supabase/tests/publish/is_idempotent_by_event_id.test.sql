begin;
select plan(7);

select tests.freeze();
select tests.destination('orders');
select tests.known('acme');
create temp table sent as select * from jobforge_publish(
  tests.tenant('acme'), 'order.paid', '{"id": 7}', 'event-1');
select tests.destination('later');
select results_eq(
  $$ select * from jobforge_publish(tests.tenant('acme'), 'order.paid', '{"id": 7}', 'event-1') $$,
  'select message_id, true, 1 from sent', 'the first message again, to its first destinations');
select is(tests.job_count(), 1, 'and no second job');
select tests.refuses(format('select * from jobforge_publish(%L, %L, %L, %L)',
  tests.tenant('acme'), type, data, 'event-1'), 'idempotency_mismatch', what)
from (values ('another type', 'order.sent', '{"id": 7}'),
  ('other data', 'order.paid', '{"id": 8}')) as given (what, type, data);
select isnt(tests.publish('order.paid', 'event-2', '{"id": 7}'), (select message_id from sent),
  'another ID is another message');
select isnt(tests.publish(p_data => '{"id": 7}'), tests.publish(p_data => '{"id": 7}'),
  'and so is each one without an ID');
select isnt(tests.publish('order.paid', 'event-1', '{"id": 7}', 'globex'),
  (select message_id from sent), 'an ID counts within its tenant');

select * from finish();
rollback;
