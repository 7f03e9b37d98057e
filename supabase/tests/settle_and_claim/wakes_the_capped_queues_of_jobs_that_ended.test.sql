begin;
select plan(7);

select tests.unused_project();
select tests.freeze();
select jobforge_configure_queue(tests.tenant('acme'), queue, settings::jsonb)
from (values ('capped', '{"max_running": 9}'), ('beside', '{"max_running": 9}'), ('free', '{}'))
  as c (queue, settings);
select tests.enqueue(queue || n, jsonb_build_object('queue', queue))
from unnest('{capped,beside,free}'::text[]) as queue, generate_series(1, 7) as n;
select tests.start_run();
select tests.claim(7) from generate_series(1, 2);
select tests.claim(1) from generate_series(1, 7);
create function pg_temp.woken(p_outcomes jsonb) returns text language plpgsql as $$
begin
  delete from jobforge.wakeups;
  perform tests.report(p_outcomes);
  return (select string_agg(q.queue, ',') from jobforge.wakeups
    join jobforge.queues as q on q.id = wakeups.queue_id);
end
$$;
select is((tests.run()).held, 21, 'the run holds all');
select is(pg_temp.woken(jsonb_build_array(tests.outcome('capped1', 'succeeded'))), 'capped',
  'a success');
select is(pg_temp.woken(jsonb_build_array(
    tests.outcome('capped2', 'succeeded'), tests.outcome('capped3', 'succeeded'),
    tests.outcome('free1', 'succeeded'))), 'capped', 'a batch of them');
select is(pg_temp.woken(jsonb_build_array(
    tests.outcome('free2', 'succeeded'), tests.outcome('free3', 'succeeded'))), null,
  'not without a cap');
select is(pg_temp.woken(jsonb_build_array(tests.outcome('free4', 'failed'))), null,
  'nor when the job failed');
select is(pg_temp.woken(jsonb_build_array(tests.outcome('beside1', 'failed'))), 'beside',
  'a failure at a cap');
select is(pg_temp.woken(jsonb_build_array(tests.outcome('beside2', 'succeeded',
    '{"result": 1}'), tests.outcome('free5', 'succeeded', '{"result": 1}'))), 'beside',
  'and one with a result');

select * from finish();
rollback;
