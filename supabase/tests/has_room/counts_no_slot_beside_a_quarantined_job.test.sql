begin;
select plan(1);

select tests.unused_project();
select tests.freeze();
select tests.quarantine('poison');
select tests.setup(4);
select tests.start_run();
select tests.claim();
select is(jobforge.has_room(jobforge.clock()), false, 'its run takes no other job');

select * from finish();
rollback;
