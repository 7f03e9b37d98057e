begin;
select plan(1);

select tests.freeze();
select tests.start_run();
select tests.advance('30 seconds');
select tests.report('[]');
select is(
  (tests.run()).lease_expires_at, jobforge.clock() + interval '45 seconds',
  'every report is a sign of life');

select * from finish();
rollback;
