begin;
select plan(2);

select tests.unused_project();
select tests.connector('connector.webhook.deliver', '{"url": "https://hooks.example.com/in",
  "timeout_ms": 1000}', array[tests.env_ref('HOOK', 'globex')], 'globex');
select tests.connector('connector.webhook.deliver', '{"url": "https://hooks.example.com/in",
  "timeout_ms": 1000}', array[tests.env_ref('HOOK')], p_name => 'other');
select tests.connector('connector.http.request', '{"hosts": ["api.example.com"]}');
select tests.connector('connector.webhook.deliver', '{"url": "https://hooks.example.com/in"}',
  array[tests.env_ref('HOOK')]);
select is_empty($$ select from jobforge_audit_log where detail ? 'before' $$,
  'beside others of the tenant and those of other tenants');
select tests.connector('connector.webhook.deliver', '{"url": "https://hooks.example.com/in"}',
  array[tests.env_ref('HOOK')], p_enabled => false);
select results_eq($$ select detail -> 'before' -> 'keys' from jobforge_audit_log
  where detail ? 'before' $$, $$ values ('["url"]'::jsonb) $$, 'a change has its own');

select * from finish();
rollback;
