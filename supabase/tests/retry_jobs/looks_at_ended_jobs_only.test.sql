begin;
select plan(1);

set local enable_seqscan = off;
create function pg_temp.plan()
returns text
language plpgsql
as $$
declare
  v_line text;
  v_plan text := '';
begin
  for v_line in explain select j.id from public.jobforge_jobs as j
    where j.tenant_id = tests.tenant('acme') and j.id > gen_random_uuid()
      and j.status in ('failed', 'dead', 'canceled') order by j.id limit 10
  loop
    v_plan := v_plan || v_line;
  end loop;
  return v_plan;
end
$$;
select matches(pg_temp.plan(), 'jobforge_jobs_unsuccessful_idx', 'by an index of their own');

select * from finish();
rollback;
