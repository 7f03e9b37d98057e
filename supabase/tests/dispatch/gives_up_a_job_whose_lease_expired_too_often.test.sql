begin;
select plan(4);

select tests.freeze();
select tests.enqueue('job', '{"max_attempts": 3}');
select tests.expire_lease('job');
select tests.expire_lease('job');
select is(tests.status('job'), 'queued', 'two of three attempts are lost');
select tests.expire_lease('job');
select is(tests.status('job'), 'dead', 'the third was the last');
select is(
  tests.attempts('job'), '1 lease_expired, 2 lease_expired, 3 lease_expired', 'all are recorded');
select is((tests.job('job')).last_error ->> 'code', 'lease_expired', 'the job says why');

select * from finish();
rollback;
