begin;
select plan(1);

select tests.freeze();
select tests.hold_job();
create temp table first as select (tests.job('job')).lease_token;
select tests.settle('job', 'released');
select tests.claim();
select cmp_ok(
  (tests.job('job')).lease_token, '>', (select lease_token from first),
  'a token is never used again, even for an attempt that was handed back');

select * from finish();
rollback;
