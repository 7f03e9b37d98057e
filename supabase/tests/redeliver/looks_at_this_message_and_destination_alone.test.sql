begin;
select plan(3);

select tests.freeze();
select tests.destination('orders');
select tests.destination('other');
create temp table sent as select tests.publish() as message_id;
select tests.end_job(job_id, 'dead') from tests.deliveries('orders');
select tests.publish();
-- On their way are this message to the other destination, and the other message to this one.
select is((select duplicate from sent, jobforge_redeliver(
  tests.tenant('acme'), 'orders', message_id)), false, 'a message that failed is sent again');
select is((select count(*)::int from tests.deliveries('orders') join sent using (message_id)), 2,
  'by a second job');
select is((select count(*)::int from tests.deliveries('other')), 2, 'and to no other destination');

select * from finish();
rollback;
