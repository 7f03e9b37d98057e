begin;
select plan(9);

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
select is(jobforge_close_host(tests.tenant('acme'), repeat('a', length), 1000), 1000,
  format('%s characters', length)) from unnest('{1,255}'::int[]) as length;

select * from finish();
rollback;
