begin;
select plan(5);

select tests.freeze();
select tests.destination('orders');
select tests.publish();
create temp table held as select job_id from tests.deliveries('orders');
select jobforge_configure_destination(tests.tenant('acme'), 'orders', '{"paused": true}');
select tests.open_delivery('orders', job_id) from held;
select jobforge_configure_destination(tests.tenant('acme'), 'orders', '{"paused": false}');
select is(tests.check_destinations(), 1, 'the worker has not reported the job that holds it');
select results_eq('select status from tests.deliveries(''orders'')', '{pending,resent}'::text[],
  'another job sends the message');
select tests.end_job(job_id, 'succeeded') from held;
select is(tests.check_destinations(), 0, 'the report changes nothing');
select results_eq('select status from tests.deliveries(''orders'')', '{pending,resent}'::text[],
  'the message is on its way once');
select tests.answer('orders', tests.newest('orders'), 200);
select tests.end_job(tests.newest('orders'), 'succeeded');
select tests.check_destinations();
select results_eq('select status from tests.deliveries(''orders'')', '{delivered,resent}'::text[],
  'and arrives once');

select * from finish();
rollback;
