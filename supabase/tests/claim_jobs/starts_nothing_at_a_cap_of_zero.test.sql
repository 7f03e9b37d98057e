begin;
select plan(2);

select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"max_running": 0}');
select tests.start_run();
select tests.enqueue('job');
select is_empty('select tests.claim()', 'zero means none');
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"max_running": 1}');
select results_eq('select tests.claim()', array['job'], 'a higher cap counts at once');

select * from finish();
rollback;
