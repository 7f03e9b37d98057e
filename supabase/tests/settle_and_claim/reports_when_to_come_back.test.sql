begin;
select plan(4);

select tests.freeze();
select tests.start_run();
select is(
  jobforge_settle_and_claim(tests.run_id(), '[]', 1)::jsonb -> 'next_at', 'null'::jsonb,
  'nothing is planned');
select tests.enqueue('later', '{"run_at": "2030-01-01T02:00:00Z"}');
select tests.enqueue('sooner', '{"run_at": "2030-01-01T01:00:00Z"}');
select is(
  (jobforge_settle_and_claim(tests.run_id(), '[]', 1) ->> 'next_at')::timestamptz,
  '2030-01-01 01:00+00'::timestamptz, 'when the next scheduled job is due');
select jobforge_configure_queue(
  tests.tenant('globex'), 'default', '{"rate_limit": 1, "rate_period_ms": 60000}');
select tests.fill('globex', 2);
select is(
  jobforge_settle_and_claim(tests.run_id(), '[]', 1)::jsonb -> 'next_at', 'null'::jsonb,
  'not while there are jobs');
select is(
  (jobforge_settle_and_claim(tests.run_id(), '[]', 1) ->> 'next_at')::timestamptz,
  jobforge.clock() + interval '1 minute', 'or when a throttled queue may go on');

select * from finish();
rollback;
