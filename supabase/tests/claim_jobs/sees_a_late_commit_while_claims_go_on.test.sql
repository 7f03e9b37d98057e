begin;
select plan(8);

-- Claims that follow each other do not put off the look at what was committed late.
select tests.freeze();
select tests.start_run();
create temp table late (like jobforge.ready);
create function pg_temp.commit_late(p_name text) returns void language sql as $$
  insert into jobforge.ready select * from late where id = tests.id(p_name) $$;
select tests.enqueue_each('late', 'a1', 'a2', 'a3', 'later', 'b1', 'b2', 'b3', 'b4', 'b5', 'b6');
with gone as (
  delete from jobforge.ready where id in (tests.id('late'), tests.id('later')) returning *)
insert into late select * from gone;
select is(tests.claim(), 'a1', 'the late job is not visible yet');
select pg_temp.commit_late('late');
select tests.advance('1999 milliseconds');
select is(tests.claim(), 'a2', 'claims go on after the last one');
select tests.advance('1 millisecond');
select is(tests.claim(), 'late', 'and begin anew two seconds after the first');
select is(tests.claim(), 'a3', 'then they go on');

select results_eq('select tests.claim(2)', '{b1,b2}'::text[], 'two at once do the same');
select pg_temp.commit_late('later');
select tests.advance('1999 milliseconds');
select results_eq('select tests.claim(2)', '{b3,b4}'::text[], 'in these two seconds');
select tests.advance('1 millisecond');
select results_eq('select tests.claim(2)', '{later,b5}'::text[], 'and afterwards');
select results_eq('select tests.claim(2)', '{b6}'::text[], 'each job once');

select * from finish();
rollback;
