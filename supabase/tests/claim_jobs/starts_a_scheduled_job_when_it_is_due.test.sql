begin;
select plan(5);

select tests.freeze();
select tests.start_run();
select tests.enqueue('later', '{"run_at": "2030-01-01T01:00:00Z"}');
select tests.enqueue('sooner', '{"run_at": "2030-01-01T00:30:00Z"}');
select is_empty('select tests.claim(9)', 'nothing is due');
select tests.advance('30 minutes');
select results_eq('select tests.claim(9)', array['sooner'], 'the first after half an hour');
select tests.settle('sooner', 'succeeded');
select tests.advance('29 minutes 59 seconds');
select is_empty('select tests.claim(9)', 'the second not a second early');
select tests.advance('1 second');
select results_eq('select tests.claim(9)', array['later'], 'but on time');
select is((tests.job('later')).scheduled, false, 'it is scheduled no more');

select * from finish();
rollback;
