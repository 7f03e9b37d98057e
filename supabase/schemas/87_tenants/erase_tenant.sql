-- Erase a tenant, batch by batch.

create function jobforge.finish_erasure(p_erasure jobforge.erasures)
returns jobforge.erasures
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_erasure jobforge.erasures := p_erasure;
begin
  v_erasure.counts := v_erasure.counts || jobforge.erase_traces(p_erasure.tenant_id);
  v_erasure.finished_at := jobforge.clock();
  v_erasure.audit_digest := jobforge.erased_entries_digest(p_erasure.id);
  v_erasure.certificate_hash :=
    encode(sha256(convert_to(jobforge.erasure_certificate(v_erasure)::text, 'UTF8')), 'hex');
  update jobforge.erasures
  set tenant_id = null, alias_id = null, counts = v_erasure.counts,
    finished_at = v_erasure.finished_at, audit_digest = v_erasure.audit_digest,
    certificate_hash = v_erasure.certificate_hash
  where id = p_erasure.id
  returning * into v_erasure;
  perform jobforge.audit('erase_tenant', null, 'erasure ' || v_erasure.id,
    jobforge.erasure_certificate(v_erasure)
      || jsonb_build_object('certificate_hash', v_erasure.certificate_hash));
  return v_erasure;
end
$$;
comment on function jobforge.finish_erasure(jobforge.erasures) is
  'Deletes the last traces and the tenant''s ID, and writes the certificate.';

create function jobforge.has_tenant_rows(p_erasure jobforge.erasures)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_table regclass;
  v_found boolean;
begin
  for v_table in
    select tenant_table from jobforge.tables_of_tenants() as tenant_table
    union all
    select tenant_table
    from unnest('{jobforge.jobs,jobforge.queues,public.jobforge_queues,public.jobforge_audit_log}'
      ::regclass[]) as tenant_table
  loop
    execute format('select exists (select from %s where tenant_id = any ($1))', v_table)
    into v_found using array[p_erasure.tenant_id, p_erasure.alias_id];
    if v_found then
      return true;
    end if;
  end loop;
  return false;
end
$$;
comment on function jobforge.has_tenant_rows(jobforge.erasures) is
  'Whether any table still has a row of the tenant.';

create function jobforge.erase_batch(p_erasure jobforge.erasures, p_limit int)
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_erasure jobforge.erasures := p_erasure;
  v_batch jsonb;
  v_count bigint;
begin
  perform jobforge.close_tenant(p_erasure);
  v_batch := jobforge.erase_rows(p_erasure, p_limit);
  select sum(erased.value::bigint) into v_count from jsonb_each_text(v_batch) as erased;
  select jsonb_object_agg(relation, coalesce((p_erasure.counts ->> relation)::bigint, 0)
    + coalesce((v_batch ->> relation)::bigint, 0))
  into v_erasure.counts
  from jsonb_object_keys(p_erasure.counts || v_batch) as relation;
  update jobforge.erasures
  set counts = v_erasure.counts,
    closed = not exists (
      select from jobforge.queues as q where q.tenant_id = p_erasure.tenant_id),
    -- The tenant was closed by an earlier batch, so this number is after it.
    horizon = coalesce(erasures.horizon,
      case when p_erasure.closed then pg_snapshot_xmax(pg_current_snapshot()) end)
  where id = p_erasure.id;
  if v_count >= p_limit or exists (
    select from jobforge.webhook_bodies
    where webhook_bodies.tenant_id = p_erasure.tenant_id)
  then
    return 'erasing';
  elsif p_erasure.horizon is null or jobforge.has_tenant_rows(p_erasure)
    or jobforge.is_open_before(p_erasure.horizon, pg_current_snapshot())
    or jobforge.erase_notifications(p_erasure.tenant_id) > 0
  then
    return 'waiting';
  end if;
  perform jobforge.finish_erasure(v_erasure);
  return 'finished';
end
$$;
comment on function jobforge.erase_batch(jobforge.erasures, int) is
  'Runs one batch of an erasure. Returns erasing, waiting (for running jobs or open transactions) '
  'or finished.';

create function jobforge.erase_tenant(p_tenant_id uuid, p_limit int)
returns jsonb
language plpgsql
security definer -- deletes everything about a tenant
set search_path = pg_catalog, pg_temp
set lock_timeout = '500ms'
as $$
declare
  v_erasure jobforge.erasures;
  v_state text;
begin
  perform jobforge.require_service();
  if p_tenant_id is null or coalesce(p_limit, 0) not between 1 and 10000 then
    perform jobforge.fail('invalid_argument',
      'p_tenant_id is needed, and p_limit must be from 1 to 10000');
  end if;
  begin
    v_erasure := jobforge.begin_erasure(p_tenant_id);
  exception when lock_not_available then
    return jsonb_build_object('state', 'waiting');
  end;
  if v_erasure.finished_at is null then
    begin
      v_state := jobforge.erase_batch(v_erasure, p_limit);
    exception when lock_not_available then
      v_state := 'waiting';
    end;
    select * into v_erasure from jobforge.erasures where id = v_erasure.id;
  end if;
  return jobforge.erasure_certificate(v_erasure) || jsonb_build_object(
    'state', coalesce(v_state, 'finished'), 'certificate_hash', v_erasure.certificate_hash);
end
$$;
comment on function jobforge.erase_tenant(uuid, int) is
  'Operators: begins to erase a tenant or runs the next batch. Call it until the state is '
  'finished.';

create function public.jobforge_erase_tenant(p_tenant_id uuid, p_limit int default 1000)
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '5s'
as $$ select jobforge.erase_tenant(p_tenant_id, p_limit) $$;
comment on function public.jobforge_erase_tenant(uuid, int) is
  'Operators: erases everything about a tenant, batch by batch, until the state is finished.';

create function jobforge.continue_erasures(p_limit int)
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '100ms'
as $$
declare
  v_until constant timestamptz := clock_timestamp() + interval '1 second';
  v_erasure jobforge.erasures;
  v_error text;
begin
  -- In any order: those that wait for running jobs, or fail, do not keep the others waiting.
  for v_erasure in
    select * from jobforge.erasures where finished_at is null
    order by random()
    limit 100
    for no key update skip locked
  loop
    begin
      perform jobforge.erase_batch(v_erasure, p_limit);
    exception
      when lock_not_available then
        null;
      when others then
        -- A trigger or a foreign key of the application, for example.
        v_error := coalesce(v_error, jobforge.short_error(sqlstate, sqlerrm));
    end;
    exit when clock_timestamp() >= v_until;
  end loop;
  return v_error;
end
$$;
comment on function jobforge.continue_erasures(int) is
  'Runs the next batch of unfinished erasures, also without further calls of the operator. Returns '
  'the first error, which stops no other erasure.';
