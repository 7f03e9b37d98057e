begin;
select plan(1);

select tests.setup();
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"paused": true}');
select tests.fill('acme', 1);
select tests.commit();
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"paused": false}');
select tests.commit();
select is(tests.call_count(), 1, 'its jobs wait no longer');

select * from finish();
rollback;
