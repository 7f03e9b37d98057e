begin;
select plan(2);

select tests.freeze();
select jobforge_configure_queue(
  tests.tenant('acme'), 'default', '{"rate_limit": 1, "rate_period_ms": 60000}');
select tests.start_run('worker', 1);
select tests.fill('acme', 2);
select tests.claim();
select tests.commit();
select is_empty('select tests.claim()', 'the queue is throttled');
select tests.setup();
select tests.fill('acme', 1);
select tests.commit();
select is(tests.call_count(), 0, 'nothing more may start yet, so no worker is called');

select * from finish();
rollback;
