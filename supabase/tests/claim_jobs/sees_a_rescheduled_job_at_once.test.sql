begin;
select plan(2);

select tests.freeze();
select tests.start_run();
select tests.enqueue('first', '{"run_at": "2030-06-01T00:00:00Z"}');
select tests.enqueue_each('second', 'third');
select results_eq('select tests.claim()', array['second'], 'the cursor is behind the second');
select jobforge_reschedule_job(tests.id('first'), jobforge.clock(), tests.tenant('acme'));
select results_eq('select tests.claim()', array['first'], 'it comes before the third');

select * from finish();
rollback;
