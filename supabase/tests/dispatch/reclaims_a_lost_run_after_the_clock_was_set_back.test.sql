begin;
select plan(9);

select tests.unused_project();
select tests.freeze();
select tests.setup(2);
select jobforge_configure_queue(tests.tenant('acme'));
select tests.hold_job('held');
select tests.start_run('lives');
update jobforge.runs set polled_at = jobforge.clock() where state = 'live';
select jobforge.call_worker('https://example.com', 1);
select tests.advance('-1 hour');
select ok(jobforge.has_room(jobforge.clock()), 'a lost run of the future counts as help');

select jobforge_dispatch();
select is(
  (select count(*) from jobforge.runs where state = 'live' and lease_expires_at
    = jobforge.clock() + (select make_interval(secs => lease_seconds) from jobforge.settings)),
  2::bigint, 'the dispatcher sets the leases anew, by the new clock');
select is(
  (select count(*) from jobforge.runs where state = 'live' and polled_at > jobforge.clock()),
  0::bigint, 'none of the runs asked for jobs in the future');
select is((select state::text from jobforge.runs where call_slot = 1), 'undelivered',
  'a ticket of the future counts no longer');
select is(tests.status('held'), 'running', 'a run that may live keeps its jobs');
select tests.advance('40 seconds');
select jobforge_heartbeat(tests.run_id('lives'));
select tests.advance('6 seconds');
select jobforge_dispatch();
select is((tests.run()).state, 'lost', 'the run that reports nothing is lost');
select is(tests.status('held'), 'queued', 'and its job is queued again');
select is((tests.run('lives')).state, 'live', 'the run that reports lives');
update jobforge.runs set lease_expires_at = jobforge.clock() + interval '48 seconds'
where id = tests.run_id('lives');
select jobforge_dispatch();
select is((tests.run('lives')).lease_expires_at, jobforge.clock() + interval '48 seconds',
  'a report that came a moment after the dispatch began is left alone');

select * from finish();
rollback;
