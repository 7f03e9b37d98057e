begin;
select plan(12);

select tests.freeze();
select tests.destination('orders');
create temp table probes (n int, job_id uuid);
insert into probes select 1, tests.fail_until_paused('orders');
select tests.publish('order.sent');
select tests.open_delivery('orders', tests.newest('orders'));
select tests.end_job(tests.newest('orders'), 'succeeded');
select tests.advance('1 hour');
select is(tests.check_destinations(), 0, 'no second probe while the first is under way');
select is((tests.destination_state('orders')).probe_job_id, job_id, 'it stays the probe')
from probes;
select is((tests.destination_state('orders')).check_at, jobforge.clock() + interval '5 minutes',
  'and maintenance looks after it every five minutes');
select tests.end_job(job_id, 'dead') from probes;
select tests.advance('5 minutes');
select is(tests.check_destinations(), 1, 'once it ended, another message is the probe');
insert into probes select 2, (tests.destination_state('orders')).probe_job_id;
select is(event_type, 'order.paid', 'the oldest, which was the first probe')
from tests.deliveries('orders') as d join probes using (job_id) where n = 2;
select is(tests.open_delivery('orders', job_id) ->> 'paused', null, 'it may call')
from probes where n = 2;
select results_eq('select event_type, status from tests.deliveries(''orders'')',
  $$ values ('order.paid', 'pending'), ('order.sent', 'held'), ('order.paid', 'resent') $$,
  'the others wait');
select tests.answer('orders', job_id, 200) from probes where n = 2;
select tests.end_job(job_id, 'succeeded') from probes where n = 2;
select is((select status from jobforge_list_destinations(tests.tenant('acme'))), 'active',
  'a probe that arrives resumes the destination');
select is(tests.check_destinations(), 1, 'and the others are sent');
select tests.answer('orders', tests.newest('orders'), 200);
select tests.check_destinations() from generate_series(1, 3);
select tests.fail_until_paused('orders');
select tests.end_job(tests.newest('orders'), 'dead');
select tests.advance('5 days');
select is(tests.check_destinations(), 0, 'after five days there is no further probe');
select is((tests.destination_state('orders')).check_at, null, 'nor a look at it');
select matches((select reason from jobforge_list_destinations(tests.tenant('acme'))),
  'Nothing arrived in five days$', 'which its reason says');

select * from finish();
rollback;
