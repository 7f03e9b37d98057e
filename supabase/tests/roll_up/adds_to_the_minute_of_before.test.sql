begin;
select plan(3);

select tests.unused_project();
select tests.freeze('2030-01-01 00:00:01+00');
select tests.start_run();
create function pg_temp.round_of(p_round text)
returns void
language plpgsql
as $$
begin
  perform tests.enqueue(p_round || what, '{"max_attempts": 1}')
  from unnest('{done,failed,dead,canceled}'::text[]) as what;
  perform tests.enqueue(p_round || 'again');
  perform tests.advance('2 seconds');
  perform tests.claim(5);
  perform jobforge_cancel_job(tests.id(p_round || 'canceled'), tests.tenant('acme'));
  perform tests.advance('1 second');
  perform tests.report(jsonb_build_array(
    tests.outcome(p_round || 'done', 'succeeded'), tests.outcome(p_round || 'failed', 'failed'),
    tests.outcome(p_round || 'dead', 'errored'), tests.outcome(p_round || 'canceled', 'errored'),
    tests.outcome(p_round || 'again', 'errored')));
  perform jobforge_cancel_job(tests.id(p_round || 'again'), tests.tenant('acme'));
  perform jobforge.roll_up(jobforge.clock());
end
$$;
select pg_temp.round_of('first ');
select pg_temp.round_of('second ');
select results_eq(
  $$ select queue_id = 0, at, succeeded, failed, dead, canceled, retried, duration_ms
    from jobforge.metrics_by_minute order by queue_id $$,
  $$ select queue_id = 0, timestamptz '2030-01-01 00:00:00+00', 2::bigint, 2::bigint, 2::bigint,
      2::bigint, 2::bigint, 10000::bigint
    from unnest(array[0, (tests.queue()).id]) as queue_id order by queue_id $$,
  'two rounds of one minute, for all and for the queue');
select is((select sum(n)::int from jobforge.metrics_by_minute, unnest(duration) as n
  where queue_id = 0), 10, 'and ten durations');
select ok(bool_and(started = 10 and latency_ms between 20000 and 20010
    and (select sum(n) from unnest(latency) as n) = 10), 'ten starts that waited 2 s each')
from jobforge.metrics_by_minute;

select * from finish();
rollback;
