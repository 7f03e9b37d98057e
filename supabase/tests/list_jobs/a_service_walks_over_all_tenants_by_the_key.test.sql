begin;
select plan(4);

create function pg_temp.plan_of(p_query text)
returns text
language plpgsql
as $$
declare
  v_line text;
  v_plan text := '';
begin
  for v_line in execute 'explain ' || p_query loop
    v_plan := v_plan || v_line || E'\n';
  end loop;
  return v_plan;
end
$$;
select tests.fill('acme', 1000), tests.fill('globex', 1000);
analyze jobforge.jobs;
select tests.as_service();
create temp table page as select pg_temp.plan_of(
  $$ select * from jobforge_jobs order by tenant_id, id limit 10 $$) as plan;
select unalike((select plan from page), '%Sort%', 'a page in the order of the key sorts nothing');
select alike((select plan from page), '%jobs_pkey%', 'it reads the key');
create temp table next_page as select pg_temp.plan_of(format(
  $$ select * from jobforge_jobs where (tenant_id, id) > (%L, %L)
    order by tenant_id, id limit 10 $$,
  tests.tenant('acme'), gen_random_uuid())) as plan;
select unalike((select plan from next_page), '%Sort%', 'nor does the next page');
select alike(
  (select plan from next_page), '%Index Cond: (ROW(%', 'which starts after the last key');

select * from finish();
rollback;
