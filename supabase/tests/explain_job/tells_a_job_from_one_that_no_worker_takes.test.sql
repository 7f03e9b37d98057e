begin;
select plan(2);

select tests.enqueue('other', '{"type": "other.job"}');
insert into tests.named_runs (name, id)
select 'worker', run_id from jobforge_start_run(p_types => '[{"type": "test.job"}]');
select tests.claim(5);
select tests.enqueue('job');
select is(jobforge_explain_job(tests.id('other'), tests.tenant('acme')) ->> 'reason',
  'type_unknown_to_workers', 'it was set aside');
select is(jobforge_explain_job(tests.id('job'), tests.tenant('acme')) ->> 'reason',
  'waiting_its_turn', 'one of the same queue and priority was not');

select * from finish();
rollback;
