begin;
select plan(2);

select tests.freeze();
select tests.hold_job('job', '{"timeout_ms": 3600000}');
create function pg_temp.a_minute()
returns void
language plpgsql
as $$
begin
  for v_n in 1..12 loop
    perform tests.advance('5 seconds');
    perform public.jobforge_heartbeat(tests.run_id());
    perform public.jobforge_dispatch();
  end loop;
end
$$;
select pg_temp.a_minute() from generate_series(1, 10);
select is((tests.run()).state, 'live', 'ten minutes of heartbeats');
select is(tests.status('job'), 'running', 'and still its job');

select * from finish();
rollback;
