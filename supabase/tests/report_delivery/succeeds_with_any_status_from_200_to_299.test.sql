begin;
select plan(6);

select tests.freeze();
select tests.destination('orders');
create function pg_temp.after(p_status int) returns text language plpgsql as $$
declare
  v_job_id uuid;
begin
  perform tests.publish();
  v_job_id := tests.newest('orders');
  -- One that is held, because a paused destination answers a probe or a late request.
  update jobforge.webhook_deliveries set held = true where job_id = v_job_id;
  perform tests.answer('orders', v_job_id, p_status);
  return (
    select format('held %s, arrived %s, failures %s', held, delivered_at is not null,
      (tests.destination_state('orders')).failures)
    from jobforge.webhook_deliveries where job_id = v_job_id);
end
$$;
select is(pg_temp.after(199), 'held t, arrived f, failures 1', '199 is a failure');
select is(pg_temp.after(200), 'held f, arrived t, failures 0', '200 a success');
select is(pg_temp.after(300), 'held t, arrived f, failures 1', '300 a failure');
select is(pg_temp.after(299), 'held f, arrived t, failures 0', '299 a success');
select tests.publish();
update jobforge.webhook_deliveries set held = true where job_id = tests.newest('orders');
select tests.answer('orders', tests.newest('orders'), null, 'egress_timeout');
select is(held, true, 'without a response it stays held')
from jobforge.webhook_deliveries where job_id = tests.newest('orders');
select is((tests.destination_state('orders')).failures, 1, 'and is a failure');

select * from finish();
rollback;
