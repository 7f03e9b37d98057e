begin;
select plan(3);

select ok(
  jobforge.backoff(1000, 86400000, 86400000) between interval '12 hours' and interval '1 day',
  'attempt 1,000 waits as long as any at the cap');
select tests.freeze();
select tests.start_run();
select tests.enqueue('job', '{"max_attempts": 1000}');
select tests.set_attempts('job', 998);
select tests.claim();
select lives_ok($$ select tests.settle('job', 'errored') $$, 'attempt 999 can end in an error');
select is(tests.status('job'), 'scheduled', 'and leaves one more');

select * from finish();
rollback;
