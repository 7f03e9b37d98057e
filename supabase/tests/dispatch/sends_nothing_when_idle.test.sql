begin;
select plan(3);

select tests.unused_project();
select tests.setup();
select is(jobforge_dispatch(), 0, 'no run is wanted');
select tests.commit();
select is(tests.call_count(), 0, 'no call is sent');
select is((select count(*) from jobforge.runs), 0::bigint, 'no run is made');

select * from finish();
rollback;
