begin;
select plan(7);

create temp table none as select jobforge_webhook_endpoint(gen_random_uuid())::text as answer;
select is(answer::jsonb, '{"known": false, "enabled": false, "scheme": null, "config": null,
  "tenant_id": null, "secrets": []}', 'nothing to tell') from none;
select jobforge_set_secret(tests.tenant('acme'), 'hook', 'one');
create temp table made (what, id) as values
  ('a disabled endpoint', tests.endpoint(p_name => 'off', p_enabled => false)),
  ('a connector that is no endpoint', tests.connector(
    'connector.webhook.deliver', '{"url": "https://hooks.example.com/"}', '{vault:hook}')),
  ('no id', null),
  ('an id before all others', '00000000-0000-0000-0000-000000000000'),
  ('an id behind all others', 'ffffffff-ffff-ffff-ffff-ffffffffffff');
select tests.endpoint();
select is(jobforge_webhook_endpoint(id)::text, (select answer from none), what) from made;
select is((jobforge_webhook_endpoint(tests.endpoint()) ->> 'known')::boolean, true,
  'with an endpoint beside that is known');

select * from finish();
rollback;
