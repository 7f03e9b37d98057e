begin;
select plan(2);

select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"max_running": 1}');
select tests.start_run('worker', 1);
select tests.fill('acme', 2);
select tests.claim();
select tests.commit();
select is_empty('select tests.claim()', 'the queue is at its cap');
select tests.setup();
select tests.fill('acme', 1);
select tests.commit();
select is(tests.call_count(), 0, 'nothing more may start, so no worker is called');

select * from finish();
rollback;
