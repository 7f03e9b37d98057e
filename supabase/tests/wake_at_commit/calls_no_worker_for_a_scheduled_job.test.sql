begin;
select plan(1);

select tests.freeze();
select tests.setup();
select tests.enqueue('later', '{"run_at": "2030-01-01T00:00:10Z"}');
select tests.commit();
select is(tests.call_count(), 0, 'nothing is ready');

select * from finish();
rollback;
