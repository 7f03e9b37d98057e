begin;
select plan(5);

-- Ten a minute is one every six seconds.
select jobforge_configure_queue(
  tests.tenant('acme'), 'default', '{"rate_limit": 10, "rate_period_ms": 60000}');
select tests.freeze();
select tests.start_run();
select tests.fill('acme', 100);

select is((select count(*) from tests.claim(100)), 1::bigint, 'one at once');
select is((select count(*) from tests.claim(100)), 0::bigint, 'no second');
select tests.advance('5999 milliseconds');
select is((select count(*) from tests.claim(100)), 0::bigint, 'not a millisecond early');
select tests.advance('1 millisecond');
select is((select count(*) from tests.claim(100)), 1::bigint, 'the second after six seconds');
select is(
  (select jobs from tests.claim_shares(100, 60, '1 second')), 10::bigint,
  'ten in the next minute of a claim a second');

select * from finish();
rollback;
