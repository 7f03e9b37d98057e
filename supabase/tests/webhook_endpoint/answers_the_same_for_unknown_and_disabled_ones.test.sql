begin;
select plan(7);

create temp table none as select jobforge_webhook_endpoint(gen_random_uuid())::text as answer;
select is(answer::jsonb, '{"known": false, "enabled": false, "name": null, "scheme": null,
  "config": null, "tenant_id": null, "secrets": []}', 'nothing to tell') from none;
select jobforge_set_secret(tests.tenant('acme'), 'hook',
  'whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=');
-- One that is known is read in place of an unknown one, and not to be seen in its answer.
create temp table known as select tests.endpoint() as id;
select is(jobforge_webhook_endpoint(id)::text, (select answer from none), what)
from (values
  ('a connector that is no endpoint', tests.connector(
    'connector.webhook.deliver', '{"url": "https://hooks.example.com/"}', '{vault:hook}')),
  ('no id', null),
  ('an id before all others', '00000000-0000-0000-0000-000000000000'),
  ('an id behind all others', 'ffffffff-ffff-ffff-ffff-ffffffffffff')) as c (what, id);
select is(
  jobforge_webhook_endpoint(tests.endpoint(p_name => 'off', p_enabled => false))::text, answer,
  'a disabled endpoint')
from none;
select is(jobforge_webhook_endpoint(id) -> 'secrets' ->> 0,
  '{"value": "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="}',
  'with one beside that is known')
from known;

select * from finish();
rollback;
