begin;
select plan(15);

select tests.unused_project();
select tests.freeze();
select tests.enqueue_each('job', 'other');
select tests.start_run();
select is(tests.watch('job'), format('jobforge:%s:%s', tests.tenant('acme'), tests.id('job')),
  'the topic has the tenant and the job');
select is_empty('select tests.hints()', 'nothing has changed yet');
select tests.claim(2);
select results_eq('select tests.hints()', array['acme job: job running 1'], 'the start');
select public.jobforge_heartbeat(tests.run_id(),
  jsonb_build_array(jsonb_build_object('id', tests.id('job'), 'progress', '"a secret"'::jsonb)));
select set_eq($$ select jsonb_object_keys(payload) from realtime.messages $$, array['id', 'jobs'],
  'a hint has no content');
select set_eq($$ select jsonb_object_keys(payload #> '{jobs,0}') from realtime.messages $$,
  array['id', 'status', 'attempt'], 'nor has a job in it');
select results_eq('select tests.hints()', array['acme job: job running 1'], 'the progress');
select public.jobforge_cancel_job(tests.id('other'), tests.tenant('acme'));
select is_empty('select tests.hints()', 'a job beside it is not watched');
select tests.settle('job', 'errored');
select results_eq('select tests.hints()', array['acme job: job scheduled 1'], 'a failed attempt');
select tests.settle('other', 'succeeded');
select is_empty('select tests.hints()', 'the other job is not watched');
select public.jobforge_reschedule_job(tests.id('job'), jobforge.clock(), tests.tenant('acme'));
select results_eq('select tests.hints()', array['acme job: job scheduled 1'], 'a new time');
select tests.claim();
select tests.hints();
select public.jobforge_release_jobs(tests.run_id());
select results_eq('select tests.hints()', array['acme job: job queued 1'], 'a release');
select tests.claim();
select tests.hints();
select public.jobforge_cancel_job(tests.id('job'), tests.tenant('acme'));
select results_eq('select tests.hints()', array['acme job: job running 2'], 'a cancellation');
select tests.settle('job', 'succeeded');
select results_eq('select tests.hints()', array['acme job: job canceled 2'], 'the end');
select public.jobforge_retry_job(tests.id('job'), tests.tenant('acme'));
select results_eq('select tests.hints()', array['acme job: job queued 2'], 'a manual retry');
select tests.claim();
select tests.hints();
select tests.watch('job');
select tests.advance('46 seconds');
select public.jobforge_dispatch();
select results_eq('select tests.hints()', array['acme job: job queued 3'], 'a lost lease');

select * from finish();
rollback;
