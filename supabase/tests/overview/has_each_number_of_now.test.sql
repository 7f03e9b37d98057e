begin;
select plan(6);

select tests.unused_project();
select tests.freeze('2030-01-01 10:00:00+00');
select tests.start_run();
select tests.fill('acme', 3);
select tests.fill('acme', 2, '{"run_at": "2030-01-01T11:00:00Z"}');
select tests.fill('globex', 5);
select tests.claim(1);
select jobforge_configure_queue(tests.tenant('acme'), 'mail', '{"paused": true}');
select jobforge_configure_queue(tests.tenant('acme'), 'pdf', '{"paused": true}');
create function pg_temp.add(p_queue int, p_before interval, p_n int) returns void language sql
begin atomic
  insert into jobforge.metrics_by_minute
  select p_queue, jobforge.clock() - p_before, 'a', 32 * p_n, p_n, 2 * p_n, 4 * p_n, 8 * p_n,
    16 * p_n, array_fill(0, array[16]), 0, array_fill(0, array[16]), 0;
end;
select pg_temp.add((tests.queue()).id, '5 minutes', 1);
select pg_temp.add((tests.queue('mail')).id, '5 minutes 1 second', 10);
select pg_temp.add((tests.queue()).id, '1 hour', 100);
select pg_temp.add((tests.queue()).id, '1 hour 1 second', 1000);
select pg_temp.add((tests.queue(p_tenant => 'globex')).id, '1 minute', 10000);
insert into jobforge.alerts (rule, subject, tenant_id, severity, message, value, threshold,
  opened_at, seen_at, closed_at)
select 'queue_waiting', subject, tests.tenant(tenant), 'warning', '', 1, 1, now(), now(), closed
from (values ('one', 'acme', null::timestamptz), ('two', 'acme', now()), ('three', 'globex', null),
  ('four', null, null)) as a (subject, tenant, closed);
select tests.advance('90 seconds');
delete from jobforge.metrics_by_minute where at > jobforge.clock();
update jobforge.metrics_by_minute set at = at + interval '90 seconds';

select is(jobforge_overview(tests.tenant('acme')) - 'runs' - 'live_runs', jsonb_build_object(
  'at', jobforge.clock(), 'ready', 2, 'scheduled', 2, 'running', 1, 'oldest_ready_seconds', 90,
  'queues', 3, 'paused_queues', 2, 'more_queues', false, 'open_alerts', 1,
  'last_5_minutes', '{"started": 32, "succeeded": 1, "failed": 2, "dead": 4, "canceled": 8,
    "retried": 16, "error_rate": 0.6875}'::jsonb,
  'last_hour', '{"started": 3552, "succeeded": 111, "failed": 222, "dead": 444, "canceled": 888,
    "retried": 1776, "error_rate": 0.6875}'::jsonb), 'of a tenant');
select is(jobforge_overview(tests.tenant('hooli')) - 'runs' - 'live_runs', jsonb_build_object(
  'at', jobforge.clock(), 'ready', 0, 'scheduled', 0, 'running', 0, 'oldest_ready_seconds', null,
  'queues', 0, 'paused_queues', 0, 'more_queues', false, 'open_alerts', 0,
  'last_5_minutes', '{"started": 0, "succeeded": 0, "failed": 0, "dead": 0, "canceled": 0,
    "retried": 0, "error_rate": null}'::jsonb,
  'last_hour', '{"started": 0, "succeeded": 0, "failed": 0, "dead": 0, "canceled": 0,
    "retried": 0, "error_rate": null}'::jsonb), 'of one that has nothing');
select is(jobforge_overview() -> 'open_alerts', '3', 'of all tenants, and of none');
select bag_eq($$
  select state.queue_id, state.ready, state.scheduled, state.running, state.oldest_ready_seconds
  from jobforge.queue_states(null, 10, jobforge.clock()) as state
$$, $$ values ((tests.queue()).id, 2::bigint, 2::bigint, 1::bigint, 90::float8),
  ((tests.queue(p_tenant => 'globex')).id, 5, 0, 0, 90) $$, 'queues without a job are left out');
select is((select count(*) from jobforge.queue_states(array[tests.tenant('acme')], 2,
  jobforge.clock())), 2::bigint, 'a limit is kept for a tenant as well');
select results_eq('select seconds from jobforge.waiting_queues(jobforge.clock())',
  '{90,90}'::float8[], 'two queues wait for 90 seconds');

select * from finish();
rollback;
