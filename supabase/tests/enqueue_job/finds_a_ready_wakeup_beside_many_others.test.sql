begin;
select plan(2);

select jobforge_configure_queue(tests.tenant('acme'));
-- A transaction that schedules many jobs and then enqueues others would read them each time.
insert into jobforge.wakeups (queue_id, ready)
select (tests.queue()).id, false from generate_series(1, 3000);
set local enable_seqscan = off;
create function pg_temp.plan_of(p_query text) returns text language plpgsql
as $$
declare
  v_plan json;
begin
  execute 'explain (analyze, timing off, costs off, format json) ' || p_query into v_plan;
  return v_plan::text;
end
$$;
select unalike(pg_temp.plan_of(format($$
  select exists (select from jobforge.wakeups where wakeups.queue_id = %s and wakeups.ready)
$$, (tests.queue()).id)), '%Rows Removed by Filter%', 'no other wake-up of the queue is read');
insert into jobforge.wakeups (queue_id) select (tests.queue()).id;
select ok((
  select exists (select from jobforge.wakeups
    where wakeups.queue_id = (tests.queue()).id and wakeups.ready)), 'a ready one is found');

select * from finish();
rollback;
