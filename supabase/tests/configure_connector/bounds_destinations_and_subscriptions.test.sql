begin;
select plan(14);

select tests.destination('d' || n) from generate_series(1, 50) as n;
select tests.refuses($$ select tests.destination('d51') $$, 'wrong_state', 'no 51st destination');
select tests.refuses($$ select tests.connector('connector.webhook.deliver',
  '{"url": "https://hooks.example.com/in"}', '{vault:signing}', p_name => 'd51') $$,
  'wrong_state', 'for services neither');
select lives_ok($$ select tests.destination('d50', '{"timeout_ms": 2000}') $$,
  'one of the 50 is changed');
select lives_ok($$ select tests.destination('d51', p_tenant => 'globex') $$,
  'and another tenant has its own');
select tests.refuses(format('select tests.destination(%L, %L)', 'd1',
  jsonb_build_object('event_types', types::jsonb)), 'invalid_argument', types)
from unnest(array['[]', '"order"', '["order paid"]', '["*.paid"]', '["order*"]', '["order."]',
  '["a", "a"]', '["*.*"]']) as types;
select tests.refuses(format('select tests.destination(%L, %L)', 'd1',
  jsonb_build_object('event_types', (
    select jsonb_agg('t' || n) from generate_series(1, 101) as n))),
  'invalid_argument', '101 of them');
select lives_ok(format('select tests.destination(%L, %L)', 'd1',
  jsonb_build_object('event_types', (
    select jsonb_agg('t' || n) from generate_series(1, 100) as n))),
  '100 of them');

select * from finish();
rollback;
