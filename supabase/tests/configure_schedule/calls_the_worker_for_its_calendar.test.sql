begin;
select plan(2);

select tests.freeze();
select tests.setup();
select tests.schedule('often', '{"expression": "30 seconds"}');
select is(tests.call_count(), 0, 'an interval needs none');
select tests.schedule('nightly');
select is(tests.call_count(), 1, 'a cron expression does');

select * from finish();
rollback;
