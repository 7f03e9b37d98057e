begin;
select plan(4);

select tests.setup();
select tests.fill('acme', 3);
select tests.commit();
delete from jobforge.runs;
delete from jobforge.wakeups;
update jobforge.queues set runnable = false;
select tests.start_run('blind');
select is_empty($$ select tests.claim(10, 'blind') $$, 'a queue put to sleep by mistake');
select jobforge_finish_run(tests.run_id('blind'), 'drained');
select is((tests.queue()).runnable, false, 'nothing wakes it');
select tests.maintain();
select is(jobforge_dispatch(), 1, 'but maintenance does, and the dispatcher calls a worker');
select tests.start_run();
select is((select count(*) from tests.claim(10)), 3::bigint, 'its jobs start');

select * from finish();
rollback;
