-- What the tests share: actors, a clock that stands still, and jobs and runs that go by name.
-- Loaded before the other files and kept; each of those rolls back what it did.
-- A file starts as the owner, who counts as a service.

set client_min_messages = warning;
drop schema if exists tests cascade;
create schema tests;
grant usage on schema tests to public;

create table tests.named_jobs (name text primary key, tenant_id uuid not null, id uuid not null);
create table tests.named_runs (name text primary key, id bigint not null);
create table tests.schedules (name text primary key, id uuid not null);
grant select, insert on tests.named_jobs, tests.named_runs, tests.schedules to public;

create function tests.tenant(p_name text)
returns uuid
language sql immutable
as $$ select md5('tenant ' || p_name)::uuid $$;

create function tests.tenant_name(p_id uuid)
returns text
language sql immutable
as $$
  select name from unnest(array['acme', 'globex', 'initech', 'hooli', 'umbrella']) as name
  where tests.tenant(name) = p_id
$$;

create function tests.sub(p_tenant text)
returns uuid
language sql immutable
as $$ select md5('user of ' || p_tenant)::uuid $$;

create function tests.act(p_role text, p_claims text)
returns void
language plpgsql
as $$
begin
  -- As PostgREST does: set local role, then the claims, for this transaction.
  perform set_config('role', p_role, true);
  perform set_config('request.jwt.claims', p_claims, true);
end
$$;

create function tests.as_member(variadic p_tenants text[])
returns void
language sql
as $$
  select tests.act('authenticated', jsonb_build_object(
    'role', 'authenticated', 'sub', tests.sub(p_tenants[1]), 'app_metadata',
    case when cardinality(p_tenants) = 1
      then jsonb_build_object('tenant_id', tests.tenant(p_tenants[1]))
      else jsonb_build_object('tenant_ids', (
        select jsonb_agg(tests.tenant(t)) from unnest(p_tenants) as t))
    end)::text)
$$;

create function tests.as_user_with(p_claims jsonb)
returns void
language sql
as $$
  select tests.act('authenticated',
    ('{"role": "authenticated", "sub": "odd"}'::jsonb || p_claims)::text)
$$;

create function tests.as_stranger()
returns void
language sql
as $$ select tests.as_user_with('{"sub": "stranger", "app_metadata": {}}') $$;

create function tests.as_anon()
returns void
language sql
as $$ select tests.act('anon', '{"role": "anon"}') $$;

create function tests.as_service()
returns void
language sql
as $$ select tests.act('service_role', '{"role": "service_role"}') $$;

create function tests.as_owner()
returns void
language sql
as $$ select tests.act('none', '') $$;

create function tests.freeze(p_at timestamptz default '2030-01-01 00:00:00+00')
returns void
language plpgsql security definer
as $$
begin
  perform set_config('tests.now', p_at::text, true);
  create or replace function jobforge.clock()
  returns timestamptz
  language sql volatile
  set search_path = ''
  as 'select current_setting(''tests.now'')::timestamptz';
end
$$;

create function tests.advance(p_by interval)
returns timestamptz
language sql
as $$
  select set_config('tests.now', (current_setting('tests.now')::timestamptz + p_by)::text, true)
    ::timestamptz
$$;

create function tests.enqueue(p_name text, p_job jsonb default '{}', p_tenant text default 'acme')
returns void
language plpgsql
as $$
begin
  -- Ids of one instant have no order among separate calls.
  if coalesce(current_setting('tests.now', true), '') <> '' then
    perform tests.advance('1 microsecond');
  end if;
  insert into tests.named_jobs (name, tenant_id, id)
  select p_name, tests.tenant(p_tenant), e.job_id
  from public.jobforge_enqueue_jobs(
    tests.tenant(p_tenant), jsonb_build_array('{"type": "test.job"}' || p_job)) as e;
end
$$;

