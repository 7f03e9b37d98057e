begin;
select plan(1);

update jobforge.settings set project_url = 'https://acme.supabase.co';
select tests.freeze();
select jobforge_start_run(p_types => '[{"type": "test.job"}]');
select tests.advance('46 seconds');
select jobforge_dispatch();
select tests.enqueue('job');
select is(
  jobforge_explain_job(tests.id('job'), tests.tenant('acme')) ->> 'reason',
  'waiting_for_a_worker', 'none is live');

select * from finish();
rollback;
