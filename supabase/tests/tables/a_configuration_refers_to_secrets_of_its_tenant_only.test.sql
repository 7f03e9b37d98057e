begin;
select plan(7);

select tests.unused_project();
create function pg_temp.insert_with(p_refs text[])
returns void
language sql
as $$
  insert into public.jobforge_connector_configs
    (tenant_id, connector, config, secret_refs, created_at, updated_at)
  values (tests.tenant('acme'), 'webhook-verify', '{"scheme": "stripe", "job_type": "a"}', p_refs,
    now(), now())
$$;
select throws_ok(format('select pg_temp.insert_with(%L)', refs), '23514',
  'new row for relation "jobforge_connector_configs" violates check constraint '
  || '"secret_refs_are_the_tenants"', refs::text)
from (values ('{env:SUPABASE_SERVICE_ROLE_KEY}'::text[]), ('{env:SUPABASE_SECRET_KEYS}'),
  ('{env:SUPABASE_DB_URL}'), (array[tests.env_ref('HOOK', 'globex')]), ('{s3cret}'),
  ('{vault:a,vault:b,vault:c,vault:d}')) as r (refs);
select tests.endpoint(p_refs => array[tests.env_ref('HOOK')]);
select throws_ok(
  $$ update public.jobforge_connector_configs set tenant_id = tests.tenant('globex') $$, '23514',
  null, 'nor does it move to another tenant with them');

select * from finish();
rollback;
