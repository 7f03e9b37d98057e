begin;
select plan(2);

select tests.unused_project();
select tests.freeze();
create function pg_temp.rate() returns text language sql
return (select jobforge_overview() #>> '{last_5_minutes,error_rate}');
select is(pg_temp.rate(), null, 'none without an attempt');
select tests.start_run();
select tests.enqueue('job');
select tests.claim();
select tests.settle_all('failed');
select jobforge.roll_up(jobforge.clock());
select is(pg_temp.rate()::numeric, 1.0, 'one of one');

select * from finish();
rollback;
