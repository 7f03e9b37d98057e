begin;
select plan(2);

select tests.setup();
select tests.as_member('acme');
select jobforge_enqueue_job(p_type => 'test.job');
select lives_ok('select tests.commit()', 'a user''s transaction may call the worker');
select tests.as_owner();
select is(tests.call_count(), 1, 'without any right to do so itself');

select * from finish();
rollback;
