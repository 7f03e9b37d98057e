begin;
select plan(2);

select tests.freeze();
select tests.setup();
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"max_running": 1}');
select tests.start_run('worker', 1);
select tests.fill('acme', 10);
select tests.claim();
select is(jobforge_dispatch(), 0, 'more could not start');
select is(tests.call_count(), 0, 'no call is sent');

select * from finish();
rollback;
