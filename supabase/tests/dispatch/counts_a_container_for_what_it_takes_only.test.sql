begin;
select plan(6);

select tests.unused_project();
select tests.freeze();
select tests.setup();
select tests.start_run('machine', 5, '[{"type": "light"}, {"type": "near", "runs_on": "edge"}]',
  'container');
select tests.claim(1, 'machine');
select tests.fill('globex', 1, '{"type": "near"}');
select is(jobforge_dispatch(), 1, 'it is no help with edge-only work');
delete from jobforge.runs where state = 'pending';
delete from jobforge.ready where tenant_id = tests.tenant('globex');
select tests.fill('globex', 1, '{"type": "unheard.of"}');
select is(jobforge_dispatch(), 1, 'nor with a type that it does not know');
delete from jobforge.runs where state = 'pending';
delete from jobforge.ready where tenant_id = tests.tenant('globex');
select tests.advance('2 seconds');
select tests.fill('acme', 5, '{"type": "light"}');
select is(jobforge_dispatch(), 0, 'two seconds after a poll it has room for five that it takes');
select tests.fill('globex', 1, '{"type": "near"}');
select is(jobforge_dispatch(), 1, 'but not for edge-only work beside them');
delete from jobforge.runs where state = 'pending';
delete from jobforge.ready where tenant_id = tests.tenant('globex');
select tests.fill('globex', 1, '{"type": "light"}');
select is(jobforge_dispatch(), 1, 'nor for a sixth');
delete from jobforge.runs where state = 'pending';
delete from jobforge.ready where tenant_id = tests.tenant('globex');
select tests.advance('1001 milliseconds');
select is(jobforge_dispatch(), 1, 'nor for any once it has stopped asking for jobs');

select * from finish();
rollback;
