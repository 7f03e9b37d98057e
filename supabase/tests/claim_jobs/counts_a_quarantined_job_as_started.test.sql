begin;
select plan(6);

select tests.unused_project();
select tests.freeze();
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"max_queued": 3}');
select tests.enqueue_each('one', 'two', 'three');
select tests.quarantine_ready();
select tests.start_run();
select is(jobforge.queued((tests.queue()).id), 3::bigint, 'three wait');
select is((select count(*) from tests.claim(5)), 1::bigint, 'one starts');
select is(jobforge.queued((tests.queue()).id), 2::bigint, 'two wait');
select is(jobforge.running((tests.queue()).id), 1::bigint, 'one runs');
select lives_ok($$ select tests.fill('acme', 1) $$, 'and has given its place back');
select tests.refuses($$ select tests.fill('acme', 1) $$, 'queue_full', 'no more than its own');

select * from finish();
rollback;
