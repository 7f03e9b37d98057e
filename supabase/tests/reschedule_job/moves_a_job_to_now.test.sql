begin;
select plan(2);

select tests.freeze();
select tests.start_run();
select tests.enqueue('job', '{"run_at": "2030-06-01T00:00:00Z"}');
select is_empty('select tests.claim()', 'it waits for June');
select jobforge_reschedule_job(tests.id('job'), jobforge.clock(), tests.tenant('acme'));
select results_eq('select tests.claim()', array['job'], 'it can start at once');

select * from finish();
rollback;
