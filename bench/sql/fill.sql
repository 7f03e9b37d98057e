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
-- succeeded ones. Many are inserted without the key, which is then made as it was.
create function bench.fill(p_first int, p_last int, p_jobs int, p_status text default 'queued')
returns void
language plpgsql
set maintenance_work_mem = '256MB'
as $$
begin
  if p_jobs < 200000 then
    perform bench.insert_jobs(p_first, p_last, p_jobs, p_status);
    return;
  end if;
  alter table jobforge.jobs drop constraint jobs_pkey;
  alter table jobforge.ready drop constraint ready_pkey;
  perform bench.insert_jobs(p_first, p_last, p_jobs, p_status);
  alter table jobforge.jobs add constraint jobs_pkey primary key (tenant_id, id);
  alter table jobforge.ready add constraint ready_pkey primary key (queue_id, priority, id);
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
  insert into jobforge.queues (tenant_id)
  select bench.tenant(n) from generate_series(p_first, p_last) as n
  on conflict do nothing;
  with body as (
    insert into jobforge.jobs (tenant_id, id, queue_id, type, payload, status, run_at, attempts,
      created_by, created_at, started_at, finished_at)
    select q.tenant_id, bench.job_id(v_base_ms, n), q.id, 'system.noop', bench.payload(),
      nullif(p_status, 'queued'), now(), (p_status <> 'queued')::int, 'bench', now(),
      case when p_status <> 'queued' then now() end, case when p_status <> 'queued' then now() end
    from generate_series(0, p_jobs - 1) as n
    join jobforge.queues as q
      on q.queue = 'default' and q.tenant_id = bench.tenant(p_first + n % v_tenants)
    returning queue_id, id, tenant_id, ctid
  )
  insert into jobforge.ready (queue_id, bytes, priority, id, tenant_id, place)
  select b.queue_id, pg_column_size(bench.payload()), 0, b.id, b.tenant_id, b.ctid from body as b where p_status = 'queued';
  if p_status = 'queued' then
    insert into jobforge.queue_deltas (queue_id, enqueued)
    select q.id, p_jobs / v_tenants + (n < p_jobs % v_tenants)::int
    from generate_series(0, v_tenants - 1) as n
    join jobforge.queues as q on q.queue = 'default' and q.tenant_id = bench.tenant(p_first + n);
    update jobforge.queues as q set runnable = true, cursor_at = null
    where q.tenant_id between bench.tenant(p_first) and bench.tenant(p_last);
  end if;
end
$$;
