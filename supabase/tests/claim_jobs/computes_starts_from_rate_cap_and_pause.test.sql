begin;
select plan(20);

select tests.freeze();
create function pg_temp.queue(p_seconds float8, p_interval float8) returns jobforge.queues
language sql return jsonb_populate_record(null::jobforge.queues, jsonb_build_object('id', 0,
  'tat', jobforge.clock() + make_interval(secs => p_seconds), 'tat_interval', p_interval));
create function pg_temp.settings(p_settings jsonb) returns public.jobforge_queues
language sql return jsonb_populate_record(null::public.jobforge_queues,
  '{"weight": 1, "rate_period_ms": 60000, "rate_burst": 1, "paused": false}' || p_settings);

select is(jobforge.used_starts(pg_temp.queue(30, 10), jobforge.clock()), 3::float8, 'three used');
select is(jobforge.used_starts(pg_temp.queue(-1, 10), jobforge.clock()), 0::float8, 'none is owed');
select is(jobforge.used_starts(null, jobforge.clock()), 0::float8, 'none before the first start');
select is(jobforge.rate_interval(pg_temp.settings('{"rate_limit": 240}')), 0.25::float8,
  'seconds between two starts');
select is(jobforge.rate_interval(pg_temp.settings('{}')), null, 'none without a rate');

select is(jobforge.next_start(pg_temp.queue(used, 10), pg_temp.settings(
    jsonb_build_object('rate_limit', 6, 'rate_burst', burst)), jobforge.clock()) - jobforge.clock(),
  make_interval(secs => wait), format('with %s of %s starts used', used / 10, burst))
from (values (30, 5, 0), (40, 5, 0), (50, 5, 10), (45, 5, 5), (10, 1, 10), (100, 5, 60))
  as r (used, burst, wait);
select is(jobforge.next_start(pg_temp.queue(null, null), pg_temp.settings('{"rate_limit": 6}'),
  jobforge.clock()), null, 'unknown before the first start');

select is(jobforge.available_starts(pg_temp.queue(used, 10), pg_temp.settings(settings::jsonb),
  jobforge.clock()), starts, format('%s, %s used', settings, used / 10))
from (values (20, '{"rate_limit": 6, "rate_burst": 5}', 3),
  (25, '{"rate_limit": 6, "rate_burst": 5}', 2), (70, '{"rate_limit": 6, "rate_burst": 5}', 0),
  (20, '{"rate_limit": 6, "rate_burst": 5, "max_running": 2}', 2),
  (20, '{"rate_limit": 6, "rate_burst": 5, "max_running": 4}', 3),
  (20, '{"paused": true}', 0), (20, '{"max_running": 4}', 4), (20, '{}', 2147483647))
  as r (used, settings, starts);

select * from finish();
rollback;
