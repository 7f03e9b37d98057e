begin;
select plan(4);

select tests.refuses($$ select tests.endpoint(p_refs => '{}') $$, 'invalid_argument', 'to verify');
select tests.refuses($$
  select tests.connector('connector.webhook.deliver', '{"url": "https://hooks.example.com/"}') $$,
  'invalid_argument', 'to sign');
select tests.refuses($$
  select tests.connector('connector.http.request',
    '{"hosts": ["api.example.com"], "auth": {"header": "authorization"}}') $$,
  'invalid_argument', 'to send');
select lives_ok($$
  select tests.connector('connector.http.request', '{"hosts": ["api.example.com"]}') $$,
  'a request without credentials uses none');

select * from finish();
rollback;
