begin;
select plan(1);

select tests.schedule('nightly');
select tests.as_member('acme');
select jobforge_delete_schedule(id) from tests.schedules;
select is(
  (select row(role, action, target)::text from jobforge_audit_log order by id desc limit 1),
  '(authenticated,delete_schedule,nightly)', 'who deleted which');

select * from finish();
rollback;
