begin;
select plan(3);

select jobforge_set_secret(tests.tenant('acme'), 'api', 'one');
select jobforge_rotate_secret(tests.tenant('acme'), 'api', 'two');
create temp table made as select tests.connector('connector.http.request',
  '{"hosts": ["api.example.com"]}', array[tests.env_ref('API'), 'vault:api']) as id;
select tests.as_service();
select is(tests.open('connector.http.request') - 'id', jsonb_build_object(
  'config', '{"hosts": ["api.example.com"]}'::jsonb, 'enabled', true, 'disabled_reason', null,
  'secrets', jsonb_build_array(jsonb_build_object('ref', tests.env_ref('API')),
    '{"value": "two"}'::jsonb, '{"value": "one"}'::jsonb), 'closed_ms', null),
  'in the order of the references, newest first');
select tests.as_owner();
select is(tests.open('connector.http.request') ->> 'id', (select id::text from made), 'and its id');
select is(tests.open('connector.http.request', p_host => 'api.example.com') -> 'closed_ms', 'null',
  'a host is open until it is closed');

select * from finish();
rollback;
