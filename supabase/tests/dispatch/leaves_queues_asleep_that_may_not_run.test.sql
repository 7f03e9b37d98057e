begin;
select plan(2);

select tests.freeze();
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"paused": true}');
select jobforge_configure_queue(tests.tenant('globex'), 'default', '{"max_running": 0}');
select jobforge_configure_queue(
  tests.tenant('initech'), 'default', '{"rate_limit": 1, "rate_period_ms": 60000}');
select tests.fill(tenant, 3) from unnest('{acme,globex,initech}'::text[]) as tenant;
select tests.start_run();
select tests.claim(10);
select is(
  (select count(*) from jobforge.queues where runnable), 0::bigint, 'paused, capped and throttled');
select jobforge_dispatch();
select is((select count(*) from jobforge.queues where runnable), 0::bigint, 'they stay asleep');

select * from finish();
rollback;
