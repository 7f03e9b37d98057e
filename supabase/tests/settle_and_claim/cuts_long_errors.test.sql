begin;
select plan(1);

select tests.hold_job();
select tests.settle('job', 'failed', jsonb_build_object('error', jsonb_build_object(
  'code', repeat('c', 1000), 'message', repeat('m', 100000), 'stack', 'secret')));
select is(
  (tests.job('job')).last_error,
  jsonb_build_object('code', repeat('c', 100), 'message', repeat('m', 4096)),
  'code and message are cut, nothing else is kept');

select * from finish();
rollback;
