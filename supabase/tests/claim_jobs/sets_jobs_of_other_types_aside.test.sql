begin;
select plan(7);

select tests.unused_project();
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"max_queued": 3}');
select tests.enqueue('other', '{"type": "other.job"}');
select tests.enqueue_each('one', 'two');
insert into tests.named_runs (name, id)
select 'worker', run_id from jobforge_start_run(p_types => '[{"type": "test.job"}]');
select set_eq('select tests.claim(5)', '{one,two}'::text[], 'the run gets what it takes');
select is(jobforge.queued((tests.queue()).id), 1::bigint, 'the other one is still queued');
select is(jobforge.running((tests.queue()).id), 2::bigint, 'and does not run');
select is((tests.queue()).vtime, 2::numeric, 'only starts move the virtual time');
select tests.enqueue_each('three', 'four');
select tests.refuses($$ select tests.enqueue('five') $$, 'queue_full', 'and it takes a place');
select tests.settle_all('succeeded');
select tests.start_run('any');
select set_eq(
  $$ select tests.claim(5, 'any') $$, '{other,three,four}'::text[], 'a run of any type takes it');
select is((tests.run('any')).alone, false, 'beside others');

select * from finish();
rollback;
