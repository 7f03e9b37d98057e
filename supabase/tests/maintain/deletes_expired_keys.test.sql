begin;
select plan(1);

select tests.freeze();
select tests.enqueue('short', '{"idempotency_key": "short", "idempotency_ttl_seconds": 60}');
select tests.enqueue('long', '{"idempotency_key": "long", "idempotency_ttl_seconds": 3600}');
select tests.enqueue('forever', '{"idempotency_key": "forever"}');
select tests.advance('10 minutes');
select tests.maintain();
select bag_eq(
  $$ select key from jobforge.idempotency_keys where tenant_id = tests.tenant('acme') $$,
  array['long', 'forever'], 'and no others');

select * from finish();
rollback;
