begin;
select plan(13);

select tests.unused_project();
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"max_queued": 20}');
create function pg_temp.places() returns int[] language sql
return (select array_agg(free order by free desc) from jobforge.queue_slots);
create function pg_temp.lay(p_free int[], p_epoch bigint default 7) returns void language sql
begin atomic
  delete from jobforge.queue_slots;
  insert into jobforge.queue_slots (queue_id, epoch, free)
  select (tests.queue()).id, p_epoch, free from unnest(p_free) as free;
end;
select is(pg_temp.places(), '{3,3,3,3,2,2,2,2}', 'a new limit is spread');
select is((select array_agg(distinct epoch) from jobforge.queue_slots), '{1}'::bigint[],
  'under the first number');
select pg_temp.lay('{20}');
select jobforge.spread_slots();
select is(pg_temp.places(), '{3,3,3,3,2,2,2,2}', 'one row becomes eight');
select pg_temp.lay('{5,5,5,5}');
select jobforge.spread_slots();
select is(pg_temp.places(), '{3,3,3,3,2,2,2,2}', 'as four rows do');
select pg_temp.lay(array_fill(2, array[10]));
select jobforge.spread_slots();
select is(pg_temp.places(), array_fill(2, array[10]), 'ten rows are left alone');
select pg_temp.lay(array_fill(0, array[32]) || 20);
select jobforge.spread_slots();
select is(pg_temp.places(), '{3,3,3,3,2,2,2,2}', 'more than 32 are not');
select pg_temp.lay('{21,5,-3,-3}');
select jobforge.spread_slots();
select is(pg_temp.places(), '{3,3,3,3,2,2,2,2}', 'what is owed is taken from what is free');
insert into jobforge.queue_deltas (queue_id, enqueued) select (tests.queue()).id, 25;
select pg_temp.lay('{-5}');
select jobforge.spread_slots();
select is(pg_temp.places(), '{-5}', 'and stays owed where nothing is free');
delete from jobforge.queue_deltas;
select pg_temp.lay('{20}');
insert into jobforge.queue_slots (queue_id, epoch, free) select (tests.queue()).id, 6, 100;
select jobforge.spread_slots();
select is(pg_temp.places(), '{3,3,3,3,2,2,2,2}', 'places of a former limit are deleted');
select pg_temp.lay('{3,3,3,3,2,2,2,2}');
insert into jobforge.queue_slots (queue_id, epoch, free) select (tests.queue()).id, 6, 100;
select jobforge.spread_slots();
select is(pg_temp.places(), '{3,3,3,3,2,2,2,2}', 'also beside eight rows of this one');
insert into jobforge.queue_deltas (queue_id, enqueued) select (tests.queue()).id, 12;
select pg_temp.lay('{8}');
select jobforge.spread_slots();
select is(pg_temp.places(), '{1,1,1,1,1,1,1,1}', 'eight places are enough for eight rows');
insert into jobforge.queue_deltas (queue_id, enqueued) select (tests.queue()).id, 1;
select pg_temp.lay('{7}');
select jobforge.spread_slots();
select is(pg_temp.places(), '{7}', 'seven are not');
delete from jobforge.queue_deltas;
insert into jobforge.queue_deltas (queue_id, enqueued) select (tests.queue()).id, 15;
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"max_queued": 10}');
select is((select array_agg(free order by free) from jobforge.queue_slots
    where epoch = (select max(epoch) from jobforge.queue_slots)), '{-5,0,0,0,0,0,0,0}',
  'a limit below what is queued is owed once');

select * from finish();
rollback;
