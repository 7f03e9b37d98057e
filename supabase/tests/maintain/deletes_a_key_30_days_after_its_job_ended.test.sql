begin;
select plan(7);

select tests.unused_project();
select tests.freeze();
select tests.start_run();
select tests.enqueue('short', '{"idempotency_key": "short"}');
select tests.enqueue('long', '{"idempotency_key": "long"}');
select tests.enqueue('timed', '{"idempotency_key": "timed", "idempotency_ttl_seconds": 31622400}');
select tests.claim(3);
select tests.settle('short', 'succeeded');
select tests.settle('long', 'failed');
select tests.settle('timed', 'succeeded');
select tests.advance('5 days');
select tests.maintain();
select is((select count(*) from jobforge.idempotency_keys where expires_at is null), 2::bigint,
  'a key lasts at least as long as its job');
select jobforge_cleanup(tests.tenant('acme'), 1, '{succeeded}');
select tests.maintain();
select bag_eq('select key, expires_at - jobforge.clock() from jobforge.idempotency_keys',
  $$ values ('short', '25 days'::interval), ('long', null), ('timed', '361 days') $$,
  'the 30 days begin with the end of the job, not with its deletion');
select tests.advance('24 days 23 hours');
select tests.maintain();
select tests.refuses(
  $$ select jobforge_enqueue_job(
    tests.tenant('acme'), 'test.job', '{"another": 1}', p_idempotency_key => 'short') $$,
  'idempotency_mismatch', 'until then the key stands for its job');
select tests.advance('1 hour 1 second');
select tests.maintain();
select bag_eq(
  'select key from jobforge.idempotency_keys', array['long', 'timed'], 'then it is gone');
select tests.refuses(
  $$ select jobforge_enqueue_job(
    tests.tenant('acme'), 'test.job', '{"another": 1}', p_idempotency_key => 'long') $$,
  'idempotency_mismatch', 'a key whose job is still there counts beyond 30 days');
select tests.advance('10 days');
select jobforge_cleanup(tests.tenant('acme'), 1, '{failed}');
select is(
  (select count(*) from jobforge_jobs), 0::bigint, 'when that job is deleted after 40 days');
select tests.maintain();
select bag_eq(
  'select key from jobforge.idempotency_keys', array['timed'], 'its key goes with it');

select * from finish();
rollback;
