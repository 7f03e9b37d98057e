-- The rules of a new job: one set for single jobs and batches, for every caller.

create type jobforge.new_job as (
  type text,
  payload jsonb,
  idempotency_key text,
  idempotency_ttl_seconds int,
  run_at timestamptz,
  max_attempts int,
  priority int,
  queue text,
  timeout_ms int,
  traceparent text
);
comment on type jobforge.new_job is 'A job as its caller describes it. Null means the default.';

create function jobforge.validate_jobs(p_jobs jobforge.new_job[])
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_job jobforge.new_job;
  v_index int := 0;
  v_type text;
  v_problem text;
begin
  foreach v_job in array p_jobs loop
    v_problem := case
      when v_job.type is null or v_job.type is distinct from v_type
        and v_job.type !~ jobforge.type_pattern()
        then 'type must be a letter and then up to 127 letters, digits or _ . : -'
      when v_job.payload is null then 'payload must be JSON'
      when not jobforge.jsonb_fits(v_job.payload, 262144)
        then 'payload must be at most 262144 bytes of text, nested less than 32 deep'
    end;
    -- Most jobs leave these out. The condition saves preparing the checks, which takes longer than
    -- evaluating them.
    if v_job.priority <> 0 or num_nonnulls(v_job.max_attempts, v_job.timeout_ms, v_job.run_at,
      v_job.idempotency_key, v_job.idempotency_ttl_seconds, v_job.traceparent) > 0
    then
      v_problem := coalesce(v_problem, case
        when v_job.priority not between -100 and 100 then 'priority must be from -100 to 100'
        when v_job.max_attempts not between 1 and 1000 then 'max_attempts must be from 1 to 1000'
        when v_job.timeout_ms not between 100 and 86400000
          then 'timeout_ms must be from 100 to 86400000'
        when v_job.run_at is not null and v_job.run_at not between
          jobforge.clock() - interval '366 days' and jobforge.clock() + interval '366 days'
          then 'run_at must be within 366 days of now'
        when length(v_job.idempotency_key) not between 1 and 200
          then 'idempotency_key must have 1 to 200 characters'
        when v_job.idempotency_ttl_seconds not between 1 and 31622400
          then 'idempotency_ttl_seconds must be from 1 to 31622400'
        when length(v_job.traceparent) > 128 then 'traceparent must have at most 128 characters'
      end);
    end if;
    if v_problem is not null then
      perform jobforge.fail_invalid(v_index, v_problem);
    end if;
    v_type := v_job.type;
    v_index := v_index + 1;
  end loop;
  return v_index;
end
$$;
comment on function jobforge.validate_jobs(jobforge.new_job[]) is
  'Returns the number of jobs. Raises an error for the first job that breaks a rule.';

create function jobforge.refuse_unknown_queues(p_tenant_id uuid, p_jobs jobforge.new_job[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_index bigint;
begin
  select min(new_job.ordinality) into v_index
  from unnest(p_jobs) with ordinality as new_job
  where new_job.queue <> 'default' and not exists (
    select from jobforge.queues as q
    where q.tenant_id = p_tenant_id and q.queue = new_job.queue);
  if v_index is not null then
    perform jobforge.refuse_erased(p_tenant_id);
    perform jobforge.fail('not_found', format(
      'job %s: no such queue. Operators create queues other than default', v_index - 1));
  end if;
end
$$;
comment on function jobforge.refuse_unknown_queues(uuid, jobforge.new_job[]) is
  'Raises not_found for the first job whose queue the tenant does not have.';
