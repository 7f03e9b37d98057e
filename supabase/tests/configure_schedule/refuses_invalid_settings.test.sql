begin;
select plan(17);

select tests.refuses(
  format('select tests.schedule(%L, %L)', 'a', settings), 'invalid_argument', settings)
from unnest(array['{"time_zone": "Mars/Olympus"}', '{"time_zone": "EST5EDT4"}',
  '{"time_zone": null}', '{"type": "a b"}', '{"type": null}', '{"type": true}', '{"priority": 101}',
  '{"max_attempts": 0}', '{"timeout_ms": 1}', '{"overlap": "queue"}', '{"catch_up": "twice"}',
  '{"unknown": 1}', '{"payload": null}', '{"paused": "maybe"}',
  '{"tenant_id": "00000000-0000-0000-0000-000000000000"}']) as settings;
select tests.refuses(
  $$ select jobforge_configure_schedule(tests.tenant('acme'), 'Not a Name',
    '{"type": "a", "expression": "* * * * *"}') $$, 'invalid_argument', 'a name');
select tests.refuses(
  $$ select jobforge_configure_schedule(tests.tenant('acme'), 'a', '[]') $$, 'invalid_argument',
  'no object');

select * from finish();
rollback;
