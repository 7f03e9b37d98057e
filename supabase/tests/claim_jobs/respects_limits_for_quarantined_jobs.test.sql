begin;
select plan(3);

select tests.freeze();
select tests.quarantine('poison');
select tests.start_run();
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"paused": true}');
select is_empty('select tests.claim()', 'not while its queue is paused');
select jobforge_configure_queue(
  tests.tenant('acme'), 'default', '{"paused": false, "max_running": 0}');
select is_empty('select tests.claim()', 'nor at its cap');
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"max_running": 1}');
select results_eq('select tests.claim()', array['poison'], 'but when there is room');

select * from finish();
rollback;
