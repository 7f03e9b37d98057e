begin;
select plan(5);

select tests.freeze();
select tests.start_run();
select tests.fill('acme', 5);
select jobforge_claim_jobs(tests.run_id(), 10);
select tests.settle_all('succeeded');
select tests.advance('2 days');
create temp table first as select jobforge_cleanup(tests.tenant('acme'), 1, '{succeeded}',
  p_limit => 3) as answer;
select is((select answer -> 'deleted' from first), '3', 'no more than the limit');
select isnt((select answer ->> 'next' from first), null, 'the answer has the id to continue from');
select is(
  jobforge_cleanup(tests.tenant('acme'), 1, '{succeeded}',
    (select (answer ->> 'next')::uuid from first), 3),
  '{"deleted": 2, "next": null}', 'to the end');
select tests.enqueue_each('one', 'two');
select jobforge_claim_jobs(tests.run_id(), 10);
select tests.settle_all('succeeded');
select tests.advance('2 days');
select is(jobforge_cleanup(tests.tenant('acme'), 1, '{succeeded}', p_limit => 1),
  jsonb_build_object('deleted', 1, 'next', tests.id('one')), 'a batch of one job');
select is(jobforge_cleanup(tests.tenant('acme'), 1, '{succeeded}', tests.id('one'), 1),
  jsonb_build_object('deleted', 1, 'next', tests.id('two')), 'goes on behind it');

select * from finish();
rollback;
