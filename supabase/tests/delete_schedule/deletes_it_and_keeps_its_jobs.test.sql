begin;
select plan(3);

select tests.schedule('nightly');
select jobforge_run_schedule((tests.scheduled('nightly')).id);
select tests.as_member('acme');
select lives_ok('select jobforge_delete_schedule(id) from tests.schedules', 'a member may');
select is((select count(*) from jobforge_schedules), 0::bigint, 'it is gone');
select is(tests.job_count(), 1, 'its job stays');

select * from finish();
rollback;
