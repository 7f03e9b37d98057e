begin;
select plan(1);

select tests.freeze();
select tests.enqueue('poison', '{"max_attempts": 9}');
select tests.expire_lease('poison');
select tests.expire_lease('poison');
select tests.setup();
select is(jobforge_dispatch(), 1, 'it needs a run that holds nothing');

select * from finish();
rollback;
