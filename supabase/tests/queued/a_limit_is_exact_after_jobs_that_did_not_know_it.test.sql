begin;
select plan(9);

select tests.start_run('worker', 1000);
create function pg_temp.enqueue_many(p_tenant text, p_count int) returns bigint language sql
return (select count(*) from generate_series(1, p_count) as n
  cross join lateral public.jobforge_enqueue_job(tests.tenant(p_tenant), 'test.job', to_jsonb(n)));
create function pg_temp.free(p_tenant text) returns bigint language sql
return (select sum(free) from jobforge.queue_slots join jobforge.queues as q on q.id = queue_id
  where q.tenant_id = tests.tenant(p_tenant) and epoch = (
    select max(latest.epoch) from jobforge.queue_slots as latest where latest.queue_id = q.id));

-- The first jobs of a tenant have no queue when its limit is set.
delete from public.jobforge_queues where tenant_id = tests.tenant('acme');
delete from jobforge.queues where tenant_id = tests.tenant('acme');
select pg_temp.enqueue_many('acme', 50);
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"max_queued": 2}');
select jobforge.promote(jobforge.clock());
select throws_ok($$ select pg_temp.enqueue_many('acme', 1) $$, 'PT429', null,
  'a queue beyond its limit takes no job');
select tests.claim(1000);
select is(pg_temp.free('acme'), 2::bigint, 'once they have started, it has its places again');

-- Jobs that come back when the queue is full are beyond the limit, and their places are owed.
select pg_temp.enqueue_many('acme', 2);
select is(json_array_length(
  jobforge_settle_and_claim(tests.run_id(), '[]', 1000) #> '{jobs,id}'), 2,
  'two start');
select pg_temp.enqueue_many('acme', 2);
select jobforge_release_jobs(tests.run_id());
select throws_ok($$ select pg_temp.enqueue_many('acme', 1) $$, 'PT429', null,
  'no place of a started job is taken while others are owed');

-- What a transaction did that began before the limit was set: 30 jobs entered, and 7 left.
select jobforge_configure_queue(tests.tenant('globex'), 'default', '{"max_queued": 40}');
insert into jobforge.queue_deltas (queue_id, enqueued)
select id, 30 from jobforge.queues where tenant_id = tests.tenant('globex');
update jobforge.queues set claimed = claimed + 7 where tenant_id = tests.tenant('globex');
select is(pg_temp.free('globex'), 40::bigint, 'the places do not know of them');
select jobforge.spread_slots();
select is(pg_temp.free('globex'), 17::bigint, 'maintenance makes up for the difference');
update jobforge.queues set claimed = claimed + 23 where tenant_id = tests.tenant('globex');
select jobforge.spread_slots();
select is(pg_temp.free('globex'), 40::bigint, 'in both directions');
select jobforge_configure_queue(tests.tenant('globex'), 'default', '{"max_queued": null}');
select jobforge.spread_slots();
select is(pg_temp.free('globex'), 40::bigint, 'and touches no queue without a limit');

-- The places of a former limit stay until maintenance deletes them.
select jobforge_configure_queue(tests.tenant('globex'), 'default', '{"max_queued": 1}');
select pg_temp.enqueue_many('globex', 1);
select throws_ok($$ select pg_temp.enqueue_many('globex', 1) $$, 'PT429', null,
  'no place of a former limit is taken');

select * from finish();
rollback;
