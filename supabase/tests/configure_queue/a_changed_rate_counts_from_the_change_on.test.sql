begin;
select plan(5);

select tests.freeze();
select tests.start_run();
create function pg_temp.claimed() returns int language sql
return json_array_length(jobforge_settle_and_claim(tests.run_id(), '[]', 100) #> '{jobs,id}');
select jobforge_configure_queue(tests.tenant('acme'), 'default',
  '{"rate_limit": 1, "rate_period_ms": 86400000}');
select tests.fill('acme', 50);
select is(pg_temp.claimed(), 1, 'one start a day');
select tests.advance('1 minute');
select is(pg_temp.claimed(), 0, 'and no other');
select jobforge_configure_queue(tests.tenant('acme'), 'default',
  '{"rate_limit": 10, "rate_period_ms": 1000}');
select is(pg_temp.claimed(), 0, 'a higher rate grants no start at once');
select tests.advance('100 milliseconds');
select is(pg_temp.claimed(), 1, 'but the next one an interval of the new rate later');
select jobforge_configure_queue(tests.tenant('acme'), 'default',
  '{"rate_limit": 1, "rate_period_ms": 3600000}');
select jobforge.promote(jobforge.clock());
select tests.advance('59 minutes');
select is(pg_temp.claimed(), 0, 'a lower rate counts at once too');

select * from finish();
rollback;
