begin;
select plan(3);

select tests.freeze();
select tests.hold_job('lost');
select tests.schedule('often', '{"expression": "30 seconds"}');
select tests.advance('46 seconds');
drop function jobforge.enqueue_for_schedule(public.jobforge_schedules, uuid);
drop function jobforge.seal_audit(int);
set local client_min_messages = error;
select lives_ok('select tests.run_cron()', 'maintenance tasks that fail');
select is(tests.status('lost'), 'queued', 'do not stop the dispatcher''s own work');
select is((tests.scheduled('often')).failed, 1::bigint, 'and it is counted');

select * from finish();
rollback;
