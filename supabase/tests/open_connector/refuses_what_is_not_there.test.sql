begin;
select plan(5);

select tests.endpoint();
select tests.refuses(format('select jobforge_open_connector(%L, %L, %L)', tenant, connector, name),
  'not_found', coalesce(concat_ws(' ', tests.tenant_name(tenant), connector, name), 'null'))
from (values (tests.tenant('globex'), 'webhook-verify', 'default'),
  (tests.tenant('acme'), 'connector.http.request', 'default'),
  (tests.tenant('acme'), 'webhook-verify', 'other'), (null, 'webhook-verify', 'default'),
  (tests.tenant('acme'), null, null)) as c (tenant, connector, name);

select * from finish();
rollback;