create function tests.fill(p_tenant text, p_count int, p_job jsonb default '{}')
returns void
language plpgsql
as $$
begin
  for v_from in 1..p_count by 1000 loop
    perform public.jobforge_enqueue_jobs(tests.tenant(p_tenant), (
      select jsonb_agg('{"type": "test.job"}' || p_job)
      from generate_series(v_from, least(p_count, v_from + 999))));
  end loop;
end
$$;

create function tests.id(p_name text)
returns uuid
language sql stable
as $$ select id from tests.named_jobs where name = p_name $$;

create function tests.name(p_id uuid)
returns text
language sql stable
as $$ select name from tests.named_jobs where id = p_id $$;

create function tests.job(p_name text)
returns public.jobforge_jobs
language sql stable security definer
as $$
  select j.* from public.jobforge_jobs as j join tests.named_jobs as n using (tenant_id, id)
  where n.name = p_name
$$;

create function tests.status(p_name text)
returns text
language sql stable
as $$ select (tests.job(p_name)).status $$;

create function tests.attempts(p_name text)
returns text
language sql stable security definer
as $$
  select string_agg(a.attempt_no || ' ' || a.outcome, ', ' order by a.attempt_no)
  from public.jobforge_job_attempts as a
  join tests.named_jobs as n on n.tenant_id = a.tenant_id and n.id = a.job_id
  where n.name = p_name
$$;

create function tests.start_run(p_name text default 'worker', p_capacity int default 100)
returns void
language sql
as $$
  insert into tests.named_runs (name, id)
  select p_name, r.run_id
  from public.jobforge_start_run(p_worker => p_name, p_capacity => p_capacity) as r
$$;

create function tests.run_id(p_name text default 'worker')
returns bigint
language sql stable
as $$ select id from tests.named_runs where name = p_name $$;

create function tests.run(p_name text default 'worker')
returns jobforge.runs
language sql stable security definer
as $$
  select r.* from jobforge.runs as r join tests.named_runs as n using (id) where n.name = p_name
$$;

create function tests.claim(p_limit int default 1, p_run text default 'worker')
returns setof text
language sql
as $$
  select coalesce(tests.name((c.job ->> 'id')::uuid), 'nameless')
  from json_array_elements(public.jobforge_claim_jobs(tests.run_id(p_run), p_limit))
    with ordinality as c (job, n)
  order by c.n
$$;

create function tests.claim_shares(
  p_limit int, p_times int default 1, p_every interval default '0', p_run text default 'worker')
returns table (tenant text, jobs bigint)
language plpgsql
as $$
begin
  create temp table shares (tenant_id uuid) on commit drop;
  for v_n in 1..p_times loop
    if p_every > '0' then
      perform tests.advance(p_every);
    end if;
    insert into shares
    select (job ->> 'tenant_id')::uuid
    from json_array_elements(public.jobforge_claim_jobs(tests.run_id(p_run), p_limit)) as job;
  end loop;
  return query
  select tests.tenant_name(s.tenant_id), count(*) from shares as s group by 1 order by 1;
  drop table shares;
end
$$;

create function tests.outcome(p_name text, p_outcome text, p_more jsonb default '{}')
returns jsonb
language sql stable
as $$
  select jsonb_build_object('tenant_id', j.tenant_id, 'id', j.id, 'lease_token', j.lease_token,
    'outcome', p_outcome) || p_more
  from tests.job(p_name) as j
$$;

create function tests.report(p_outcomes jsonb, p_run text default 'worker')
returns jsonb
language sql
as $$
  select public.jobforge_complete_jobs(tests.run_id(p_run), p_outcomes)::jsonb
$$;

create function tests.settle(p_name text, p_outcome text, p_more jsonb default '{}')
returns jsonb
language sql
as $$
  select public.jobforge_complete_jobs(
    (tests.job(p_name)).run_id, jsonb_build_array(tests.outcome(p_name, p_outcome, p_more)))::jsonb
$$;

