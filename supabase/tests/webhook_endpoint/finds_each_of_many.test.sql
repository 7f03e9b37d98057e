begin;
select plan(1);

create temp table made as
  select tenant, n, tests.endpoint(tenant, p_name => 'n' || n, p_config => jsonb_build_object(
    'job_type', format('%s.%s', tenant, n))) as id
  from unnest('{acme,globex}'::text[]) as tenant, generate_series(1, 20) as n;
select is_empty($$
  select from made, jobforge_webhook_endpoint(id) as e
  where (e ->> 'tenant_id')::uuid <> tests.tenant(tenant)
    or e #>> '{config,job_type}' is distinct from format('%s.%s', tenant, n)
$$, 'by its own id, not its neighbour''s');

select * from finish();
rollback;
