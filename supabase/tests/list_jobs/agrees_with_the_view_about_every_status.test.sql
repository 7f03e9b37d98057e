begin;
select plan(22);

-- Jobs of one tenant in every place, in two queues and two priorities.
select tests.unused_project();
select tests.freeze();
select jobforge_configure_queue(tests.tenant('acme'), 'mail');
select tests.bring('done', 'succeeded');
select tests.bring('dead', 'dead');
select tests.bring('canceled', 'canceled');
select tests.enqueue_each('bad');
select tests.quarantine_ready();
select tests.enqueue('other', '{"type": "other.job"}');
select tests.enqueue('running', '{"type": "some.job"}');
insert into tests.named_runs (name, id)
select 'worker', run_id from jobforge_start_run(p_types => '[{"type": "some.job"}]');
select tests.claim(5);
select tests.enqueue(place || queue || n, job || jsonb_build_object('queue', queue))
from unnest('{default,mail}'::text[]) as queue, generate_series(1, 3) as n, (values
  ('ready ', jsonb_build_object('priority', 0)), ('urgent ', '{"priority": -5}'),
  ('later ', '{"run_at": "2030-01-02T00:00:00Z"}')) as v (place, job);

create function pg_temp.walk(p_filter jsonb, p_limit int, p_tenant text)
returns uuid[]
language plpgsql
as $$
declare
  v_page jsonb;
  v_from uuid;
  v_ids uuid[] := '{}';
begin
  for v_n in 1..100 loop
    v_page := jobforge_list_jobs(tests.tenant(p_tenant), p_filter, v_from, p_limit);
    v_ids := v_ids || array(
      select (j ->> 'id')::uuid from jsonb_array_elements(v_page -> 'jobs') as j);
    v_from := (v_page ->> 'next')::uuid;
    exit when v_from is null;
  end loop;
  return v_ids;
end
$$;
select is(pg_temp.walk(jsonb_build_object('status', v.status, 'queue', v.queue), 2, 'acme'), array(
    select j.id from public.jobforge_jobs as j
    where j.tenant_id = tests.tenant('acme') and j.status = v.status and j.queue = v.queue
    order by j.id desc), v.status || ' in ' || v.queue)
from (
  select * from unnest('{scheduled,queued,running,succeeded,dead,canceled}'::text[]) as s (status),
    unnest('{default,mail}'::text[]) as q (queue)) as v;
select is(pg_temp.walk(jsonb_build_object('status', v.status), 3, 'acme'), array(
    select j.id from public.jobforge_jobs as j
    where j.tenant_id = tests.tenant('acme') and j.status = v.status order by j.id desc), v.status)
from unnest('{scheduled,queued,running,succeeded,dead,canceled}'::text[]) as v (status);
select is(pg_temp.walk('{}', 4, 'acme'), array(
    select j.id from public.jobforge_jobs as j where j.tenant_id = tests.tenant('acme')
    order by j.id desc), 'all of them');
select jobforge_enqueue_jobs(tests.tenant('globex'),
  '[{"type": "now"}, {"type": "later", "run_at": "2030-01-02T00:00:00Z"}]');
select is(
  (select array_agg(j ->> 'type') from jsonb_array_elements(jobforge_list_jobs(
    tests.tenant('globex'), jsonb_build_object('status', v.status)) -> 'jobs') as j),
  array[v.type], 'the first jobs of a tenant: ' || v.status)
from (values ('queued', 'now'), ('scheduled', 'later')) as v (status, type);
select isnt_empty(
  $$ select from jsonb_array_elements(jobforge_list_jobs(null) -> 'jobs') as j
    where j ->> 'tenant_id' = tests.tenant('globex')::text $$, 'and in the list of all tenants');

select * from finish();
rollback;
