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

create temp table receipt as select pg_temp.erase('acme') as r;
select is((select r #> '{counts,public.jobforge_jobs}' from receipt), '5', 'it counts what went');
select is(
  (select r ->> 'receipt_hash' from receipt),
  (select encode(sha256(convert_to((r - 'state' - 'receipt_hash')::text, 'UTF8')), 'hex') from receipt),
  'its hash is over what it says');
select is(
  (select detail ->> 'receipt_hash' from jobforge_audit_log where action = 'erase_tenant'),
  (select r ->> 'receipt_hash' from receipt), 'the audit log holds it');
select is(pg_temp.erase('acme'), (select r from receipt), 'asked again it is the same');
select throws_ok(
  $$ update jobforge.erasures set tenant_id = gen_random_uuid() where true $$, '23514', null,
  'a finished erasure knows no tenant');

select * from finish();
rollback;
