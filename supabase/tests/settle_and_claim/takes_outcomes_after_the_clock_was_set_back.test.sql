begin;
select plan(4);

select tests.freeze();
select tests.setup();
select tests.start_run('worker', 10);
select tests.enqueue_each('alone', 'one', 'two', 'errored');
select tests.claim(10);
select tests.advance('-60 days');
select is(tests.settle('errored', 'errored') ->> 'settled', '1', 'an error counts');
select is(tests.report(jsonb_build_array(tests.outcome('one', 'succeeded'),
  tests.outcome('two', 'succeeded'))) ->> 'settled', '2', 'and so do successes');
select tests.settle('alone', 'succeeded');
select is(tests.status('alone'), 'succeeded', 'also one alone');
select is((select bool_and(0 <= all (latency_ms || duration_ms)) from jobforge.outcome_batches),
  true, 'none lasted less than nothing');

select * from finish();
rollback;
