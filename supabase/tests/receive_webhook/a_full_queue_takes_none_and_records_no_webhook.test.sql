begin;
select plan(3);

create temp table made as select tests.endpoint() as id;
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"max_queued": 0}');
select tests.refuses('select tests.receive(id) from made', 'queue_full', 'full');
select is_empty($$ select from jobforge_received_webhooks where tenant_id = tests.tenant('acme') $$,
  'as if it had not come');
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"max_queued": null}');
select is((select tests.receive(id) -> 'duplicate' from made), 'false', 'and later it is taken');

select * from finish();
rollback;
