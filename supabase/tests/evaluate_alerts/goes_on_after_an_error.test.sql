begin;
select plan(2);

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

select * from finish();
rollback;
