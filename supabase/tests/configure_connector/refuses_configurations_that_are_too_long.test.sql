begin;
select plan(1);

select tests.refuses(format('select tests.connector(%L, %L, %L)', 'connector.http.request',
  jsonb_build_object('hosts', '["api.example.com"]'::jsonb, 'methods', (
    select jsonb_agg(repeat('G', 1000)) from generate_series(1, 66))), '{vault:api}'),
  'invalid_argument', 'before anything else is looked at', 'at most 65536 bytes');

select * from finish();
rollback;
