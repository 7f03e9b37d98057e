begin;
select plan(7);

select tests.freeze();
select tests.destination('orders');
select tests.connector('connector.webhook.deliver', '{"url": "https://hooks.example.com/in"}',
  array[tests.env_ref('HOOK')], p_name => 'env');
create function tests.rotate(p_name text, p_fill text default '0')
returns table (version int, expires_at timestamptz)
language sql
as $$
  select * from public.jobforge_rotate_destination_secret(tests.tenant('acme'), p_name,
    'whsec_' || encode(convert_to(repeat(p_fill, 32), 'UTF8'), 'base64'), 60)
$$;
select tests.as_member('acme');
select tests.refuses($$ select * from tests.rotate('orders') $$, 'forbidden',
  'users rotate none by default');
select tests.as_owner();
select jobforge_configure_publishing('{"users_manage_destinations": true}');
select tests.as_member('acme');
select results_eq($$ select * from tests.rotate('orders') $$,
  $$ values (2, null::timestamptz), (1, '2030-01-01 00:01:00+00') $$, 'if allowed, they do');
select tests.refuses($$ select * from tests.rotate('none') $$, 'not_found', 'no such destination');
select tests.refuses($$ select * from tests.rotate('env') $$, 'wrong_state',
  'a secret of the environment');
select tests.refuses(format('select jobforge_rotate_destination_secret(%L, %L, %L)',
  tests.tenant('acme'), 'orders', 'short'), 'invalid_argument', 'one that cannot sign');
select tests.as_member('globex');
select tests.refuses($$ select * from tests.rotate('orders') $$, 'forbidden', 'another tenant''s');
select tests.as_owner();
select is(jsonb_array_length(tests.open('connector.webhook.deliver', 'orders') -> 'secrets'), 2,
  'both sign');

select * from finish();
rollback;
