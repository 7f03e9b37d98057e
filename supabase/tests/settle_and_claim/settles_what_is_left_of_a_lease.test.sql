begin;
select plan(6);

select tests.unused_project();
select tests.freeze();
select tests.start_run();
select tests.enqueue_each('one', 'two', 'three', 'four');
select tests.claim(3);
create temp table lease as select jsonb_build_object('lease_token', (tests.job('one')).lease_token)
  as token;
select tests.settle('one', 'failed');
select is(
  (select tests.report(jsonb_build_array(token)) ->> 'settled' from lease), '2',
  'a lease whose first job failed has two left');
select is(
  array[tests.status('one'), tests.status('two'), tests.status('three')],
  '{failed,succeeded,succeeded}', 'the first stays failed');
select is(
  (select tests.report(jsonb_build_array(token)) ->> 'settled' from lease), '0',
  'a lease that has ended settles nothing');
select is(tests.status('four'), 'queued', 'nor any other job');

select tests.claim(1);
select tests.enqueue('five');
select tests.claim(1);
select is(
  (select tests.report(jsonb_build_array(
    jsonb_build_object('lease_token', (tests.job('four')).lease_token),
    tests.outcome('five', 'errored'))) ->> 'settled'), '2',
  'a whole lease goes with the outcome of another job');
select is(
  array[tests.status('four'), tests.status('five')], '{succeeded,scheduled}',
  'and each counts for its own');

select * from finish();
rollback;
