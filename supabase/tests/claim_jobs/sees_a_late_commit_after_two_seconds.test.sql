begin;
select plan(2);

-- An id is made before its row is visible. The cursor must not hide an older id forever.
select tests.freeze();
select tests.start_run();
select tests.enqueue_each('late', 'first', 'second');
update public.jobforge_jobs set scheduled = true, run_at = 'infinity' where id = tests.id('late');
select results_eq('select tests.claim()', array['first'], 'it is not visible yet');
update public.jobforge_jobs set scheduled = false where id = tests.id('late');
select tests.advance('2 seconds');
select results_eq('select tests.claim()', array['late'], 'two seconds later it is found');

select * from finish();
rollback;
