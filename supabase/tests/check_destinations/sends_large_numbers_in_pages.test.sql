begin;
select plan(4);

select tests.freeze();
select tests.destination('orders');
select tests.known('acme');
select jobforge_configure_destination(tests.tenant('acme'), 'orders', '{"paused": true}');
select tests.publish() from generate_series(1, 501);
update jobforge.webhook_deliveries set held = true;
select tests.end_job(job_id, 'succeeded') from jobforge.webhook_deliveries;
select jobforge_configure_destination(tests.tenant('acme'), 'orders', '{"paused": false}');
select is(jobforge.run_task('check_destinations', tests.advance('1 millisecond')),
  row(500, true, null)::jobforge.task_result, 'a page of 500, and more');
select is((tests.destination_state('orders')).check_at, jobforge.clock(), 'then at once the next');
select is(tests.check_destinations(), 1, 'until all are sent');
select is((select count(*)::int from jobforge_jobs where status = 'queued'), 501, 'each once');
select * from finish();
rollback;
