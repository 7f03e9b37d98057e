begin;
select plan(1);

select tests.unused_project();
select tests.freeze();
select tests.start_run();
select tests.fill('acme', 20, '{"max_attempts": 1}');
select tests.claim(100);
select tests.settle_all('errored');
select tests.evaluate_alerts();
select set_eq('select tests.open_alerts()', '{jobs_failing}'::text[], 'as for those that fail');

select * from finish();
rollback;
