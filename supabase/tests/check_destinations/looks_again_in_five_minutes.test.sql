begin;
select plan(5);

select tests.freeze();
select tests.destination('orders');
create temp table probe as select tests.fail_until_paused('orders') as job_id;
create function pg_temp.wait() returns interval language sql
return ((tests.destination_state('orders')).check_at - jobforge.clock());
select tests.end_job(job_id, 'dead') from probe;
select tests.advance('5 minutes');
select is(tests.check_destinations(), 1, 'another message becomes the probe');
select is(pg_temp.wait(), interval '5 minutes', 'and is looked at in five minutes');
select tests.publish();
update jobforge.webhook_deliveries set held = job_id = tests.newest('orders');
delete from jobforge.webhook_messages where id = (
  select message_id from jobforge.webhook_deliveries where held);
update jobforge.destination_states set probe_job_id = null;
select tests.advance('5 minutes');
select tests.check_destinations();
select is(pg_temp.wait(), interval '0', 'a message that was deleted is no probe: at once the next');
select tests.check_destinations();
select is((tests.destination_state('orders')).probe_job_id, null, 'when none is held');
select is(pg_temp.wait(), interval '5 minutes', 'it looks again in five minutes');

select * from finish();
rollback;
