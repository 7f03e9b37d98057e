begin;
select plan(1);

select tests.unused_project();
select tests.act('service_role', '{"role": "service_role", "sub": "ops"}');
select tests.connector('connector.webhook.deliver', '{"url": "https://hooks.example.com/c4nary"}',
  '{vault:c4nary}');
select tests.connector('connector.webhook.deliver', '{"url": "https://hooks.example.com/c4nary",
  "headers": {"x-a": "c4nary"}}', array['vault:c4nary', tests.env_ref('C4NARY')]);
select tests.connector('connector.webhook.deliver', '{"url": "https://hooks.example.com/c4nary",
  "headers": {"x-a": "c4nary"}}', array['vault:c4nary', tests.env_ref('C4NARY')],
  p_enabled => false);
select jobforge_delete_connector(tests.tenant('acme'), 'connector.webhook.deliver');
create temp table sides (name, side) as values
  ('one', '{"keys": ["url"], "secret_refs": 1, "enabled": true, "disabled_reason": null}'::jsonb),
  ('two', '{"keys": ["headers", "url"], "secret_refs": 2, "enabled": true,
    "disabled_reason": null}'),
  ('off', '{"keys": ["headers", "url"], "secret_refs": 2, "enabled": false,
    "disabled_reason": "disabled by an operator"}');
select results_eq(
  $$ select role, subject, tests.tenant_name(tenant_id), action, target, detail
    from jobforge_audit_log order by id $$,
  $$ select 'service_role', 'ops', 'acme', action, 'connector.webhook.deliver/default',
      coalesce((select jsonb_build_object('before', side) from sides where name = before), '{}')
      || coalesce((select jsonb_build_object('after', side) from sides where name = after), '{}')
    from (values ('configure_connector', null, 'one'), ('configure_connector', 'one', 'two'),
      ('configure_connector', 'two', 'off'), ('delete_connector', 'off', null))
      as c (action, before, after) $$,
  'which keys there were and are, and how many secrets');

select * from finish();
rollback;
