begin;
select plan(3);

select tests.freeze();
select jobforge_configure_queue(
  tests.tenant('acme'), 'default', '{"rate_limit": 1, "rate_period_ms": 60000}');
select tests.enqueue('bad');
select tests.quarantine_ready();
select tests.enqueue('other');
select tests.start_run();
select results_eq('select tests.claim(5)', '{bad}'::text[], 'the quarantined job starts');
select tests.settle('bad', 'succeeded');
select is_empty('select tests.claim(5)', 'it was the one of this minute');
select tests.advance('61 seconds');
select tests.start_run('next');
select results_eq(
  $$ select tests.claim(5, 'next') $$, '{other}'::text[], 'the next one a minute later');

select * from finish();
rollback;
