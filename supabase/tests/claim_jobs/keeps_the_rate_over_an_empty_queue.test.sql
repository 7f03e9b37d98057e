begin;
select plan(3);

select jobforge_configure_queue(
  tests.tenant('acme'), 'default', '{"rate_limit": 1, "rate_period_ms": 60000}');
select tests.freeze();
select tests.start_run();
select tests.enqueue('first');
select results_eq('select tests.claim()', array['first'], 'the first starts');
select tests.enqueue('second');
select is_empty('select tests.claim()', 'one that comes later waits for its time');
select tests.advance('1 minute');
select results_eq('select tests.claim()', array['second'], 'and then starts');

select * from finish();
rollback;
