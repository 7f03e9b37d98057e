begin;
select plan(2);

select tests.freeze();
select tests.start_run();
select jobforge_configure_queue(
  tests.tenant('acme'), 'default', '{"rate_limit": 1, "rate_period_ms": 60000}');
select tests.enqueue_each('first', 'second');
select tests.claim();
create temp table started as select jobforge.clock() as at;
select tests.claim();
select is(
  jobforge_explain_job(tests.id('second'), tests.tenant('acme')) ->> 'reason',
  'queue_rate_limited', 'its rate is used up');
select is(
  (jobforge_explain_job(tests.id('second'), tests.tenant('acme')) ->> 'earliest_at')::timestamptz,
  (select at + interval '1 minute' from started), 'until then');

select * from finish();
rollback;
