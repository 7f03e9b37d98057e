begin;
select plan(5);

select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"max_running": 1}');
select tests.freeze();
select tests.start_run();
select tests.enqueue_each('first', 'second', 'third', 'fourth');
select results_eq('select tests.claim(9)', array['first'], 'one at a time');
select tests.settle('first', 'succeeded');
select results_eq('select tests.claim(9)', array['second'], 'success makes room');
select tests.settle('second', 'errored');
select results_eq('select tests.claim(9)', array['third'], 'so does an error');
select tests.settle('third', 'released');
select results_eq('select tests.claim(9)', array['third'], 'and handing back');
select is_empty('select tests.claim(9)', 'never two');

select * from finish();
rollback;
