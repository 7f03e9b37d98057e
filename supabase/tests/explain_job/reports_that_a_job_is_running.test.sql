begin;
select plan(1);

select tests.hold_job();
select is(
  jobforge_explain_job(tests.id('job'), tests.tenant('acme')) ->> 'reason', 'running', 'running');

select * from finish();
rollback;
