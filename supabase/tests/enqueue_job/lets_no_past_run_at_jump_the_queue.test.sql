begin;
select plan(2);

select tests.freeze();
select tests.start_run();
select tests.enqueue('first');
select tests.enqueue('backdated', '{"run_at": "2029-01-01T00:00:00Z"}');

select is((tests.job('backdated')).scheduled, false, 'a time that has passed needs no schedule');
select results_eq(
  'select tests.claim(2)', array['first', 'backdated'], 'jobs start in the order they came');

select * from finish();
rollback;
