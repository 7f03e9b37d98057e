begin;
select plan(1);

select tests.freeze();
select tests.hold_job();
select tests.advance('46 seconds');
select is(
  jobforge_explain_job(tests.id('job'), tests.tenant('acme')) ->> 'reason', 'lease_expiring',
  'its worker is not heard of');

select * from finish();
rollback;
