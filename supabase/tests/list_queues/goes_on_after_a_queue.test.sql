begin;
select plan(7);

select jobforge_configure_queue(tests.tenant('acme'), name)
from unnest('{a,b,c}'::text[]) as name;
create function pg_temp.names(p_after int, p_limit int) returns text language sql
return (select string_agg(q.queue, ',' order by q.id)
  from public.jobforge_list_queues(tests.tenant('acme'), p_after, p_limit) as q);
select is(pg_temp.names(null, 2), 'a,b', 'the first page');
select is(pg_temp.names((tests.queue('b')).id, 2), 'c', 'the next');
select is(pg_temp.names((tests.queue('c')).id, 2), null, 'and nothing after the last');
select lives_ok('select pg_temp.names(null, 1), pg_temp.names(null, 200)', 'from 1 to 200');
select tests.refuses('select pg_temp.names(null, 0)', 'invalid_argument', 'not none');
select tests.refuses('select pg_temp.names(null, 201)', 'invalid_argument', 'nor 201');
select tests.refuses('select pg_temp.names(null, null)', 'invalid_argument', 'nor no number');

select * from finish();
rollback;
