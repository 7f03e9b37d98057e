begin;
select plan(4);

select tests.unused_project();
select tests.freeze();
select tests.setup(4);
select tests.fill('acme', 1);
select tests.commit();
select is(tests.call_count(), 1, 'a call');
select tests.advance('3 seconds');
select is(jobforge.has_room(jobforge.clock()), true, 'its worker may still come');
select tests.advance('1 millisecond');
select is(jobforge.has_room(jobforge.clock()), false, 'then it is probably lost');
select is(jobforge_dispatch(), 1, 'so the next dispatch repeats it');

select * from finish();
rollback;
