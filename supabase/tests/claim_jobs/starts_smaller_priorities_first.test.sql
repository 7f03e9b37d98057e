begin;
select plan(1);

select tests.start_run();
select tests.enqueue('late', '{"priority": 100}');
select tests.enqueue('usual');
select tests.enqueue('urgent', '{"priority": -100}');
select tests.enqueue('usual too', '{"priority": 0}');
select results_eq(
  'select tests.claim(4)', array['urgent', 'usual', 'usual too', 'late'],
  'by priority, then in the order they came');

select * from finish();
rollback;
