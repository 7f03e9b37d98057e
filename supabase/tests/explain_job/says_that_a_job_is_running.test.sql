begin;
select plan(1);

select tests.start_run();
select tests.enqueue('job');
select tests.claim();
select is(
  jobforge_explain_job(tests.id('job'), tests.tenant('acme')) ->> 'reason', 'running', 'running');

select * from finish();
rollback;