create function tests.settle_all(p_outcome text, p_run text default 'worker')
returns jsonb
language sql
as $$
  select tests.report(coalesce(jsonb_agg(jsonb_build_object(
    'id', j.id, 'lease_token', j.lease_token, 'outcome', p_outcome)), '[]'), p_run)
  from public.jobforge_jobs as j
  where j.run_id = tests.run_id(p_run) and j.status = 'running'
$$;

create function tests.expire_lease(p_name text)
returns void
language plpgsql
as $$
begin
  -- A run of its own claims the job and is never heard of again.
  perform tests.start_run(p_name || ' lost ' || clock_timestamp());
  perform public.jobforge_claim_jobs(
    (select max(id) from tests.named_runs where name like p_name || ' lost %'), 1);
  perform tests.advance('46 seconds');
  perform public.jobforge_dispatch();
end
$$;

create function tests.bring(p_name text, p_status text, p_tenant text default 'acme')
returns void
language plpgsql
as $$
begin
  -- A job of its own queue, brought to the status on the way that jobs take.
  perform public.jobforge_configure_queue(tests.tenant(p_tenant), 'bring-' || p_status);
  perform tests.enqueue(
    p_name, jsonb_build_object('queue', 'bring-' || p_status, 'max_attempts', 1), p_tenant);
  if p_status = 'canceled' then
    perform public.jobforge_cancel_job(tests.id(p_name), tests.tenant(p_tenant));
  elsif p_status <> 'queued' then
    perform tests.start_run('for ' || p_name);
    perform public.jobforge_claim_jobs(tests.run_id('for ' || p_name), 1);
    if p_status <> 'running' then
      perform tests.settle(p_name, case p_status when 'dead' then 'errored' else p_status end);
    end if;
  end if;
  if tests.status(p_name) <> p_status then
    raise exception 'the job is %, not %', tests.status(p_name), p_status;
  end if;
end
$$;

create function tests.env_ref(p_name text, p_tenant text default 'acme')
returns text
language sql immutable
as $$
  select 'env:JOBFORGE_SECRET_' || upper(replace(tests.tenant(p_tenant)::text, '-', '')) || '_'
    || p_name
$$;

create function tests.connector(p_connector text, p_config jsonb, p_refs text[] default '{}',
  p_tenant text default 'acme', p_name text default 'default', p_enabled boolean default true)
returns uuid
language sql
as $$
  select public.jobforge_configure_connector(
    tests.tenant(p_tenant), p_connector, p_name, p_config, p_refs, p_enabled)
$$;

create function tests.endpoint(p_tenant text default 'acme', p_config jsonb default '{}',
  p_refs text[] default '{vault:hook}', p_name text default 'default',
  p_enabled boolean default true)
returns uuid
language sql
as $$
  select tests.connector('webhook-verify', '{"scheme": "stripe", "job_type": "stripe.event"}'
    || p_config,
    p_refs, p_tenant, p_name, p_enabled)
$$;

create function tests.open(p_connector text, p_name text default 'default',
  p_tenant text default 'acme', p_host text default null)
returns jsonb
language sql
as $$
  select public.jobforge_open_connector(tests.tenant(p_tenant), p_connector, p_name, p_host)::jsonb
$$;

create function tests.receive(p_id uuid, p_replay_key text default 'evt_1',
  p_payload jsonb default '{}')
returns jsonb
language sql
as $$ select public.jobforge_receive_webhook(p_id, p_replay_key, p_payload)::jsonb $$;

create function tests.vault_names()
returns setof text
language sql stable security definer
as $$ select name from vault.secrets where name like 'jobforge/%' $$;

create function tests.setup(p_max_runs int default 4)
returns void
language plpgsql
as $$
begin
  perform public.jobforge_setup('http://127.0.0.1:9', p_max_runs);
end
$$;

create function tests.commit()
returns void
language plpgsql
as $$
begin
  -- What is deferred to the end of a transaction happens now.
  set constraints all immediate;
  set constraints all deferred;
end
$$;

