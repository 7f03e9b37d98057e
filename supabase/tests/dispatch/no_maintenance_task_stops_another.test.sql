begin;
select plan(2);

select tests.freeze();
select tests.schedule('nightly');
drop function jobforge.fire_schedules(timestamptz, int);
drop function jobforge.request_refills(timestamptz);
drop function jobforge.continue_erasures(int);
drop function jobforge.delete_expired_jobs(timestamptz, int);
set local client_min_messages = error;
select lives_ok('select jobforge_dispatch()', 'four of them fail');
select is_empty(
  'select from jobforge.audit_seals where seq is null', 'the last is done all the same');

select * from finish();
rollback;
