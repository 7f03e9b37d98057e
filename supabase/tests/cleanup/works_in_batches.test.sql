begin;
select plan(3);

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

select * from finish();
rollback;
