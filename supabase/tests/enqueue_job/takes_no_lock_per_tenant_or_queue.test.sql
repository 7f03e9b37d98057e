begin;
select plan(2);

create function pg_temp.enqueue_for(p_from int, p_to int, p_known boolean) returns bigint
language plpgsql
as $$
begin
  for v_n in p_from..p_to loop
    if p_known then
      perform public.jobforge_configure_queue(tests.tenant(v_n::text), 'default',
        case when v_n % 2 = 0 then '{"max_queued": 10}' else '{}' end::jsonb);
    end if;
  end loop;
  create temp table before on commit drop as
    select count(*) as locks from pg_locks where pid = pg_backend_pid();
  for v_n in p_from..p_to loop
    perform public.jobforge_enqueue_job(tests.tenant(v_n::text), 'test.job');
    perform public.jobforge_enqueue_job(tests.tenant(v_n::text), 'test.job',
      p_idempotency_key => 'once');
    perform public.jobforge_enqueue_jobs(tests.tenant(v_n::text), '[{"type": "test.job"}]');
  end loop;
  return (select count(*) - (select locks from before) from pg_locks where pid = pg_backend_pid());
end
$$;
-- Once for each path, so that the relations are locked already.
select pg_temp.enqueue_for(1, 2, true), tests.commit();
drop table before;
select pg_temp.enqueue_for(3, 4, false);
drop table before;
select cmp_ok(pg_temp.enqueue_for(101, 150, true), '<', 5::bigint, 'for fifty tenants');
drop table before;
select cmp_ok(pg_temp.enqueue_for(201, 250, false), '<', 5::bigint, 'for fifty new ones');

select * from finish();
rollback;
