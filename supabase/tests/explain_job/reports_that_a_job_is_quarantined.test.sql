begin;
select plan(1);

select tests.freeze();
select tests.quarantine('poison');
select is(
  jobforge_explain_job(tests.id('poison'), tests.tenant('acme')) ->> 'reason', 'quarantined',
  'its lease expired twice');

select * from finish();
rollback;