create function tests.calls()
returns table (url text, headers jsonb, body jsonb)
language sql stable security definer
as $$
  -- The body is bytea in pg_net.
  select q ->> 'url', q -> 'headers', case when q ->> 'body' like '\\x%'
    then convert_from((q ->> 'body')::bytea, 'utf8') else q ->> 'body' end::jsonb
  from (select to_jsonb(r) as q from net.http_request_queue as r order by r.id) as queue
  where q ->> 'url' like 'http://127.0.0.1:9/%'
$$;

create function tests.call_count()
returns int
language sql stable
as $$ select count(*)::int from tests.calls() $$;

create function tests.schedule(
  p_name text, p_settings jsonb default '{}', p_tenant text default 'acme')
returns void
language sql
as $$
  insert into tests.schedules (name, id)
  select p_name, s.id
  from public.jobforge_configure_schedule(tests.tenant(p_tenant), p_name,
    '{"type": "test.job", "expression": "0 3 * * *"}' || p_settings, p_tenant is null) as s
$$;

create function tests.scheduled(p_name text)
returns public.jobforge_schedules
language sql stable security definer
as $$
  select s.* from public.jobforge_schedules as s join tests.schedules as n using (id)
  where n.name = p_name
$$;

create function tests.occur(p_name text, variadic p_times timestamptz[])
returns void
language sql
as $$
  select public.jobforge_fill_calendar(jsonb_build_array(jsonb_build_object(
    'id', s.id, 'version', s.version, 'times', to_jsonb(p_times))))
  from tests.scheduled(p_name) as s
$$;

create function tests.job_count(p_tenant text default 'acme')
returns int
language sql stable security definer
as $$
  select count(*)::int from public.jobforge_jobs as j where j.tenant_id = tests.tenant(p_tenant)
$$;

create function tests.refuses(
  p_sql text, p_code text, p_description text default null, p_message text default null)
returns text
language plpgsql
as $$
declare
  v_state text;
  v_detail text;
  v_message text;
  v_found text := 'no error';
  v_wanted constant text := p_code || ' ' || case p_code
    when 'invalid_argument' then 'PT400'
    when 'ticket_refused' then 'PT401'
    when 'forbidden' then '42501'
    when 'tenant_erased' then 'PT403'
    when 'not_found' then 'PT404'
    when 'wrong_state' then 'PT409'
    when 'too_many_schedules' then 'PT409'
    when 'run_ended' then 'PT410'
    when 'payload_too_large' then 'PT413'
    when 'idempotency_mismatch' then 'PT422'
    when 'queue_full' then 'PT429'
    when 'extension_missing' then 'PT501'
  end;
begin
  begin
    execute p_sql;
  exception when others then
    get stacked diagnostics v_state = returned_sqlstate, v_detail = pg_exception_detail,
      v_message = message_text;
    v_found := v_detail || ' ' || v_state;
    if v_found <> v_wanted then
      v_found := v_found || ': ' || v_message;
    end if;
  end;
  if p_message is not null and v_found = v_wanted then
    return matches(v_message, p_message, coalesce(p_description, p_sql));
  end if;
  return is(v_found, v_wanted, coalesce(p_description, p_sql));
end
$$;

create function tests.denies(p_sql text, p_description text default null)
returns text
language sql
as $$ select throws_ok(p_sql, '42501', null, coalesce(p_description, p_sql)) $$;

select plan(1);
select has_schema('tests', 'the helpers are loaded');
select * from finish();

create function tests.watch(p_times int default 1)
returns void
language plpgsql
as $$
begin
  for v_n in 1..p_times loop
    perform tests.advance('1 minute');
    perform jobforge.fold(jobforge.clock());
    perform jobforge.watch(jobforge.clock());
  end loop;
end
$$;

create function tests.open_alerts()
returns setof text
language sql stable
as $$ select a.rule || coalesce(' ' || tests.tenant_name(a.tenant_id), '') from public.jobforge_alerts() as a $$;
