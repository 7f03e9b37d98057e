begin;
select plan(3);

select tests.freeze();
select tests.enqueue('job', '{"run_at": "2030-01-01T00:00:10Z"}');
select is((tests.queue()).runnable, false, 'nothing is ready');
select tests.advance('10 seconds');
select jobforge_dispatch();
select is((tests.queue()).runnable, true, 'the dispatcher makes the queue runnable');
select is((tests.job('job')).scheduled, false, 'and the job ready');

select * from finish();
rollback;
