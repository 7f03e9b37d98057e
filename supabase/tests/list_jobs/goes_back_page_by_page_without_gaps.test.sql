begin;
select plan(6);

-- More tenants than one call looks at, jobs in any order of tenants, few of them failed or running.
-- The used project has jobs that go on for pages of their own.
select tests.unused_project();
insert into public.jobforge_queues (tenant_id)
select md5('tenant ' || n)::uuid from generate_series(1, 250) as n;
insert into jobforge.queues (tenant_id)
select md5('tenant ' || n)::uuid from generate_series(1, 250) as n;
insert into jobforge.jobs (tenant_id, id, queue_id, type, payload, status, run_at, attempts,
  created_at, finished_at)
select q.tenant_id, (lpad(to_hex(1893456000000 + n), 12, '0') || '7' || right(md5(n::text), 3)
    || '8' || right(md5(n::text || 'b'), 15))::uuid, q.id, 'test.' || n % 7, '{}',
  case when n % 97 = 0 then 'failed' when n % 89 <> 0 and n % 3 <> 0 then 'succeeded' end, c.at,
  1, c.at, case when n % 97 = 0 or n % 89 <> 0 and n % 3 <> 0 then c.at end
from generate_series(1, 6000) as n
join jobforge.queues as q on q.tenant_id = md5('tenant ' || (n * 7919) % 250 + 1)::uuid
cross join lateral (
  select timestamptz '2030-01-01 00:00:00+00' + n * interval '1 millisecond' as at) as c;
insert into jobforge.unsuccessful_jobs
select tenant_id, id from jobforge.jobs where status = 'failed';
-- Every 89th runs.
insert into jobforge.leases (run_id, token, queue_id, tenant_id, started_at, ids, places)
select 1, row_number() over (order by j.id), j.queue_id, j.tenant_id, now(), array[j.id],
  array[j.ctid]
from jobforge.jobs as j
where j.status is null and (extract(epoch from j.created_at) * 1000)::bigint % 1000000 % 89 = 0;
insert into jobforge.ready (queue_id, bytes, priority, id, tenant_id, place)
select j.queue_id, 8, 0, j.id, j.tenant_id, j.ctid from jobforge.jobs as j
where j.status is null and not exists (select from jobforge.leases as l where j.id = any (l.ids));

create function pg_temp.walk(p_filter jsonb, p_limit int, p_tenant uuid default null)
returns uuid[]
language plpgsql
as $$
declare
  v_page jsonb;
  v_from uuid;
  v_ids uuid[] := '{}';
begin
  for v_n in 1..500 loop
    v_page := jobforge_list_jobs(p_tenant, p_filter, v_from, p_limit);
    v_ids := v_ids || array(
      select (j ->> 'id')::uuid from jsonb_array_elements(v_page -> 'jobs') as j);
    if v_page ->> 'next' = v_from::text then
      raise exception 'it does not go on';
    end if;
    v_from := (v_page ->> 'next')::uuid;
    exit when v_from is null;
  end loop;
  return v_ids;
end
$$;

select is(pg_temp.walk('{}', 200),
  (select array_agg(j.id order by j.id desc) from public.jobforge_jobs as j), 'all of all tenants');
select is(pg_temp.walk('{"status": "failed"}', 7),
  (select array_agg(j.id order by j.id desc) from public.jobforge_jobs as j
    where j.status = 'failed'), 'by an ended status');
select is(pg_temp.walk('{"status": "running"}', 7),
  (select array_agg(j.id order by j.id desc) from public.jobforge_jobs as j
    where j.status = 'running'), 'running');
select is(pg_temp.walk('{"status": ["queued", "failed"], "type": "test.3"}', 50),
  (select array_agg(j.id order by j.id desc) from public.jobforge_jobs as j
    where j.status in ('queued', 'failed') and j.type = 'test.3'), 'by status and type');
select is(pg_temp.walk('{"created_after": "2030-01-01T00:00:02Z",
    "created_before": "2030-01-01T00:00:03Z"}', 50),
  (select array_agg(j.id order by j.id desc) from public.jobforge_jobs as j
    where j.created_at >= '2030-01-01 00:00:02+00' and j.created_at < '2030-01-01 00:00:03+00'),
  'by time');
select is(pg_temp.walk('{"type": "test.3"}', 5, md5('tenant 3')::uuid),
  (select array_agg(j.id order by j.id desc) from public.jobforge_jobs as j
    where j.tenant_id = md5('tenant 3')::uuid and j.type = 'test.3'), 'of one tenant');

select * from finish();
rollback;
