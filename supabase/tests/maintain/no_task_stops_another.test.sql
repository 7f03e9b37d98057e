begin;
select plan(4);

select tests.unused_project();
select tests.freeze();
select tests.schedule('nightly');
drop function jobforge.fire_schedules(timestamptz, int);
drop function jobforge.request_refills(timestamptz);
drop function jobforge.continue_erasures(int);
drop function jobforge.delete_expired_jobs(timestamptz, int);
set local client_min_messages = error;
select lives_ok('select tests.maintain()', 'some of them fail');
select is_empty(
  'select from jobforge.audit_seals where seq is null', 'the others are done all the same');
select bag_eq($$
  select name, failures, left(last_error, 5) from jobforge.maintenance_tasks where failures > 0
$$, $$ values ('fire_schedules', 1, '42883'), ('request_refills', 1, '42883'),
  ('delete_expired_jobs', 1, '42883') $$, 'each error is kept');
select is(
  (select count(*) from jobforge.maintenance_tasks
    where last_succeeded_at = jobforge.clock() and last_failed_at is null),
  (select count(*) - 4 from jobforge.maintenance_tasks), 'so is each success');

select * from finish();
rollback;
