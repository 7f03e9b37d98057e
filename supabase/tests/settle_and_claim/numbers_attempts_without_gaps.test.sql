begin;
select plan(2);

select tests.freeze();
select tests.enqueue('job', '{"max_attempts": 9}');
select tests.start_run();
select tests.claim();
select tests.settle('job', 'errored', '{"retry_after_ms": 0}');
select tests.claim();
select tests.settle('job', 'released');
select tests.claim();
select tests.settle('job', 'timed_out', '{"retry_after_ms": 0}');
select tests.expire_lease('job');
select tests.start_run('last');
select tests.claim(1, 'last');
select tests.settle('job', 'succeeded');
select is(
  tests.attempts('job'), '1 errored, 2 timed_out, 3 lease_expired, 4 succeeded',
  'one row per attempt that was spent, counted from 1');
select is((tests.job('job')).attempts, 4, 'the job counts the same');

select * from finish();
rollback;
