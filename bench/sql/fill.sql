-- What the bench adds to a database of JobForge: sizes that would take too long through the public
-- functions, with counters as those would have left them.

create schema bench;

create function bench.payload()
returns jsonb
language sql immutable
as $$ select '{"a": 1, "b": "hello world small payload"}'::jsonb $$;

create function bench.tenant(p_number int)
returns uuid
language sql immutable
as $$ select ('00000000-0000-4000-8000-' || lpad(to_hex(p_number), 12, '0'))::uuid $$;

-- Ids sort by p_number, and before those of jobs enqueued later.
create function bench.job_id(p_base_ms bigint, p_number int)
returns uuid
language sql immutable
as $$
  select (lpad(to_hex(p_base_ms + p_number / 4096), 12, '0') || '7'
    || lpad(to_hex(p_number % 4096), 3, '0') || '8' || right(md5(p_number::text), 15))::uuid
$$;

-- Adds jobs to the tenants numbered p_first to p_last in turn: queued ones, ready to be claimed, or
-- succeeded ones. Many are inserted without indexes, which are then made as they were.
create function bench.fill(p_first int, p_last int, p_jobs int, p_status text default 'queued')
returns void
language plpgsql
set maintenance_work_mem = '256MB'
as $$
declare
  v_primary constant text := (
    select pg_get_constraintdef(c.oid) from pg_constraint as c
    where c.conrelid = 'public.jobforge_jobs'::regclass and c.contype = 'p');
  v_definitions constant text[] := (
    select array_agg(pg_get_indexdef(i.indexrelid)) from pg_index as i
    where i.indrelid = 'public.jobforge_jobs'::regclass and not i.indisprimary);
  v_index regclass;
  v_definition text;
begin
  if p_jobs < 200000 then
    perform bench.insert_jobs(p_first, p_last, p_jobs, p_status);
    return;
  end if;
  for v_index in select i.indexrelid from pg_index as i
    where i.indrelid = 'public.jobforge_jobs'::regclass and not i.indisprimary
  loop
    execute format('drop index %s', v_index);
  end loop;
  alter table public.jobforge_jobs drop constraint jobforge_jobs_pkey;
  perform bench.insert_jobs(p_first, p_last, p_jobs, p_status);
  execute 'alter table public.jobforge_jobs add constraint jobforge_jobs_pkey ' || v_primary;
  foreach v_definition in array v_definitions loop
    execute v_definition;
  end loop;
end
$$;

create function bench.insert_jobs(p_first int, p_last int, p_jobs int, p_status text)
returns void
language plpgsql
as $$
declare
  v_base_ms constant bigint := extract(epoch from now()) * 1000 - p_jobs / 4096 - 1;
  v_tenants constant int := p_last - p_first + 1;
begin
  insert into public.jobforge_queues (tenant_id)
  select bench.tenant(n) from generate_series(p_first, p_last) as n
  on conflict do nothing;
  insert into public.jobforge_jobs (tenant_id, id, queue_id, queue, type, payload, status, run_at,
    attempts, max_attempts, timeout_ms, created_by, created_at, started_at, finished_at)
  select q.tenant_id, bench.job_id(v_base_ms, n), q.id, 'default', 'system.noop', bench.payload(), p_status,
    now(), (p_status <> 'queued')::int, 5, 60000, 'bench', now(),
    case when p_status <> 'queued' then now() end, case when p_status <> 'queued' then now() end
  from generate_series(0, p_jobs - 1) as n
  join public.jobforge_queues as q
    on q.queue = 'default' and q.tenant_id = bench.tenant(p_first + n % v_tenants);
  if p_status = 'queued' then
    insert into jobforge.queue_tallies as t (queue_id, side, shard, total)
    select q.id, 'e', 0, p_jobs / v_tenants + (n < p_jobs % v_tenants)::int
    from generate_series(0, v_tenants - 1) as n
    join public.jobforge_queues as q
      on q.queue = 'default' and q.tenant_id = bench.tenant(p_first + n)
    on conflict (queue_id, side, shard) do update set total = t.total + excluded.total;
    update public.jobforge_queues as q set runnable = true, cursor_at = null
    where q.tenant_id between bench.tenant(p_first) and bench.tenant(p_last);
  end if;
end
$$;
