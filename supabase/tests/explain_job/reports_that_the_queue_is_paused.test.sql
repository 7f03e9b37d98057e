begin;
select plan(1);

select tests.start_run();
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"paused": true}');
select tests.enqueue('job');
select is(
  jobforge_explain_job(tests.id('job'), tests.tenant('acme')) ->> 'reason', 'queue_paused',
  'before anything else');

select * from finish();
rollback;
