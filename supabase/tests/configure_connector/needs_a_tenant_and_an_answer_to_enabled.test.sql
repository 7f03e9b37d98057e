begin;
select plan(2);

select tests.refuses($$
  select jobforge_configure_connector(null, 'connector.http.request', 'default',
    '{"hosts": ["api.example.com"]}') $$, 'invalid_argument', 'whose?');
select tests.refuses(
  'select tests.endpoint(p_enabled => null)', 'invalid_argument', 'enabled or not?');

select * from finish();
rollback;
