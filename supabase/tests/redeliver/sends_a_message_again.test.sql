begin;
select plan(9);

select tests.freeze();
select tests.destination('orders');
select tests.publish();
create temp table sent as select * from tests.deliveries('orders');
grant select on sent to public;
select tests.as_member('acme');
select results_eq(format(
    'select * from jobforge_redeliver(p_destination => %L, p_message_id => %L)', 'orders',
    message_id), format('values (%L::uuid, true)', job_id), 'one that is under way stays so')
from sent;
select tests.as_owner();
select tests.answer('orders', job_id, 200) from sent;
select tests.end_job(job_id, 'succeeded') from sent;
select tests.as_member('acme');
create temp table again as select r.* from sent, jobforge_redeliver(
  p_destination => 'orders', p_message_id => sent.message_id) as r;
select is(duplicate, false, 'one that arrived is sent again') from again;
select isnt(again.job_id, sent.job_id, 'by a job of its own') from again, sent;
select set_eq('select message_id, status from tests.deliveries(''orders'')',
  $$ select message_id, s from sent cross join unnest('{pending,delivered}'::text[]) as s $$,
  'of the same message');
select results_eq(format('select * from jobforge_redeliver(p_destination => %L,
    p_message_id => %L)', 'orders', message_id), 'select job_id, true from again',
  'and only once at a time') from sent;
select is((select count(*)::int from jobforge_audit_log where action = 'redeliver'), 1, 'audited');
select tests.refuses(format('select * from jobforge_redeliver(p_destination => %L,
  p_message_id => %L)', 'orders', gen_random_uuid()), 'not_found', 'an unknown message');
select tests.as_member('globex');
select tests.refuses(format('select * from jobforge_redeliver(%L, %L, %L)', tests.tenant('acme'),
  'orders', message_id), 'forbidden', 'for another tenant') from sent;
select tests.as_owner();
select tests.destination('orders', p_tenant => 'globex');
select tests.as_member('globex');
select tests.refuses(format('select * from jobforge_redeliver(p_destination => %L,
  p_message_id => %L)', 'orders', message_id), 'not_found', 'nor a message of another tenant')
from sent;

select * from finish();
rollback;
