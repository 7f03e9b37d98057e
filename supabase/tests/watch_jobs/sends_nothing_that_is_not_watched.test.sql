begin;
select plan(6);

select tests.unused_project();
select tests.freeze();
select tests.enqueue_each('job', 'other');
select tests.enqueue('theirs', p_tenant => 'globex');
select tests.start_run();
select tests.claim(3);
select tests.settle('other', 'errored');
select is_empty('select tests.hints()', 'no job is watched');
select tests.watch(p_tenant => 'globex');
select tests.settle('job', 'errored');
select public.jobforge_enqueue_job(tests.tenant('acme'), 'test.job');
select is_empty('select tests.hints()', 'another tenant is watched');
select tests.settle('theirs', 'errored');
select results_eq('select tests.hints()', array['globex theirs scheduled 1'], 'and gets its own');
select tests.advance('119 seconds');
select public.jobforge_retry_jobs(tests.tenant('globex'), p_dry_run => false);
select public.jobforge_cancel_job(tests.id('theirs'), tests.tenant('globex'));
select isnt_empty('select tests.hints()', 'before two minutes are over');
select tests.advance('1 second');
select public.jobforge_retry_job(tests.id('theirs'), tests.tenant('globex'));
select public.jobforge_enqueue_job(tests.tenant('globex'), 'test.job');
select is_empty('select tests.hints()', 'a watch that expired sends nothing');
select is(jobforge.prune_watches(jobforge.clock(), 10), 1, 'and is deleted');

select * from finish();
rollback;
