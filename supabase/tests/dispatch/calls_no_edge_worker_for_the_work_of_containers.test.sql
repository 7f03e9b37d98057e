begin;
select plan(5);

select tests.unused_project();
select tests.setup();
select jobforge_start_run(p_types => '[{"type": "heavy", "runs_on": "container"}]');
delete from jobforge.runs;
select tests.fill('acme', 249, '{"type": "heavy"}');
select is(jobforge_dispatch(), 0, '249 jobs for containers need no call');
select tests.start_run('machine', 2, '[{"type": "heavy", "runs_on": "container"}]', 'container');
select tests.claim(2, 'machine');
select is(jobforge_dispatch(), 0, 'none while a container is full of them');
select tests.fill('globex', 1);
select is(jobforge_dispatch(), 1, 'a job of another type needs one');
delete from jobforge.runs where state = 'pending';
select tests.fill('acme', 1, '{"priority": -1}');
delete from jobforge.ready where tenant_id = tests.tenant('globex');
select is(jobforge_dispatch(), 1, 'also one in the queue of the others');
delete from jobforge.runs where state = 'pending';
delete from jobforge.ready where priority = -1;
select tests.quarantine_ready();
select is(jobforge_dispatch(), 0, 'quarantined ones need none either');

select * from finish();
rollback;
