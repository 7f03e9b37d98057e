begin;
select plan(2);

select tests.freeze();
select tests.quarantine('poison');
select tests.start_run('one');
select tests.start_run('two');
select tests.fill('acme', 10);
select tests.claim(10, 'one');
select is(tests.status('poison'), 'running', 'one run holds the quarantined job');
select is(
  (select count(*) from tests.claim(10, 'two')), 10::bigint,
  'another claims the rest of that queue');

select * from finish();
rollback;
