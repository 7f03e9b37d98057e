begin;
select plan(1);

select tests.freeze();
select tests.setup();
select tests.start_run();
select tests.enqueue('later', '{"run_at": "2030-01-01T00:00:10Z"}');
select tests.advance('10 seconds');
select is(
  jobforge_finish_run(tests.run_id(), 'drained') ->> 'dispatched', '1',
  'a job that is due by now is work');

select * from finish();
rollback;
