begin;
select plan(3);

select tests.unused_project();
select tests.freeze();
select jobforge_configure_alert('no_successful_run', '{"enabled": false}');
select jobforge_configure_alert('enqueue_volume', '{"minimum": 100}');
select jobforge_configure_alert('queue_waiting', '{"enabled": false}');
create function pg_temp.minute(p_jobs int, p_times int default 1)
returns void
language plpgsql
as $$
begin
  for v_n in 1..p_times loop
    perform tests.fill('acme', p_jobs);
    perform tests.evaluate_alerts();
  end loop;
end
$$;
select pg_temp.minute(50, 90);
select is_empty('select tests.open_alerts()', 'what is usual');
select pg_temp.minute(1000);
select set_eq(
  'select tests.open_alerts()', '{enqueue_volume acme}'::text[], 'twenty times as much');
select pg_temp.minute(50, 3);
select is_empty('select tests.open_alerts()', 'as usual again');

select * from finish();
rollback;
