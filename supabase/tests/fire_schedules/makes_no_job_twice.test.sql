begin;
select plan(3);

select tests.freeze();
select tests.schedule('nightly', '{"overlap": "allow"}');
select tests.occur('nightly', '2030-01-01 03:00+00');
select tests.advance('3 hours');
create temp table before as select s as schedule from tests.scheduled('nightly') as s;
select tests.run_cron();
select tests.run_cron();
select is(tests.job_count(), 1, 'a second dispatch finds nothing');
insert into jobforge.occurrences select (schedule).id, '2030-01-01 03:00+00' from before;
update jobforge_schedules set next_at = '2030-01-01 03:00+00' where name = 'nightly';
select tests.run_cron();
select is(tests.job_count(), 1, 'even if the occurrence came back');
select jobforge.fire(schedule, jobforge.clock(), jobforge.clock(), 10, 'infinity') from before;
select is(tests.job_count(), 1, 'or an older dispatch comes late');

select * from finish();
rollback;
