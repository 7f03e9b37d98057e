begin;
select plan(6);

select tests.unused_project();
select tests.freeze();
select tests.start_run();
select tests.enqueue('gone', '{"idempotency_key": "gone"}');
select tests.enqueue('kept', '{"idempotency_key": "kept"}');
select tests.claim(2);
select tests.settle_all('succeeded');
select tests.advance('5 days');
select tests.maintain();
select is((select count(*) from jobforge.idempotency_keys where expires_at is null), 2::bigint,
  'a key lasts at least as long as its job');
select jobforge_cleanup(tests.tenant('acme'), 1, '{succeeded}');
select is((select count(*) from jobforge_jobs), 0::bigint, 'the jobs are deleted');
select tests.enqueue('other', '{"idempotency_key": "other"}');
select tests.maintain();
select bag_eq('select key, expires_at - jobforge.clock() from jobforge.idempotency_keys',
  $$ values ('gone', '30 days'::interval), ('kept', '30 days'), ('other', null) $$,
  'from now on the keys have an end');
select tests.advance('29 days');
select tests.maintain();
select is((select count(*) from jobforge.idempotency_keys), 3::bigint, 'they are kept for 30 days');
select tests.refuses(
  $$ select jobforge_enqueue_job(
    tests.tenant('acme'), 'test.job', '{"another": 1}', p_idempotency_key => 'gone') $$,
  'idempotency_mismatch', 'and still stand for their jobs');
select tests.advance('1 day 1 second');
select tests.maintain();
select results_eq(
  'select key from jobforge.idempotency_keys', array['other'], 'then they are gone');

select * from finish();
rollback;
