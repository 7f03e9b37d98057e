begin;
select plan(6);

select tests.unused_project();
select tests.freeze();
select tests.setup();
select tests.known('acme');
select tests.start_run('machine', 5, '[{"type": "light"}, {"type": "near", "runs_on": "edge"}]',
  'container');
select tests.claim(1, 'machine');
select tests.advance('2 seconds');
select jobforge_enqueue_job(tests.tenant('acme'), 'light');
select tests.commit();
select is(tests.call_count(), 0, 'an idle container polled two seconds ago');
select jobforge_enqueue_jobs(tests.tenant('acme'), '[{"type": "light"}, {"type": "light"}]');
select tests.commit();
select is(tests.call_count(), 0, 'it has room for a batch too');
select jobforge_enqueue_job(tests.tenant('acme'), 'near');
select tests.commit();
select is(tests.call_count(), 1, 'it does not take edge-only work');
delete from jobforge.runs where state = 'pending';
select tests.claim(1, 'machine');
select jobforge_enqueue_job(tests.tenant('acme'), 'near');
select tests.commit();
select is(tests.call_count(), 2, 'not even while its queue is awake');
delete from jobforge.runs where state = 'pending';
select tests.advance('1001 milliseconds');
select jobforge_enqueue_jobs(tests.tenant('acme'), '[{"type": "near"}, {"type": "light"}]');
select tests.commit();
select is(tests.call_count(), 3, 'nor one of a batch');
delete from jobforge.runs where state = 'pending';
select tests.advance('3 seconds');
select jobforge_enqueue_job(tests.tenant('acme'), 'light');
select tests.commit();
select is(tests.call_count(), 4, 'a silent container is no help');

select * from finish();
rollback;
