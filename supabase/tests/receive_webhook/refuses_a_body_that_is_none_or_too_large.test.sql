begin;
select plan(7);

create temp table made as select tests.endpoint() as id;
create function pg_temp.body(p_bytes int)
returns text
language sql
as $$ select replace(encode(decode(repeat('41', p_bytes), 'hex'), 'base64'), E'\n', '') $$;
create function pg_temp.receive(p_body text)
returns jsonb
language sql
as $$ select jobforge_receive_webhook(id, 'evt_1', '{}', p_body => p_body)::jsonb from made $$;
select tests.refuses(format('select pg_temp.receive(%L)', body), 'invalid_argument', body,
  '^p_body must be base64$')
from unnest(array['é', 'a-_b', 'QUJ']) as body;
select tests.refuses(
  $$ select pg_temp.receive(pg_temp.body(5242881)) $$,
  'payload_too_large', 'one byte more than 5 MiB',
  '^p_body must be the base64 of at most 5242880 bytes$');
select tests.refuses($$ select pg_temp.receive(repeat('!', 8000000)) $$, 'payload_too_large',
  'a text that is too long is not decoded');
select is_empty('select from jobforge.webhook_bodies where tenant_id = tests.tenant(''acme'')',
  'nothing is stored, and no webhook is recorded');
select is(
  pg_temp.receive(pg_temp.body(5242880)) -> 'duplicate', 'false', '5 MiB are taken');

select * from finish();
rollback;
