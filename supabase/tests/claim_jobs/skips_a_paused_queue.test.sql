begin;
select plan(2);

select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"paused": true}');
select tests.start_run();
select tests.fill('acme', 100);
select tests.enqueue('other', '{}', 'globex');
select results_eq('select tests.claim(50)', array['other'], 'the other queue is served');
select is_empty('select tests.claim(50)', 'the paused one is not');

select * from finish();
rollback;
