begin;
select plan(6);

select jobforge_configure_connector(tests.tenant('acme'), 'connector.http.request', 'hook',
  '{"hosts": ["api.example.com"]}');
select tests.refuses(format($$ select jobforge_configure_alert('delivery', '{"tenant_id": "%s",
    "destination": "hook"}') $$, tests.tenant('acme')), 'not_found', 'a connector of another kind');
select jobforge_set_secret(tests.tenant('globex'), 'hook',
  'whsec_' || encode(sha256('a'), 'base64'));
select jobforge_configure_connector(tests.tenant('globex'), 'connector.webhook.deliver', 'hook',
  '{"url": "https://hooks.example.com/a"}', '{vault:hook}');
select tests.refuses(format($$ select jobforge_configure_alert('delivery', '{"tenant_id": "%s",
    "destination": "hook"}') $$, tests.tenant('acme')), 'not_found', 'that of another tenant');
select lives_ok(format($$ select jobforge_configure_alert('delivery', '{"tenant_id": "%s",
    "destination": "hook"}') $$, tests.tenant('globex')), 'its own');

select tests.refuses($$ select jobforge_configure_alert('delivery', '{"destination": "hook"}') $$,
  'invalid_argument', 'a destination of no tenant');
select is((select alert_destination from jobforge.settings), 'hook', 'which stops nothing');
select is(jobforge_configure_alert('delivery', '{"tenant_id": null, "destination": null}'),
  '{"tenant_id": null, "destination": null}', 'what it returns is what it takes');

select * from finish();
rollback;
