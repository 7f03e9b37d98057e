begin;
select plan(1);

select tests.start_run();
select tests.enqueue('job');
select is(
  jobforge_explain_job(tests.id('job'), tests.tenant('acme')) ->> 'reason',
  'type_unknown_to_workers', 'no worker declared it');

select * from finish();
rollback;
