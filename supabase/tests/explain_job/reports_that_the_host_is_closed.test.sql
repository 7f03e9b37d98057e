begin;
select plan(9);

update jobforge.settings set project_url = 'https://acme.supabase.co';
select tests.freeze();
select tests.start_run();
create function pg_temp.explained(p_name text)
returns jsonb
language sql
as $$ select public.jobforge_explain_job(tests.id(p_name), tests.tenant('acme')) $$;
select tests.connector('connector.webhook.deliver', '{"url": "https://api.example.com:8443/in"}',
  array[tests.env_ref('HOOK')], 'acme', 'orders');
select tests.connector('connector.http.request', '{"hosts": ["example.com"]}', p_name => 'orders');
select tests.enqueue('request',
  '{"type": "connector.http.request", "payload": {"url": "https://API.example.com/a"}}');
select tests.enqueue('delivery',
  '{"type": "connector.webhook.deliver", "payload": {"destination": "orders"}}');
select tests.enqueue('elsewhere',
  '{"type": "connector.http.request", "payload": {"url": "https://example.com/a"}}');
select tests.enqueue('no_call', '{"payload": {"url": "https://api.example.com/a"}}');
select jobforge_close_host(tests.tenant('globex'), 'api.example.com', 3600000);
select is(pg_temp.explained('request') ->> 'reason', 'type_unknown_to_workers',
  'what another tenant''s jobs met does not count');
select jobforge_close_host(tests.tenant('acme'), 'api.example.com', 60000);
select is(pg_temp.explained('request') ->> 'reason', 'host_closed', 'to a request');
select is((pg_temp.explained('request') ->> 'earliest_at')::timestamptz,
  jobforge.clock() + interval '60 seconds', 'and until when');
select is(pg_temp.explained('delivery') ->> 'reason', 'host_closed', 'to a delivery');
select is(
  pg_temp.explained('elsewhere') ->> 'reason', 'type_unknown_to_workers', 'another is open');
select is(pg_temp.explained('no_call') ->> 'reason', 'type_unknown_to_workers',
  'to connectors only');

select tests.claim(1);
select tests.settle('request', 'released',
  '{"retry_after_ms": 90000, "error": {"code": "host_closed", "message": "later"}}');
select is((pg_temp.explained('request') ->> 'earliest_at')::timestamptz,
  jobforge.clock() + interval '90 seconds', 'put off, it comes back later');
select tests.advance('65 seconds');
select is(pg_temp.explained('request') ->> 'reason', 'host_closed', 'also once the host is open');
select is(pg_temp.explained('delivery') ->> 'reason', 'type_unknown_to_workers',
  'which holds up no others');

select * from finish();
rollback;
