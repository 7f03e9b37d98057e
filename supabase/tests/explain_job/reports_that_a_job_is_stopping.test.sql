begin;
select plan(1);

select tests.hold_job();
select jobforge_cancel_job(tests.id('job'), tests.tenant('acme'));
select is(
  jobforge_explain_job(tests.id('job'), tests.tenant('acme')) ->> 'reason', 'canceling',
  'canceled, and not stopped yet');

select * from finish();
rollback;
