begin;
select plan(3);

select tests.bring('one', 'dead');
select tests.bring('two', 'dead');
select tests.bring('three', 'dead');
create temp table answers as
  select jobforge_retry_jobs(tests.tenant('acme'), p_limit => 2, p_dry_run => false) as answer;
select is((select answer -> 'count' from answers), '2', 'no more than the limit at once');
select is(
  (select (answer ->> 'next')::uuid from answers), tests.id('two'),
  'the answer has the id to continue from');
select is(
  jobforge_retry_jobs(tests.tenant('acme'), p_after => tests.id('two'), p_dry_run => false)
    - 'sample',
  '{"dry_run": false, "count": 1, "skipped": 0, "next": null}', 'and null at the end');

select * from finish();
rollback;
