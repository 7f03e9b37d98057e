begin;
select plan(2);

select tests.setup();
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"paused": true}');
select tests.fill('acme', 10);
select tests.commit();
select is(jobforge_dispatch(), 0, 'no run is wanted');
select is(tests.call_count(), 0, 'no call is sent');

select * from finish();
rollback;
