begin;
select plan(1);

select jobforge_set_secret(tests.tenant('acme'), 'hook', 'secret number one');
create temp table made as
  select tests.endpoint(p_config => '{"tolerance_seconds": 60}',
    p_refs => array['vault:hook', tests.env_ref('HOOK')]) as id;
grant select on made to public;
select tests.as_service();
select is(jobforge_webhook_endpoint(id)::jsonb, jsonb_build_object(
  'known', true, 'enabled', true, 'name', 'default', 'scheme', 'stripe',
  'tenant_id', tests.tenant('acme'),
  'config', '{"scheme": "stripe", "job_type": "stripe.event", "tolerance_seconds": 60}'::jsonb,
  'secrets', jsonb_build_array('{"value": "secret number one"}'::jsonb,
    jsonb_build_object('ref', tests.env_ref('HOOK')))), 'scheme, configuration and secrets')
from made;

select * from finish();
rollback;
