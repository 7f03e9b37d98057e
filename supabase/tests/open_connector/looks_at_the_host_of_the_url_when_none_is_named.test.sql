begin;
select plan(4);

select jobforge_set_secret(tests.tenant('acme'), 'hook',
  'whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=');
select tests.connector('connector.webhook.deliver', format('{"url": "%s"}', url)::jsonb,
  '{vault:hook}', p_name => name)
from (values ('bare', 'https://hooks.example.com'), ('port', 'https://hooks.example.com:8443/in'),
  ('query', 'https://hooks.example.com?at=other.example.com'),
  ('other', 'https://other.example.com/hooks.example.com')) as c (name, url);
select jobforge_close_host(tests.tenant('acme'), 'hooks.example.com', 5000);
select is(tests.open('connector.webhook.deliver', name) ->> 'closed_ms' is not null, closed, name)
from (values ('bare', true), ('port', true), ('query', true), ('other', false))
  as c (name, closed);

select * from finish();
rollback;
