begin;
select plan(1);

select tests.start_run();
select tests.enqueue('job');
select tests.claim();
select jobforge_cancel_job(tests.id('job'), tests.tenant('acme'));
select is(
  jobforge_explain_job(tests.id('job'), tests.tenant('acme')) ->> 'reason', 'canceling',
  'canceled, and not stopped yet');

select * from finish();
rollback;
