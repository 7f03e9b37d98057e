begin;
select plan(7);

select tests.unused_project();
select tests.freeze();
select tests.known(tenant) from unnest('{acme,globex}'::text[]) as tenant;
select tests.fill(tenant, 1) from unnest('{acme,globex}'::text[]) as tenant;
insert into jobforge.wakeups (queue_id) values (999999), (0);
-- As if another transaction held the queue of acme.
create function pg_temp.hold() returns void language plpgsql as $hold$
begin
  create or replace function jobforge.lock_queues(p_queue_ids int[]) returns int[]
  language sql as $$ select array_remove(p_queue_ids, (tests.queue()).id) $$;
end
$hold$;
select pg_temp.hold();
create function pg_temp.left() returns text language sql
return (select string_agg(distinct coalesce(tests.tenant_name(q.tenant_id), w.queue_id::text), ',')
  from jobforge.wakeups as w left join jobforge.queues as q on q.id = w.queue_id);
select jobforge.promote(jobforge.clock());
select is(pg_temp.left(), 'acme', 'what was looked at, is gone or has no queue is deleted');
select is(array[(tests.queue()).runnable, (tests.queue('default', 'globex')).runnable], '{f,t}',
  'the other queue is awake');

-- Found empty by a claim, and filled by a transaction that saw it awake.
delete from jobforge.wakeups;
insert into jobforge.parked_queues (queue_id, horizon)
values ((tests.queue()).id, null), ((tests.queue()).id, '3');
select jobforge.look_at_parked(500, jobforge.clock());
select is((select count(*) from jobforge.parked_queues where horizon is not null), 2::bigint,
  'it is looked at again until it could be locked');
select is((tests.queue()).runnable, false, 'so long it sleeps');
create or replace function jobforge.lock_queues(p_queue_ids int[]) returns int[]
language sql as $$ select array(select q.id from jobforge.queues as q
  where q.id = any (p_queue_ids)) $$;
select jobforge.look_at_parked(500, jobforge.clock());
select is((tests.queue()).runnable, true, 'then it wakes');
select is_empty('select from jobforge.parked_queues', 'and the look is over');

-- More first jobs than a turn makes queues for.
select jobforge_enqueue_job(md5(n::text)::uuid, 'test.job') from generate_series(1, 101) as n;
select jobforge.promote(jobforge.clock());
select is(pg_temp.left(), '0', 'a wake-up stays for tenants that have no queue yet');

select * from finish();
rollback;
