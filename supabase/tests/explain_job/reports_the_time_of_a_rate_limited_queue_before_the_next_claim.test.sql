begin;
select plan(1);

select tests.freeze();
select tests.start_run();
select jobforge_configure_queue(
  tests.tenant('acme'), 'default', '{"rate_limit": 1, "rate_period_ms": 60000}');
select tests.enqueue_each('first', 'second');
select tests.claim();
select is(
  (jobforge_explain_job(tests.id('second'), tests.tenant('acme')) ->> 'earliest_at')::timestamptz,
  jobforge.clock() + interval '1 minute', 'it does not take a claim to know');

select * from finish();
rollback;
