begin;
select plan(5);

select jobforge_configure_queue(tests.tenant('acme'), 'default',
  '{"rate_limit": 60, "rate_period_ms": 60000, "rate_burst": 5}');
select tests.freeze();
select tests.start_run();
select tests.fill('acme', 100);

select is((select count(*) from tests.claim(100)), 5::bigint, 'a burst of five');
select is((select count(*) from tests.claim(100)), 0::bigint, 'then none');
select tests.advance('1 second');
select is((select count(*) from tests.claim(100)), 1::bigint, 'then one a second');
select tests.advance('3 seconds');
select is((select count(*) from tests.claim(100)), 3::bigint, 'or three for three seconds');
select tests.advance('1 hour');
select is((select count(*) from tests.claim(100)), 5::bigint, 'after an hour again five');

select * from finish();
rollback;
