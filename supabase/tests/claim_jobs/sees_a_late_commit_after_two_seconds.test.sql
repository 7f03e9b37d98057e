begin;
select plan(2);

-- An id is made before its row is visible. The cursor must not hide an older id forever.
select tests.freeze();
select tests.start_run();
select tests.enqueue_each('late', 'first', 'second');
create temp table late (like jobforge.ready);
with gone as (delete from jobforge.ready where id = tests.id('late') returning *)
insert into late select * from gone;
select results_eq('select tests.claim()', array['first'], 'it is not visible yet');
insert into jobforge.ready select * from late;
select tests.advance('2 seconds');
select results_eq('select tests.claim()', array['late'], 'two seconds later it is found');

select * from finish();
rollback;
