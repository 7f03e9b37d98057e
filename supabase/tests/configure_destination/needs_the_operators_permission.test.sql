begin;
select plan(10);

select tests.destination('orders');
select tests.as_member('acme');
select tests.refuses(
  $$ select jobforge_configure_destination(p_name => 'orders', p_settings => '{"paused": true}') $$,
  'forbidden', 'users change nothing by default');
select tests.refuses($$ select jobforge_delete_destination(p_name => 'orders') $$,
  'forbidden', 'and delete nothing');
select tests.denies($$ select jobforge_configure_publishing('{}') $$,
  'and do not permit it to themselves');
select tests.as_service();
select is(jobforge_configure_publishing('{"users_manage_destinations": true}'),
  '{"users_manage_destinations": true, "retention_days": 30}', 'an operator permits it');
select tests.as_member('acme');
select isnt(tests.destination('mine'), null, 'a user creates a destination');
select lives_ok($$ select jobforge_delete_destination(p_name => 'mine') $$, 'and deletes it');
select tests.refuses(format('select jobforge_configure_destination(%L, %L, %L)',
  tests.tenant('globex'), 'orders', '{"paused": true}'), 'forbidden', 'of its tenant only');
select tests.refuses(format('select jobforge_delete_destination(%L, %L)',
  tests.tenant('globex'), 'orders'), 'forbidden', 'of its tenant only');
select tests.refuses(
  format('select tests.destination(%L, %L)', 'mine', jsonb_build_object('url', url)),
  'invalid_argument', url)
from unnest(array['http://hooks.example.com/in', 'https://db.internal/']) as url;

select * from finish();
rollback;
