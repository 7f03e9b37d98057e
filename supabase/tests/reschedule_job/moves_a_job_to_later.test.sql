begin;
select plan(3);

select tests.freeze();
select tests.start_run();
select tests.enqueue('job');
select tests.as_member('acme');
select results_eq(
  $$ select * from jobforge_reschedule_job(tests.id('job'), '2030-01-01 01:00+00') $$,
  $$ values (tests.id('job'), 'scheduled', '2030-01-01 01:00+00'::timestamptz) $$,
  'the answer has the new time');
select tests.as_owner();
select is_empty('select tests.claim()', 'it does not start now');
select tests.advance('1 hour');
select results_eq('select tests.claim()', array['job'], 'but then');

select * from finish();
rollback;
