begin;
select plan(3);

select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"max_running": 1}');
select tests.hold_job('first');
select tests.commit();
select is_empty('select tests.claim()', 'the queue is empty and at its cap');
select tests.enqueue('second');
select tests.commit();
select is_empty('select tests.claim()', 'what comes then has to wait');
select tests.settle('first', 'succeeded');
select tests.commit();
select results_eq('select tests.claim()', array['second'], 'until there is room');

select * from finish();
rollback;
