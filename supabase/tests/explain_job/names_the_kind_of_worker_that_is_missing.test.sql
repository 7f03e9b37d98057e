begin;
select plan(6);

update jobforge.settings set project_url = 'https://acme.supabase.co';
select tests.start_run('function', 10,
  '[{"type": "heavy", "runs_on": "container"}, {"type": "near", "runs_on": "edge"}]');
select tests.enqueue('heavy', '{"type": "heavy"}');
select tests.enqueue('near', '{"type": "near"}');
select is(jobforge_explain_job(tests.id('heavy'), tests.tenant('acme')) ->> 'message',
  'No container worker for this type is running. No attempt is spent meanwhile.',
  'before a run met it');
select is(jobforge_explain_job(tests.id('near'), tests.tenant('acme')) ->> 'reason',
  'waiting_its_turn', 'a run takes the other');
select tests.claim(10, 'function');
select is(jobforge_explain_job(tests.id('heavy'), tests.tenant('acme')) ->> 'message',
  'No container worker for this type is running. No attempt is spent meanwhile.',
  'once a run set it aside');
select jobforge_finish_run(tests.run_id('function'), 'drained');
select is(jobforge_explain_job(tests.id('near'), tests.tenant('acme')) ->> 'reason',
  'waiting_for_a_worker', 'an edge worker is called when it is needed');
select tests.start_run('machine', 10, '[{"type": "heavy", "runs_on": "container"}]', 'container');
select is(jobforge_explain_job(tests.id('near'), tests.tenant('acme')) ->> 'reason',
  'waiting_for_a_worker', 'a container is no worker for it');
select tests.claim(0, 'machine');
select tests.claim(1, 'machine');
select is(tests.status('heavy'), 'running', 'the container takes what was set aside');

select * from finish();
rollback;
