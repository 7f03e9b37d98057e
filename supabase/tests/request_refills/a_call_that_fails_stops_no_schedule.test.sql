begin;
select plan(2);

select tests.freeze();
select tests.setup();
drop function jobforge.call_worker(text, bigint);
set local client_min_messages = error;
select lives_ok($$ select tests.schedule('nightly') $$, 'the schedule is created');
select jobforge.perform_task('request_refills');
select is((select left(last_error, 5) from jobforge.maintenance_tasks
  where name = 'request_refills'), '42883', 'and the error of the task is kept');

select * from finish();
rollback;
