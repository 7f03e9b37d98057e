begin;
select plan(1);

select jobforge_start_run(p_types => '[{"type": "test.job"}]');
select tests.enqueue('job');
select is(
  jobforge_explain_job(tests.id('job'), tests.tenant('acme')) ->> 'reason', 'waiting_its_turn',
  'it is ready and a worker is live');

select * from finish();
rollback;
