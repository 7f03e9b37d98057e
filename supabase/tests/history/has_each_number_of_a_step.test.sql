begin;
select plan(10);

select tests.unused_project();
select tests.freeze('2030-01-01 10:00:00+00');
select jobforge_configure_queue(tests.tenant('acme'));
select jobforge_configure_queue(tests.tenant('acme'), 'mail');
select jobforge_configure_queue(tests.tenant('globex'));
-- Attempts of a queue, in a minute: all in one bucket of each histogram.
create function pg_temp.add(p_queue int, p_at text, p_type text, p_n int, p_duration int,
  p_latency int)
returns void language sql
begin atomic
  insert into jobforge.metrics_by_minute
  select p_queue, p_at::timestamptz, p_type, 21 * p_n, p_n, 2 * p_n, 3 * p_n, 4 * p_n, 5 * p_n,
    jobforge.histogram(array[p_duration], array[21 * p_n]), 0,
    jobforge.histogram(array[p_latency], array[21 * p_n]), 0;
end;
select pg_temp.add((tests.queue()).id, '2030-01-01 10:00+00', 'a', 1, 1, 2);
select pg_temp.add((tests.queue()).id, '2030-01-01 10:01+00', 'b', 10, 1, 2);
select pg_temp.add((tests.queue('mail')).id, '2030-01-01 10:01+00', 'a', 100, 3, 4);
select pg_temp.add((tests.queue(p_tenant => 'globex')).id, '2030-01-01 10:01+00', 'a', 1000, 5, 6);
select pg_temp.add(0, '2030-01-01 10:02+00', 'a', 7, 5, 6);
create function pg_temp.started(p_from text, p_to text, p_tenant text, p_queue text, p_type text)
returns bigint language sql
return (select sum(started)::bigint from public.jobforge_history(p_from::timestamptz,
  p_to::timestamptz, 60, tests.tenant(p_tenant), p_queue, p_type));

select results_eq($$
  select * from jobforge_history('2030-01-01 10:00+00', '2030-01-01 10:02+00', 120,
    tests.tenant('acme'), 'default')
$$, $$ values ('2030-01-01 10:00+00'::timestamptz, 231::bigint, 11::bigint, 22::bigint,
  33::bigint, 44::bigint, 55::bigint, 8::bigint, 10::bigint, 18::bigint, 24::bigint) $$,
  'the sums and percentiles of a queue');
select is(pg_temp.started('2030-01-01 10:00+00', '2030-01-01 10:02+00', 'acme', null, null),
  2331::bigint, 'of all queues of a tenant');
select is(pg_temp.started('2030-01-01 10:00+00', '2030-01-01 10:02+00', 'acme', null, 'a'),
  2121::bigint, 'of a type');
select is(pg_temp.started('2030-01-01 10:00+00', '2030-01-01 10:02+00', null, 'default', null),
  21231::bigint, 'of the queues of a name');
select is(pg_temp.started('2030-01-01 10:00+00', '2030-01-01 10:03+00', null, null, null),
  147::bigint, 'of all queues');
select is(pg_temp.started('2030-01-01 10:01+00', '2030-01-01 10:02+00', 'acme', 'default', null),
  210::bigint, 'the minute before is not counted');
select is(pg_temp.started('2030-01-01 10:00+00', '2030-01-01 10:01+00', 'acme', 'default', null),
  21::bigint, 'nor that of the end');
select is(
  (select count(*) from jobforge_history('2030-01-01 10:00+00', '2030-01-01 10:02:00.000001+00',
    60)), 3::bigint, 'a step that only begins is one');
select is(
  (select count(*) from jobforge_history('2030-01-01 00:00+00', '2030-01-01 16:40+00', 60)),
  1000::bigint, 'a thousand steps are allowed');
select is(
  (select count(*) from jobforge_history('2030-01-01 00:00+00', '2030-01-02 00:00+00', 86400)),
  1::bigint, 'and a day for a step');

select * from finish();
rollback;
