begin;
select plan(5);

create temp table made as select tests.endpoint() as id;
select tests.refuses('select tests.receive(id, p_payload => null) from made', 'invalid_argument',
  'a payload there must be');
select tests.refuses(
  $$ select tests.receive(id, p_payload => to_jsonb(repeat('x', 262144))) from made $$,
  'payload_too_large', 'and not too long');
select tests.refuses(
  $$ select jobforge_receive_webhook(id, 'evt_1', '{}', repeat('x', 129)) from made $$,
  'invalid_argument', 'nor the traceparent');
select is_empty($$ select from jobforge_received_webhooks where tenant_id = tests.tenant('acme') $$,
  'no webhook is recorded without a job');
select is((select tests.receive(id) -> 'duplicate' from made), 'false',
  'so the sender can try again');

select * from finish();
rollback;
