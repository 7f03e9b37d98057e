begin;
select plan(7);

select tests.refuses(
  format('select jobforge_configure_queue(tests.tenant(%L), %L, %L)', 'acme', 'default', settings),
  'invalid_argument', settings)
from unnest(array['{"max_runing": 1}', '{"weight": 2, "claimed": 0}', '{"vtime": -1000}',
  '{"tenant_id": "6c84fb90-12c4-11e1-840d-7b25c5ee775a"}', '{"runnable": true}', '{"": 1}'])
  as settings;
select is_empty($$ select from jobforge_queues where tenant_id = tests.tenant('acme') $$,
  'nothing is made');

select * from finish();
rollback;
