begin;
select plan(5);

select tests.freeze();
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"max_queued": 3}');
select tests.start_run();
select tests.enqueue_each('one', 'two', 'three');
select tests.claim(3);
select tests.settle('one', 'errored');
select tests.settle('two', 'released');
select is(jobforge.queued((tests.queue()).id), 2::bigint, 'two wait again');
select tests.refuses($$ select tests.fill('acme', 2) $$, 'queue_full', 'two more do not fit');
select lives_ok($$ select tests.enqueue('four') $$, 'one does');
select tests.refuses($$ select tests.enqueue('five') $$, 'queue_full', 'then it is full');
select tests.settle('three', 'errored');
select tests.claim(1);
select tests.refuses($$ select tests.enqueue('six') $$, 'queue_full',
  'as long as more wait again than were started');

select * from finish();
rollback;
