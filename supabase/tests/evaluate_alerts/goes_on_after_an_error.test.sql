begin;
select plan(7);

select tests.unused_project();
select tests.freeze();
create or replace function jobforge.find_failing_jobs(
  p_rule jobforge.alert_rules, p_now timestamptz)
returns setof jobforge.reading
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$ begin raise exception 'broken'; end $$;
set local client_min_messages = error;
select tests.start_run(name) from unnest('{a,b,c}'::text[]) as name;
select tests.advance('50 seconds');
select lives_ok('select tests.run_cron()', 'the dispatcher');
select set_eq('select tests.open_alerts()', '{runs_lost}'::text[], 'and the other rules');
select is((select last_error from jobforge.maintenance_tasks where name = 'evaluate_alerts'),
  'rule jobs_failing: P0001: broken', 'the error of the rule is that of the task');
select is((select next_at - jobforge.clock() from jobforge.maintenance_tasks
  where name = 'evaluate_alerts'), '1 minute', 'which is due as ever');
select matches((select problem from jobforge.task_states(jobforge.clock())
  where name = 'evaluate_alerts'), 'failed 1 times in a row: rule', 'the doctor shows it');
drop function jobforge.send_notifications(timestamptz);
delete from jobforge.alert_rules where rule = 'jobs_failing';
select tests.advance('1 minute');
select jobforge.perform_task('evaluate_alerts');
select matches((select last_error from jobforge.maintenance_tasks
  where name = 'evaluate_alerts'), 'notifications: 42883', 'so is one of the notifications');
select is((select next_at - jobforge.clock() from jobforge.maintenance_tasks
  where name = 'evaluate_alerts'), '0', 'and does not put the next evaluation off');

select * from finish();
rollback;
