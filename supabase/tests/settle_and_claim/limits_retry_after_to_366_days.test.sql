begin;
select plan(7);

select tests.freeze();
select tests.enqueue(name) from unnest('{year,now,more,less}'::text[]) as name;
select tests.start_run();
select tests.claim(4);
select tests.settle('year', 'errored', '{"retry_after_ms": 31622400000}');
select tests.settle('now', 'released', '{"retry_after_ms": 0}');
select tests.settle('more', 'released', '{"retry_after_ms": 31622400001}');
select tests.settle('less', 'errored', '{"retry_after_ms": -1}');
select is((tests.job('year')).run_at, jobforge.clock() + interval '366 days', '366 days are kept');
select cmp_ok((tests.job('now')).run_at, '<=', jobforge.clock(), 'and no wait');
select is((tests.job('more')).last_error, '{"code": "invalid_retry_after",
  "message": "retry_after_ms must be from 0 to 31622400000, not 31622400001"}',
  'more is an error of the job');
select is((tests.job('more')).attempts::int, 1, 'which is an attempt');
select cmp_ok((tests.job('more')).run_at, '>', jobforge.clock(), 'after the backoff');
select cmp_ok(
  (tests.job('more')).run_at, '<', jobforge.clock() + interval '1 minute', 'of its type');
select is((tests.job('less')).last_error ->> 'code', 'invalid_retry_after', 'less is one, too');

select * from finish();
rollback;
