begin;
select plan(8);

select tests.unused_project();
select tests.freeze();
select tests.known('acme');
select tests.start_run();
select is(tests.watch(), 'jobforge:' || tests.tenant('acme'), 'the topic has the tenant');
select tests.enqueue('first');
select results_eq('select tests.hints()', array['acme'], 'new jobs have no names');
select public.jobforge_enqueue_job(tests.tenant('acme'), 'test.job');
select results_eq('select tests.hints()', array['acme queued 0'], 'one that comes alone is named');
select public.jobforge_enqueue_job(tests.tenant('acme'), 'test.job');
select public.jobforge_enqueue_job(tests.tenant('acme'), 'test.job');
select results_eq($$ select count(*) from tests.hints() $$, array[1::bigint],
  'a transaction sends one hint to a topic');
select tests.claim(4);
select tests.settle_all('succeeded');
select results_eq('select tests.hints()',
  array['acme first running 1', 'acme running 1', 'acme running 1', 'acme running 1'],
  'one hint has all jobs of a claim');
select tests.fill('acme', 120);
select tests.start_run('large', 200);
select public.jobforge_claim_jobs(tests.run_id('large'), 120);
select is(
  (select jsonb_array_length(payload -> 'jobs') from realtime.messages), 0,
  'the enqueue came first');
select tests.hints();
select tests.settle_all('succeeded', 'large');
select is((select jsonb_array_length(payload -> 'jobs') from realtime.messages), 50,
  'fifty jobs at most');
select is((select count(*) from realtime.messages), 1::bigint, 'in one hint');

select * from finish();
rollback;
