begin;
select plan(1);

select tests.freeze();
select tests.start_run();
select tests.enqueue('job');
select tests.claim();
select tests.advance('46 seconds');
select is(
  jobforge_explain_job(tests.id('job'), tests.tenant('acme')) ->> 'reason', 'lease_expiring',
  'its worker is not heard of');

select * from finish();
rollback;
