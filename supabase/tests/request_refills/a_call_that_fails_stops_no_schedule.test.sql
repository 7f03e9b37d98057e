begin;
select plan(2);

select tests.freeze();
select tests.setup();
drop function jobforge.call_worker(text, bigint);
set local client_min_messages = error;
select lives_ok($$ select tests.schedule('nightly') $$, 'the schedule is created');
select lives_ok('select jobforge.request_refills(jobforge.clock())', 'and dispatched');

select * from finish();
rollback;
