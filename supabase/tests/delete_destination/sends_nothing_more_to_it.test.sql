begin;
select plan(6);

select tests.freeze();
select tests.destination('orders');
select tests.publish();
create temp table sent as select job_id, message_id from tests.deliveries('orders');
select tests.destination('other');
select jobforge_delete_destination(tests.tenant('acme'), 'other');
select isnt_empty($$ select from jobforge.active_secrets(
  tests.tenant('acme'), 'signing', jobforge.clock()) $$, 'a secret that another one names stays');
select jobforge_delete_destination(tests.tenant('acme'), 'orders');
select is_empty($$ select from jobforge.active_secrets(
  tests.tenant('acme'), 'signing', jobforge.clock()) $$, 'its own does not');
select is_empty('select from jobforge.destination_states', 'its state is gone');
select tests.refuses(format('select jobforge_open_delivery(%L, %L, %L, %L)', tests.tenant('acme'),
  'orders', job_id, message_id), 'not_found', 'there is no such destination')
from sent;
select tests.destination('orders');
select is(jobforge_open_delivery(tests.tenant('acme'), 'orders', job_id, message_id)
  -> 'message', 'null'::jsonb, 'and one of the same name gets none of its messages')
from sent;
select tests.refuses($$ select jobforge_delete_destination(tests.tenant('acme'), 'none') $$,
  'not_found', 'one that never was');

select * from finish();
rollback;
