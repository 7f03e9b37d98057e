begin;
select plan(4);

select tests.freeze();
select tests.start_run('worker', 1000);
create temp table refused (settings jsonb);
create function pg_temp.try_settings(p_settings jsonb, p_vtime numeric)
returns text[]
language plpgsql
as $$
declare
  v_claimed text[];
begin
  begin
    perform public.jobforge_configure_queue(tests.tenant('acme'), 'default', p_settings);
  exception when sqlstate 'PT400' then
    insert into refused values (p_settings);
    return null;
  end;
  update jobforge.queues set vtime = p_vtime;
  perform tests.fill(tenant, 3) from unnest('{acme,globex}'::text[]) as tenant;
  -- Again, so that the second claim computes with what the first one used.
  for v_n in 1..2 loop
    v_claimed := v_claimed || array(
      select tests.tenant_name((job ->> 'tenant_id')::uuid)
      from json_array_elements(public.jobforge_claim_jobs(tests.run_id(), 1000)) as job);
    perform tests.advance('1 millisecond');
  end loop;
  perform tests.settle_all('succeeded');
  return v_claimed;
end
$$;
create temp table tried as
  select settings, vtime, pg_temp.try_settings(settings, vtime) as claimed
  from unnest('{1,10000,2147483647}'::int[]) as rate_limit,
    unnest('{1,3600000,86400000}'::int[]) as rate_period_ms,
    unnest('{1,1000,2147483647}'::int[]) as rate_burst,
    (values (0.001, 0), (1000, 1e13), (1, 1e30)) as share (weight, vtime)
  cross join lateral jsonb_build_object('rate_limit', rate_limit, 'rate_period_ms', rate_period_ms,
    'rate_burst', rate_burst, 'weight', weight) as settings;
select is_empty($$
  select settings from tried
  where claimed is not null and (select count(*) from unnest(claimed) as c where c = 'globex') <> 3
$$, 'the other tenant is served at all settings');
select is_empty($$
  select settings from tried where claimed is not null and 'acme' <> all (claimed)
    and (settings ->> 'rate_burst')::int >= 1000
$$, 'and so is this one within its burst');
select cmp_ok((select count(*) from tried where claimed is not null), '>', 20::bigint,
  'most settings are taken');
select is_empty('select from jobforge.queue_faults', 'no queue raises');

select * from finish();
rollback;
