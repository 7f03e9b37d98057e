begin;
select plan(5);

select tests.freeze();
select tests.setup();
select jobforge_configure_queue(tests.tenant(tenant), 'mail', '{"weight": 2}')
from unnest('{acme,globex}'::text[]) as tenant;
select tests.bring(tenant || ' done', 'succeeded', tenant) from unnest('{acme,globex}'::text[]) as tenant;
insert into jobforge_job_results (tenant_id, job_id, result, created_at)
select tests.tenant(tenant), tests.id(tenant || ' done'), '1', now()
from unnest('{acme,globex}'::text[]) as tenant;
select tests.bring(tenant || ' dead', 'dead', tenant) from unnest('{acme,globex}'::text[]) as tenant;
select jobforge_set_secret(tests.tenant(tenant), 'hook', 's3cret') from unnest('{acme,globex}'::text[]) as tenant;
select tests.receive(tests.endpoint(tenant)) from unnest('{acme,globex}'::text[]) as tenant;
select jobforge_close_host(tests.tenant(tenant), 'api.example.com', 1000)
from unnest('{acme,globex}'::text[]) as tenant;
select tests.enqueue(tenant || ' keyed', '{"idempotency_key": "k"}', tenant)
from unnest('{acme,globex}'::text[]) as tenant;
select tests.schedule(tenant, '{}', tenant) from unnest('{acme,globex}'::text[]) as tenant;
select jobforge_run_schedule(id) from tests.schedules;

select tests.as_member('acme');
select jobforge_retry_job(tests.id('acme dead'));
select tests.as_owner();
select jobforge.seal_audit(1000);
create temp table counted as select count(*) as entries from jobforge_audit_log;

create function pg_temp.erase(p_tenant text, p_limit int default 1000)
returns jsonb
language plpgsql
as $$
declare
  v_answer jsonb;
begin
  for v_n in 1..1000 loop
    v_answer := jobforge_erase_tenant(tests.tenant(p_tenant), p_limit);
    exit when v_answer ->> 'state' <> 'erasing';
  end loop;
  return v_answer;
end
$$;

select pg_temp.erase('acme');
select is(
  (select count(*) from jobforge_audit_log), (select entries + 2 from counted),
  'no entry is gone: the begin and the end of the erasure came');
select is_empty($$
  select from jobforge_audit_log
  where erasure_id is not null
    and coalesce(subject, tenant_id::text, target, detail::text) is not null
$$, 'but who, what and where is taken out');
select is_empty($$
  select from jobforge.audit_seals as s join jobforge_audit_log as l on l.id = s.entry_id
  where l.erasure_id is not null and s.salt is not null
$$, 'with the salts, by which one could guess who it was');
select is(
  (select count(*) from jobforge_audit_log where action = 'retry_job' and erasure_id is not null),
  1::bigint, 'that something was done stays');
select is(jobforge_verify_audit() -> 'intact', 'true', 'and the chain holds');

select * from finish();
rollback;
