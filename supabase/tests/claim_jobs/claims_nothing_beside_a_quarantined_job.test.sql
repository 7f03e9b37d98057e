begin;
select plan(2);

select tests.freeze();
select tests.quarantine('poison');
select tests.start_run();
select tests.fill('globex', 10);
select tests.claim(10);
select is_empty('select tests.claim(10)', 'nothing else while it is held');
select tests.settle('poison', 'succeeded');
select is((select count(*) from tests.claim(10)), 10::bigint, 'the others afterwards');

select * from finish();
rollback;
