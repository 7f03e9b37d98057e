begin;
select plan(2);

select tests.freeze();
select tests.setup();
select jobforge_configure_queue(
  tests.tenant('acme'), 'default', '{"rate_limit": 1, "rate_period_ms": 60000}');
select tests.start_run('worker', 1);
select tests.fill('acme', 10);
select tests.claim();
select is(jobforge_dispatch(), 0, 'more may not start yet');
select tests.advance('1 minute');
select jobforge_heartbeat(tests.run_id());
select is(jobforge_dispatch(), 1, 'a minute later one may');

select * from finish();
rollback;
