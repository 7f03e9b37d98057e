begin;
select plan(6);

select tests.freeze();
select tests.destination('exact', '{"event_types": ["order.paid"]}');
select tests.destination('prefix', '{"event_types": ["invoice.*", "order.*"]}');
select tests.destination('all', '{"event_types": ["*"]}');
select tests.destination('none', '{}');
select tests.destination('other', '{"event_types": ["order.refunded", "order.paid.*"]}');
select tests.destination('theirs', '{"event_types": ["*"]}', 'globex');
select tests.connector('connector.webhook.deliver',
  '{"url": "https://hooks.example.com/in", "event_types": ["*"]}', '{vault:signing}',
  p_name => 'off', p_enabled => false);
select tests.known('acme');
select results_eq(
  $$ select duplicate, deliveries from jobforge_publish(
    tests.tenant('acme'), 'order.paid', '{"id": 7}') $$,
  'values (false, 3)', 'three of acme took it');
select set_eq(
  $$ select payload ->> 'destination' from jobforge_jobs
    where type = 'connector.webhook.deliver' and tenant_id = tests.tenant('acme') $$,
  '{exact,prefix,all}'::text[], 'an exact type, a prefix and *');
select matches(id::text, '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$',
  'the id of the message is a UUID version 7') from jobforge.webhook_messages;
select is(tests.job_count('globex'), 0, 'another tenant''s destination gets nothing');
select results_eq(
  $$ select destination, jobforge.subscribes(to_jsonb(array[destination]), type)
    from (values ('order.*', 'order'), ('order.*', 'orders.paid'), ('order.*', 'order.paid.late'),
      ('order.paid', 'order.paid.late'), ('*', 'order')) as given (destination, type) $$,
  $$ values ('order.*', false), ('order.*', false), ('order.*', true), ('order.paid', false),
    ('*', true) $$, 'a prefix ends at a dot');
select results_eq(
  $$ select deliveries from jobforge_publish(tests.tenant('hooli'), 'order.paid') $$,
  'values (0)', 'and a tenant without destinations may publish');

select * from finish();
rollback;
