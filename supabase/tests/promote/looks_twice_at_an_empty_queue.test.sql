begin;
select plan(6);

-- Of the same transactions, those of the fixtures are open before a look has noted a horizon.
select tests.unused_project();
create function pg_temp.look() returns text language plpgsql as $$
begin
  perform jobforge.look_at_parked(500, now());
  return (select string_agg(format('%s %s', queue_id, case when horizon is null then 'fresh'
    when horizon = '3' then 'noted' else 'now' end), ', ' order by queue_id, horizon)
    from jobforge.parked_queues);
end
$$;
insert into jobforge.parked_queues (queue_id) values (1), (2), (2);
select is(pg_temp.look(), '1 now, 2 now', 'the first look notes who was open, once for each queue');
select is(pg_temp.look(), null, 'the second is the last');
insert into jobforge.parked_queues (queue_id, horizon) values (1, '3'), (1, null), (2, '3');
select is(pg_temp.look(), '1 now', 'one that was parked again begins anew');

select jobforge_configure_queue(tests.tenant('acme'), name) from unnest('{a,b,c}'::text[]) as name;
delete from jobforge.wakeups;
insert into jobforge.wakeups (queue_id) select n from generate_series(1, 205) as n;
insert into jobforge.wakeups (queue_id) select 3 from generate_series(1, 12);
select results_eq('select queue_id, count(*)::int from jobforge.woken_beyond(2)
    where queue_id < 5 group by 1 order by 1',
  'values (2, 1), (3, 10), (4, 1)', 'a few wake-ups of each queue, from the first named on');
select is((select count(distinct queue_id)::int from jobforge.woken_beyond(1)), 200,
  'of two hundred queues');
select is_empty('select from jobforge.woken_beyond(206)', 'and of none beyond the last');

select * from finish();
rollback;
