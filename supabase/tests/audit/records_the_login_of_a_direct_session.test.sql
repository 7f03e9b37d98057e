begin;
select plan(1);

select tests.unused_project();
select tests.enqueue('job');
select jobforge_cancel_job(tests.id('job'), tests.tenant('acme'));
select results_eq(
  'select role, subject from jobforge_audit_log',
  $$ values (session_user::text collate "default", null) $$,
  'without a JWT it is the role that logged in');

select * from finish();
rollback;
