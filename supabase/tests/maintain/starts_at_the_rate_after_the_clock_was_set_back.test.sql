begin;
select plan(10);

-- A start every six seconds, and three at once.
select jobforge_configure_queue(tests.tenant('acme'), 'default',
  '{"rate_limit": 10, "rate_period_ms": 60000, "rate_burst": 3}');
select tests.setup();
select tests.freeze();
select tests.start_run();
select tests.fill('acme', 100);
select is((select count(*) from tests.claim(2)), 2::bigint, 'two of the burst');

select tests.advance('-1 hour');
select jobforge_heartbeat(tests.run_id());
select is((select count(*) from tests.claim(100)), 1::bigint, 'an hour earlier, the third is left');
select ok((tests.queue()).tat_at = jobforge.clock(), 'and counts by the new clock');
select is((select count(*) from tests.claim(100)), 0::bigint, 'the burst is used up');
select tests.advance('6 seconds');
select is((select count(*) from tests.claim(100)), 1::bigint, 'the next comes after six seconds');

select is((select count(*) from tests.claim(100)), 0::bigint, 'the queue sleeps until the next');
select tests.advance('-1 hour');
select jobforge_heartbeat(tests.run_id());
select is((select count(*) from tests.claim(100)), 0::bigint, 'an hour earlier it sleeps still');
select tests.maintain();
select ok((tests.queue()).wake_at <= jobforge.clock() + interval '6 seconds',
  'maintenance wakes it in time');
select tests.advance('5999 milliseconds');
select is((select count(*) from tests.claim(100)), 0::bigint, 'no start is owed');
select tests.advance('1 millisecond');
select is((select count(*) from tests.claim(100)), 1::bigint, 'the next comes after six seconds');

select * from finish();
rollback;
