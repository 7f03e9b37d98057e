begin;
select plan(5);

select tests.freeze();
select tests.destination('orders', '{"event_types": ["a"]}');
select tests.destination('other', '{"event_types": ["b"]}', 'globex');
select tests.publish('a');
select tests.publish('b', p_tenant => 'globex');
update jobforge.webhook_deliveries set held = true;
select tests.end_job(job_id, 'succeeded') from jobforge.webhook_deliveries;
update jobforge.destination_states set check_at = jobforge.clock();
select jobforge_configure_queue(tests.tenant('acme'), 'webhooks', '{"max_queued": 0}');
select is(tests.check_destinations(), 1, 'one tenant''s full queue stops no other');
select is((tests.destination_state('orders')).check_at, jobforge.clock() + interval '1 minute',
  'it is tried again a minute later');
select is((select status from tests.deliveries('orders')), 'held', 'and its message is still held');
update jobforge.destination_states set check_at = jobforge.clock();
select is((jobforge.check_destinations(jobforge.clock())).error, null,
  'no operator has to end that');
update jobforge.destination_states set check_at = jobforge.clock() + interval '1 minute';
select jobforge_configure_queue(tests.tenant('acme'), 'webhooks', '{"max_queued": null}');
select tests.advance('1 minute');
select is(tests.check_destinations(), 1, 'then it is sent');

select * from finish();
rollback;
