begin;
select plan(3);

select tests.unused_project();
select tests.freeze();
select tests.setup(4);
select tests.fill('acme', 1);
select is(jobforge_dispatch(), 1, 'a call');
select tests.advance('10 seconds');
select is(jobforge_dispatch(), 1, 'ten seconds later it counts as lost');
select tests.advance('61 seconds');
select jobforge_dispatch();
select is(
  (select count(*) from jobforge.runs where state = 'undelivered'), 2::bigint,
  'after a minute the operator can see that calls did not arrive');

select * from finish();
rollback;
