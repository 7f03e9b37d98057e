begin;
select plan(6);

create function pg_temp.insert_as(p_connector text, p_config jsonb,
  p_refs text[] default '{vault:a}')
returns void
language sql
as $$
  insert into public.jobforge_connector_configs
    (tenant_id, connector, config, secret_refs, created_at, updated_at)
  values (tests.tenant('acme'), p_connector, p_config, p_refs, now(), now())
$$;
select throws_ok(format('select pg_temp.insert_as(%L, %L)', connector, config), '23514',
  'new row for relation "jobforge_connector_configs" violates check constraint '
  || '"config_fits_the_connector"', connector || ' ' || config)
from (values
  ('connector.http.request', '{"hosts": ["*"]}'),
  ('connector.webhook.deliver', '{"url": "http://10.0.0.1/"}'),
  ('webhook-verify', '{"scheme": "none", "job_type": "a"}'),
  ('webhook-verify', '{"hosts": ["api.example.com"]}'),
  ('something', '{}')) as c (connector, config);
select throws_ok(
  $$ select pg_temp.insert_as('webhook-verify', '{"scheme": "stripe", "job_type": "a"}', '{}') $$,
  '23514', null, 'nor without the secret it needs');

select * from finish();
rollback;
