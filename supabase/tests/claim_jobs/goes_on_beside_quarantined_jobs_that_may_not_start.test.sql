begin;
select plan(3);

select tests.unused_project();
select tests.freeze();
select tests.enqueue('poison');
select tests.quarantine_ready();
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"paused": true}');
select tests.fill('globex', 5);
select tests.start_run();
select is((select count(*)::int from tests.claim(3)), 3, 'a run without jobs claims others');
select tests.settle_all('succeeded');
select is((select count(*)::int from tests.claim(1)), 1, 'also one job');
select is((tests.run()).alone, false, 'and may claim more beside it');

select * from finish();
rollback;
