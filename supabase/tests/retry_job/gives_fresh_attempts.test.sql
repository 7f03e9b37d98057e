begin;
select plan(5);

select tests.freeze();
select tests.hold_job('job', '{"max_attempts": 2}');
select tests.settle('job', 'errored', '{"retry_after_ms": 0}');
select tests.claim();
select tests.settle('job', 'errored');
select is(tests.status('job'), 'dead', 'two attempts are used up');
select jobforge_retry_job(tests.id('job'), tests.tenant('acme'));
select tests.claim();
select tests.settle('job', 'errored', '{"retry_after_ms": 0}');
select is(tests.status('job'), 'queued', 'the first of two fresh ones leaves one more');
select tests.claim();
select tests.settle('job', 'errored');
select is(tests.status('job'), 'dead', 'the second does not');
select is(
  tests.attempts('job'), '1 errored, 2 errored, 3 errored, 4 errored', 'numbers go on');
select jobforge_retry_job(tests.id('job'), tests.tenant('acme'));
select is((tests.job('job')).max_attempts, 6, 'each manual retry adds as many');

select * from finish();
rollback;
