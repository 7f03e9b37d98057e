begin;
select plan(6);

select tests.unused_project();
select tests.freeze();
select tests.setup(4);
select is(jobforge.has_room(jobforge.clock()), false, 'no run is live');
select tests.start_run('worker', 2);
select tests.fill('acme', 3);
select is(jobforge.has_room(jobforge.clock()), true, 'two slots are free');
select tests.claim(2);
select is(jobforge.has_room(jobforge.clock()), false, 'none is');
select tests.start_run('other', 5);
select is(jobforge.has_room(jobforge.clock()), true, 'of another run five are');
select tests.advance('3 seconds');
select is(jobforge.has_room(jobforge.clock()), true, 'three seconds after it asked for jobs');
select tests.advance('1 millisecond');
select is(jobforge.has_room(jobforge.clock()), false, 'not when it is silent for longer');

select * from finish();
rollback;
