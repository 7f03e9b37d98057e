begin;
select plan(9);

select tests.unused_project();
select tests.freeze();
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"max_queued": 9}');
select tests.enqueue('job');
create temp table erased as select (tests.queue()).id;
insert into jobforge.wakeups (queue_id) select id from erased;
insert into jobforge.parked_queues (queue_id, horizon) select id, null from erased;
insert into jobforge.enqueue_volumes
select (jsonb_populate_record(null::jobforge.enqueue_volumes, jsonb_build_object(
  'queue_id', id, 'enqueued', 1, 'per_minute', 1, 'usual_per_minute', 1, 'at', now()))).*
from erased;
insert into jobforge.queue_faults
select (jsonb_populate_record(null::jobforge.queue_faults, jsonb_build_object(
  'queue_id', id, 'at', now(), 'error', 'broken', 'sqlstate', '22003', 'message', 'broken'))).*
from erased;
update jobforge.retention set at_tenant = tests.tenant('acme'), after_id = tests.id('job');
select is(tests.erase('acme') ->> 'state', 'finished', 'it ends');
select is_empty(
  format('select from %s where queue_id in (select id from erased)', relation), relation)
from unnest('{jobforge.wakeups,jobforge.parked_queues,jobforge.enqueue_volumes,
  jobforge.queue_faults,jobforge.queue_slots,jobforge.queue_deltas}'::text[]) as relation;
select is((select at_tenant from jobforge.retention), null, 'the place of retention');
select tests.refuses($$ select jobforge_erase_tenant(tests.tenant('globex'), 10001) $$,
  'invalid_argument', 'at most ten thousand rows at a time');

select * from finish();
rollback;
