begin;
select plan(32);

select tests.unused_project();
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"max_queued": 20}');
select jobforge_configure_queue(tests.tenant('acme'), 'beside', '{"max_queued": 9}');
create function pg_temp.places(p_queue text default 'default') returns int[] language sql
return (select array_agg(free order by free desc) from jobforge.queue_slots as s
  where queue_id = (tests.queue(p_queue)).id and epoch = (
    select max(epoch) from jobforge.queue_slots as l where l.queue_id = s.queue_id));
create function pg_temp.lay(p_free int[]) returns void language sql
begin atomic
  delete from jobforge.queue_slots where queue_id = (tests.queue()).id;
  insert into jobforge.queue_slots (queue_id, epoch, free)
  select (tests.queue()).id, 7, free from unnest(p_free) as free;
end;
create function pg_temp.take(p_count int) returns int[] language plpgsql as $$
declare
  v_detail text;
  v_hint text;
begin
  perform jobforge.take_slots(tests.tenant('acme'), (tests.queue()).id, 'default', p_count);
  return pg_temp.places();
exception when others then
  get stacked diagnostics v_detail = pg_exception_detail, v_hint = pg_exception_hint;
  if v_detail <> 'queue_full' then
    raise;
  end if;
  return array[-999, (v_hint::jsonb ->> 'remaining')::int, (v_hint::jsonb ->> 'held')::int];
end
$$;
select is(pg_temp.places(), '{3,3,3,3,2,2,2,2}', 'twenty places');
select is(pg_temp.take(1), '{3,3,3,3,2,2,2,1}', 'one of the newest row');
select is(pg_temp.take(1), '{3,3,3,3,2,2,2,0}', 'which is the newest again');
select is(pg_temp.take(3), '{3,3,3,2,2,2,0,0}', 'a row that is just large enough');
select is(pg_temp.take(4), '{11}', 'or all rows together');
select is(pg_temp.take(11), '{0}', 'to the last place');
select is(pg_temp.take(1), '{-999,0,0}', 'and no more');
select is(pg_temp.places('beside'), '{2,1,1,1,1,1,1,1}', 'another queue has its own places');

select pg_temp.lay('{4,2,0,-5}');
select is(pg_temp.take(2), '{-999,1,0}', 'what is owed counts before what is free');
select is(pg_temp.take(1), '{0}', 'here one is free');
select pg_temp.lay('{3,-5}');
select is(pg_temp.take(1), '{-999,0,0}', 'and here none, not fewer');
select pg_temp.lay('{3}');
insert into jobforge.queue_slots (queue_id, epoch, free)
select (tests.queue()).id, epoch, free from (values (6, 100), (6, -100)) as former (epoch, free);
select is(pg_temp.take(3), '{0}', 'places of a former limit do not count');
select is(pg_temp.take(1), '{-999,0,0}', 'of any number');
select pg_temp.lay('{3,2}');
insert into jobforge.queue_slots (queue_id, epoch, free) select (tests.queue()).id, 6, -100;
select is(pg_temp.take(4), '{1}', 'nor what a former limit owes');
insert into jobforge.queue_slots (queue_id, epoch, free)
select (tests.queue('beside')).id, 7, -50;
select pg_temp.lay('{2,2}');
select is(pg_temp.take(1), '{2,1}', 'nor does what another queue owes');
select is(pg_temp.take(3), '{0}', 'for several rows either');

select jobforge.give_slots(array[(tests.queue()).id, (tests.queue('beside')).id], '{2,0}');
select is(pg_temp.places(), '{2,0}', 'given back');
select is((select epoch from jobforge.queue_slots
  where free = 2 and queue_id = (tests.queue()).id), 7::bigint,
  'under the latest number');
select is(pg_temp.places('beside'), '{-50}', 'nothing where nothing came back');

create function pg_temp.reset(p_max int, p_queued int) returns int[] language plpgsql as $$
begin
  delete from jobforge.queue_deltas where queue_id = (tests.queue()).id;
  insert into jobforge.queue_deltas (queue_id, enqueued) values ((tests.queue()).id, p_queued);
  perform jobforge.reset_slots((tests.queue()).id, p_max);
  return pg_temp.places();
end
$$;
select is(pg_temp.reset(5, 7), '{0,0,0,0,0,0,0,-2}', 'a limit below what is queued is owed');
select is(pg_temp.reset(7, 7), '{0,0,0,0,0,0,0,0}', 'one that is reached');
select is(pg_temp.reset(8, 7), '{1,0,0,0,0,0,0,0}', 'one place');
select is(pg_temp.reset(17, 0), '{3,2,2,2,2,2,2,2}', 'two for each row and one');
select is((select max(epoch) from jobforge.queue_slots where queue_id = (tests.queue()).id),
  11::bigint, 'each under the next number');

create function pg_temp.refusal(p_count int, p_free int, p_settings jsonb) returns text
language plpgsql as $$
declare
  v_hint text;
begin
  update jobforge_queues set rate_limit = (p_settings ->> 'rate_limit')::int,
    paused = p_settings ? 'paused'
  where tenant_id = tests.tenant('acme') and queue = 'default';
  perform jobforge.refuse_full_queue(
    tests.tenant('acme'), (tests.queue()).id, 'default', p_count, p_free, null);
exception when others then
  get stacked diagnostics v_hint = pg_exception_hint;
  return (select format('%s held, %s s', h ->> 'held', h ->> 'retry_after')
    from (select v_hint::jsonb as h) as hint);
end
$$;
-- As if other transactions held these.
select pg_temp.lay('{4,-1}');
insert into jobforge.queue_slots (queue_id, epoch, free) select (tests.queue()).id, 6, 100;
select is(pg_temp.refusal(6, 2, '{}'), '4 held, 1 s', 'what others hold may be free in a moment');
select is(pg_temp.refusal(7, 2, '{}'), '4 held, 5 s', 'if that is enough');
select is(pg_temp.refusal(9, 2, '{"rate_limit": 2}'), '4 held, 210 s', 'a rate says when');
select is(pg_temp.refusal(900, 2, '{"rate_limit": 1}'), '4 held, 3600 s', 'an hour at most');
select is(pg_temp.refusal(7, 2, '{"rate_limit": 1000}'), '4 held, 1 s', 'a second at least');
select is(pg_temp.refusal(7, 2, '{"paused": true, "rate_limit": 2}'), '4 held, 60 s',
  'a paused queue says a minute');
select is(pg_temp.places('beside'), '{-50}', 'the other queue is as it was');
select is((select count(*)::int from jobforge.queue_slots where queue_id
  = (tests.queue('beside')).id and epoch = 1), 8, 'all the time');

select * from finish();
rollback;
