begin;
select plan(3);

select tests.unused_project();
select tests.freeze();
select tests.setup(1);
select tests.start_run('worker', 1);
select tests.fill('acme', 10);
select tests.claim();
select tests.advance('30 seconds') from generate_series(1, 1);
select jobforge_heartbeat(tests.run_id());
select tests.advance('40 seconds');
select jobforge_heartbeat(tests.run_id());
delete from net.http_request_queue;
select is((tests.run()).state, 'live', 'it has lived for more than a minute');
select is(jobforge_dispatch(), 0, 'and counts towards max_runs');
select tests.setup(2);
select is(jobforge_dispatch(), 1, 'a second one may start');

select * from finish();
rollback;
