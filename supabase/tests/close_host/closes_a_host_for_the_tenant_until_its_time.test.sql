begin;
select plan(5);

select tests.freeze();
select tests.connector('connector.http.request', '{"hosts": ["*.example.com"]}', p_tenant => tenant)
from unnest('{acme,globex}'::text[]) as tenant;
select is(jobforge_close_host(tests.tenant('acme'), 'API.EXAMPLE.com', 30000), 30000, 'closed');
select tests.advance('10 seconds');
select is(tests.open('connector.http.request', p_host => 'api.Example.com') -> 'closed_ms', '20000',
  'for the time that is left, however it is spelled');
select is(tests.open('connector.http.request', p_host => 'www.example.com') -> 'closed_ms', 'null',
  'other hosts are open');
select is(
  tests.open('connector.http.request', p_tenant => 'globex', p_host => 'api.example.com')
    -> 'closed_ms', 'null', 'and open for others');
select tests.advance('20 seconds');
select is(tests.open('connector.http.request', p_host => 'api.example.com') -> 'closed_ms', 'null',
  'open again');

select * from finish();
rollback;
