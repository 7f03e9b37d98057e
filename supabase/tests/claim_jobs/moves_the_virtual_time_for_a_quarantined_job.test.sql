begin;
select plan(2);

select tests.unused_project();
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"weight": 4}');
select tests.enqueue_each('one');
select tests.quarantine_ready();
select tests.start_run();
select results_eq('select tests.claim(5)', '{one}'::text[], 'it starts');
select is((tests.queue()).vtime, 0.25, 'by 1 / weight, as every start does');

select * from finish();
rollback;
