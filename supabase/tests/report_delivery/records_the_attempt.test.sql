begin;
select plan(11);

select tests.freeze();
select tests.destination('orders');
select tests.publish();
select tests.answer('orders', tests.newest('orders'), 200);
select results_eq(
  $$ select status, attempts, response_status, error, last_attempt_at, delivered_at
    from jobforge_list_deliveries(tests.tenant('acme'), 'orders') $$,
  $$ values ('delivered', 1, 200, null::text, jobforge.clock(), jobforge.clock()) $$,
  'delivered, and when');
select tests.advance('1 minute');
select tests.answer('orders', tests.newest('orders'), 500);
select results_eq(
  $$ select status, attempts, response_status, last_attempt_at - delivered_at
    from jobforge_list_deliveries(tests.tenant('acme'), 'orders') $$,
  $$ values ('delivered', 2, 500, interval '1 minute') $$,
  'a later attempt that failed does not take back what arrived');
select tests.answer('orders', tests.newest('orders'), 200);
select results_eq(
  $$ select last_attempt_at - delivered_at
    from jobforge_list_deliveries(tests.tenant('acme'), 'orders') $$,
  $$ values (interval '1 minute') $$, 'and it arrived the first time');
select lives_ok($$ select tests.answer('orders', gen_random_uuid(), 200) $$,
  'a job with its own data is no delivery');
select tests.refuses(format('select jobforge_report_delivery(%L, %L, %L, %L, %L)',
  tests.tenant('acme'), (tests.destination_state('orders')).destination_id, job, status, error),
  'invalid_argument', concat_ws(' ', status, error))
from (values (null::uuid, 200, null), (gen_random_uuid(), 99, null), (gen_random_uuid(), 600, null),
  (gen_random_uuid(), null, null), (gen_random_uuid(), null, 'No code'),
  (gen_random_uuid(), null, repeat('a', 65))) as given (job, status, error);
select tests.refuses(format('select jobforge_report_delivery(%L, %L, %L, 200)',
  tests.tenant('globex'), (tests.destination_state('orders')).destination_id, gen_random_uuid()),
  'not_found', 'a destination is its tenant''s');

select * from finish();
rollback;
