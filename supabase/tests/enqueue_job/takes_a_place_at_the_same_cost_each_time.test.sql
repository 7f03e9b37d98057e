begin;
select plan(2);

select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"max_queued": 1000}');
create function pg_temp.enqueue_many(p_count int) returns bigint language sql
return (select count(*) from generate_series(1, p_count) as n
  cross join lateral public.jobforge_enqueue_job(tests.tenant('acme'), 'test.job', to_jsonb(n)));
create function pg_temp.entries_read() returns bigint language sql
return (select sum(pg_stat_get_xact_tuples_returned(indexrelid)) from pg_index
  where indrelid = 'jobforge.queue_slots'::regclass);
create temp table read (at_first bigint);

select pg_temp.enqueue_many(200);
insert into read values (pg_temp.entries_read());
select pg_temp.enqueue_many(100);
select cmp_ok(pg_temp.entries_read() - (select at_first from read), '<', 1000::bigint,
  'the 201st to 300th job of a transaction read a few entries each');
select is(pg_stat_get_xact_tuples_returned('jobforge.queue_slots'::regclass), 0::bigint,
  'and never the whole table');

select * from finish();
rollback;
