begin;
select plan(7);

select tests.refuses(
  format('select jobforge_close_host(%L, %L, %L)', tenant, host, ms), 'invalid_argument', what)
from (values
  ('no tenant', null, 'api.example.com', 1000),
  ('no host', tests.tenant('acme'), null, 1000),
  ('an empty host', tests.tenant('acme'), '', 1000),
  ('a host with a blank', tests.tenant('acme'), 'api example.com', 1000),
  ('a host with a line break', tests.tenant('acme'), E'api.example.com\n', 1000),
  ('a host that is too long', tests.tenant('acme'), repeat('a', 256), 1000),
  ('no time', tests.tenant('acme'), 'api.example.com', null)) as c (what, tenant, host, ms);

select * from finish();
rollback;
