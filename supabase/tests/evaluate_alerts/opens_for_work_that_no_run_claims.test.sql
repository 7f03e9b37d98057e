begin;
select plan(4);

select tests.unused_project();
select tests.freeze();
select tests.enqueue('job');
select tests.evaluate_alerts();
select is_empty('select tests.open_alerts()', 'a minute is not long');
select tests.evaluate_alerts();
select set_eq('select tests.open_alerts()', '{no_successful_run}'::text[], 'two are');
select tests.start_run(p_capacity => 1);
select tests.enqueue('other');
select tests.claim(1);
create function pg_temp.work(p_minutes int)
returns void
language plpgsql
as $$
begin
  for v_n in 1..p_minutes loop
    perform public.jobforge_heartbeat(tests.run_id());
    perform tests.advance('20 seconds');
    perform public.jobforge_heartbeat(tests.run_id());
    perform tests.advance('20 seconds');
    perform public.jobforge_heartbeat(tests.run_id());
    perform tests.advance('20 seconds');
    perform jobforge.evaluate_alerts(jobforge.clock());
  end loop;
end
$$;
select pg_temp.work(3);
select is_empty('select tests.open_alerts()', 'a run that is full is at work');
select tests.evaluate_alerts(4);
select set_eq('select tests.open_alerts()', '{no_successful_run}'::text[], 'a dead one is not');

select * from finish();
rollback;
