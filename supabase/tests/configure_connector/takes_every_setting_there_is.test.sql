begin;
select plan(4);

select lives_ok($$
  select tests.connector('connector.http.request', '{
    "hosts": ["api.example.com", "*.example.com", "xn--bcher-kva.example", "192.0.2.1"],
    "schemes": ["https", "http"], "ports": [443, 80, 65535],
    "methods": ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"], "redirects": 5,
    "timeout_ms": 120000, "max_response_bytes": 1048576, "response_headers": ["x-request-id"],
    "auth": {"header": "authorization", "prefix": "Bearer "}}',
    array['vault:api', tests.env_ref('API')]) $$, 'of a request');
select lives_ok($$
  select tests.connector('connector.webhook.deliver', '{
    "url": "https://hooks.example.com:8443/in?source=jobforge", "timeout_ms": 30000,
    "headers": {"x-source": "our app"}}', array['vault:a', 'vault:b', tests.env_ref('C_2')]) $$,
  'of a delivery');
select lives_ok($$
  select tests.connector('connector.webhook.deliver',
    '{"url": "http://127.0.0.1:9999/in"}', '{vault:a}') $$, 'of a delivery to a local receiver');
select jobforge_configure_queue(tests.tenant('acme'), 'hooks');
select lives_ok($$
  select tests.connector('webhook-verify', '{"scheme": "twilio", "job_type": "sms.received",
    "queue": "hooks", "tolerance_seconds": 10, "url": "https://abc.supabase.co/functions/v1/x",
    "keep_body": true}', '{vault:a}') $$, 'of an endpoint');

select * from finish();
rollback;
