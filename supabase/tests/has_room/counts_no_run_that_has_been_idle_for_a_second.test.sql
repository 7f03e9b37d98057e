begin;
select plan(2);

select tests.unused_project();
select tests.freeze();
select tests.setup(5);
select tests.start_run();
select tests.claim(5);
select is(jobforge.has_room(jobforge.clock()), true, 'it has just looked');
select tests.advance('700 milliseconds');
select tests.claim(5);
select tests.advance('700 milliseconds');
select tests.claim(5);
select is(jobforge.has_room(jobforge.clock()), false, 'it has found nothing for too long');

select * from finish();
rollback;
