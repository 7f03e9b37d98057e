begin;
select plan(3);

select tests.schedule('all', '{}', null);
select tests.as_member('acme');
select is_empty('select from jobforge_schedules', 'nor see them');
select tests.refuses(
  'select jobforge_run_schedule(id) from tests.schedules', 'not_found', 'run_schedule');
select tests.refuses(
  'select jobforge_delete_schedule(id) from tests.schedules', 'not_found', 'delete_schedule');

select * from finish();
rollback;
