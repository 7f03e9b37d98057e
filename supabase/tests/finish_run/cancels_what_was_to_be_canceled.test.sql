begin;
select plan(1);

select tests.hold_job();
select jobforge_cancel_job(tests.id('job'), tests.tenant('acme'));
select jobforge_finish_run(tests.run_id(), 'shutdown');
select is(tests.status('job'), 'canceled', 'a job told to stop does not go back to the queue');

select * from finish();
rollback;
