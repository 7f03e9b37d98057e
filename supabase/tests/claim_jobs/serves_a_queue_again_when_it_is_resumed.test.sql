begin;
select plan(2);

select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"paused": true}');
select tests.start_run();
select tests.enqueue('job');
select is_empty('select tests.claim()', 'nothing starts while it is paused');
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"paused": false}');
select results_eq('select tests.claim()', array['job'], 'then the next claim has it');

select * from finish();
rollback;
