begin;
select plan(1);

select tests.setup();
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"paused": true}');
select tests.fill('acme', 1);
select tests.commit();
select is(tests.call_count(), 0, 'nothing may start');

select * from finish();
rollback;
